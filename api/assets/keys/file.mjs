// `/register`: people from a file. The server reads it and keeps nothing; what it found is put where rows are pasted, to be
// looked at, mended and signed as those are.

import { Refused, readRoll } from "./client.mjs";
import { busy, hideFaults, showFault } from "./page.mjs";

const place = document.querySelector("[data-file]");
const input = place.querySelector("input[type=file]");
const form = place.closest("form");
const area = form.querySelector("textarea");

/** As a row of a sheet: nothing that is read holds a tab. */
const row = ({ name, phone, volunteer_number: number }) => [name, phone ?? "", number ?? ""].join("\t");

/** Whether what stands in the field may go: nothing, what the last file put there, or what somebody lets go. */
const mayReplace = () => area.value.trim() === "" || area.value === place.filled || confirm(place.dataset.replace);

const numbered = (name, values) =>
  Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), place.dataset[name]);

const inChinese = document.documentElement.lang.startsWith("zh");
const said = (told) => (inChinese ? told.zh : told.en);

function list(name, texts) {
  const box = place.querySelector(`[data-${name}]`);
  box.hidden = texts.length === 0;
  box.querySelector("ul").replaceChildren(...texts.map((text) => {
    const line = document.createElement("li");
    line.textContent = text;
    return line;
  }));
}

function show({ people, gone, unread, errors, counts, notes }) {
  const wrong = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const more = wrong > errors.length ? [numbered("more", { count: wrong - errors.length })] : [];
  place.querySelector("[data-count]").textContent = numbered("found", { count: people.length });
  list("wrong", [...errors.map(said), ...more]);
  list("gone", gone.map(({ line, name }) => numbered("row", { line, name })));
  list("unread", unread.length > 0 ? [unread.join("、")] : []);
  list("notes", notes.map(said));
  place.querySelector("[data-told]").hidden = false;
}

async function read(file) {
  hideFaults(place);
  place.querySelector("[data-told]").hidden = true;
  if (!mayReplace()) return;
  const roll = await readRoll(form.elements.namedItem("home").value, file);
  area.value = roll.people.length === 0 ? "" : [place.dataset.head, ...roll.people.map(row)].join("\n");
  place.filled = area.value;
  show(roll);
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
