// Whoever signs out leaves no unlocked key and no code behind, whatever page that is on.

import { lockAll, supported } from "./keystore.mjs";

for (const form of document.querySelectorAll("form[data-out]")) {
  form.addEventListener("submit", () => {
    sessionStorage.removeItem("slips");
    if (supported()) lockAll();
  });
}
