// `/slips`: the one-time codes that were just given, each on a slip of its own. They are in this tab alone.

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

function show() {
  const slips = own();
  place.querySelector("ul").replaceChildren(...slips.map(({ name, code, until }) => {
    const one = slip.content.cloneNode(true);
    for (const [field, text] of [["name", name], ["code", grouped(code)], ["until", day(until)], ["where", location.origin]]) {
      one.querySelector(`[data-${field}]`).textContent = text;
    }
    return one;
  }));
  place.hidden = slips.length === 0;
  document.querySelector("[data-none]").hidden = slips.length > 0;
}

place.querySelector("[data-print]").addEventListener("click", () => window.print());
place.querySelector("[data-done]").addEventListener("click", () => {
  sessionStorage.removeItem("slips");
  show();
});
show();
