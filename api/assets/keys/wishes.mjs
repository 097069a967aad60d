// `/wishes/import`: wishes from a file. The server reads it and keeps nothing; what it found becomes rows to be looked at,
// mended and signed.

import { Refused, readWishes } from "./client.mjs";
import { busy, hideFaults, showFault } from "./page.mjs";
import { total } from "./picked.mjs";

const place = document.querySelector("[data-file]");
const input = place.querySelector("input[type=file]");
const form = place.closest("form");
const template = form.querySelector("template[data-wish]");

const numbered = (name, values) =>
  Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), place.dataset[name]);
const said = (told) => (document.documentElement.lang.startsWith("zh") ? told.zh : told.en);
const named = ({ line, name }) => numbered("row", { line, name });

function list(name, texts) {
  const box = place.querySelector(`[data-list=${name}]`);
  box.hidden = texts.length === 0;
  box.querySelector("ul").replaceChildren(...texts.map((text) => {
    const line = document.createElement("li");
    line.textContent = text;
    return line;
  }));
}

function row(wish) {
  const copy = template.content.cloneNode(true);
  const line = copy.querySelector("li");
  line.dataset.row = JSON.stringify({ resident: wish.resident });
  line.dataset.name = named(wish);
  copy.querySelector("[data-who]").textContent = named(wish);
  copy.querySelector("[data-pick]").checked = !wish.is_child;
  copy.querySelector("[data-child]").hidden = !wish.is_child;
  copy.querySelector("[data-field=text]").value = wish.text;
  copy.querySelector("[data-field=category]").value = wish.category;
  return copy;
}

function show({ wishes, unknown, ambiguous, twice, done, unread, errors, counts, notes }) {
  const wrong = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const more = wrong > errors.length ? [`+ ${wrong - errors.length}`] : [];
  place.querySelector("[data-count]").textContent = numbered("found", { count: wishes.length });
  list("wrong", [...errors.map(said), ...more, ...notes.map(said)]);
  for (const [name, rows] of Object.entries({ unknown, ambiguous, twice, done })) list(name, rows.map(named));
  list("claimed", wishes.filter(({ unit }) => unit).map((wish) => `${named(wish)}：${wish.unit}`));
  list("unread", unread.length > 0 ? [unread.join("、")] : []);
  place.querySelector("[data-to-register]").value = unknown.map(({ name, phone }) => `${name}\t${phone}`).join("\n");
  place.querySelector("[data-told]").hidden = false;
  const rows = form.querySelector("[data-wishes]");
  rows.hidden = wishes.length === 0;
  rows.querySelector("ul").replaceChildren(...wishes.map(row));
  total(form);
}

async function read(file) {
  hideFaults(place);
  place.querySelector("[data-told]").hidden = true;
  show(await readWishes(form.elements.namedItem("org").value, file));
}

function fault(error) {
  if (error instanceof Refused) return showFault(place, "refused", error.message);
  return showFault(place, "network", String(error.message));
}

input.addEventListener("change", () => {
  const [file] = input.files;
  if (!file) return;
  // The same file, mended, may be chosen again.
  busy(form, () => read(file)).catch(fault).finally(() => { input.value = ""; });
});
