// `/slips`: the one-time codes that were just given, each on a slip of its own, to be typed or scanned. They are in this tab
// alone, and so their squares are drawn here.

import { square } from "./square.mjs";

const place = document.querySelector("[data-slips]");
const slip = place.querySelector("template");

const grouped = (code) => code.replace(/(\d{4})(?=\d)/g, "$1 ");
const day = (until) => new Date(until).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

/** Slips of whoever is signed in here, as long as the codes are good; those of anybody else are dropped. */
function own() {
  const signer = document.getElementById("sign")?.dataset.person;
  const slips = JSON.parse(sessionStorage.getItem("slips") ?? "[]");
  const fresh = slips.filter(({ by, until }) => by === signer && until > Date.now());
  if (fresh.length < slips.length) sessionStorage.removeItem("slips");
  return fresh;
}

/** Where a code signs in. What stands after `#` is sent to nobody and stands in no log. */
const link = (code) => new URL(`/signin#code=${code}`, location.href).href;

/** Whether the address means this computer, whoever asks. */
const isHereAlone = () => /^(localhost|127\.[\d.]+|\[::1\])$/.test(location.hostname);

function show() {
  const slips = own();
  place.querySelector("ul").replaceChildren(...slips.map(({ name, code, until }) => {
    const one = slip.content.cloneNode(true);
    for (const [field, text] of [["name", name], ["code", grouped(code)], ["until", day(until)], ["where", `${location.origin}/signin`]]) {
      one.querySelector(`[data-${field}]`).textContent = text;
    }
    one.querySelector("[data-square]").append(square(link(code)));
    return one;
  }));
  place.hidden = slips.length === 0;
  document.querySelector("[data-none]").hidden = slips.length > 0;
  document.querySelector("[data-here]").hidden = slips.length === 0 || !isHereAlone();
}

place.querySelector("[data-print]").addEventListener("click", () => window.print());
place.querySelector("[data-done]").addEventListener("click", () => {
  sessionStorage.removeItem("slips");
  show();
});
show();
