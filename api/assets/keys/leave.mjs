// Whoever signs out leaves no unlocked key and no code behind, whatever page that is on.

import { lockAll, supported } from "./keystore.mjs";

/** So long the way out waits for the browser's store, in milliseconds: it is never barred. */
const PATIENCE = 2_000;

const locked = () => Promise.race([lockAll(), new Promise((done) => { setTimeout(done, PATIENCE); })]).catch(() => {});

for (const form of document.querySelectorAll("form[data-out]")) {
  let isLocked = false;
  form.addEventListener("submit", (event) => {
    sessionStorage.removeItem("slips");
    if (isLocked || !supported()) return;
    // The page that follows would cut the locking short.
    event.preventDefault();
    locked().then(() => {
      isLocked = true;
      form.requestSubmit(event.submitter);
      isLocked = false;
    });
  });
}
