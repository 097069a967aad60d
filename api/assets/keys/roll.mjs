// The roll on a page: how long each was there, and whoever came without having signed up.

import { people, Refused } from "./client.mjs";
import { presence } from "./compose.mjs";

const MINUTE = 60_000;
const form = document.querySelector("form[data-compose=roll], form[data-compose=helped]");

/** The bar adds up how long those who are ticked were there. */
function minutes() {
  for (const row of form.querySelectorAll("[data-row]")) {
    try {
      const { start, end } = presence(form, row);
      row.dataset.minutes = (end - start) / MINUTE;
    } catch {
      row.dataset.minutes = 0;
    }
  }
}

const isOn = (person) => [...form.querySelectorAll("[data-row]")].some((row) => JSON.parse(row.dataset.row).person === person);

/** Somebody who was found, as a row that is ticked. */
function add({ id, name, phone, home }) {
  if (isOn(id)) return;
  const row = form.querySelector("template[data-walk-up]").content.cloneNode(true).firstElementChild;
  row.dataset.row = JSON.stringify({ person: id });
  row.dataset.name = name;
  for (const place of row.querySelectorAll("[data-name]")) place.textContent = name;
  row.querySelector("[data-about]").textContent = [phone, home].filter(Boolean).join(" · ");
  form.querySelector("[data-picks]").append(row);
  form.dispatchEvent(new Event("change"));
}

function offer(found, { people: hits, too_many: tooMany }) {
  const say = (name) => { found.textContent = found.dataset[name]; };
  if (tooMany) return say("many");
  const fresh = hits.filter(({ id }) => !isOn(id));
  if (fresh.length === 0) return say("none");
  return found.replaceChildren(...fresh.map((hit) => {
    const item = document.createElement("li");
    const button = item.appendChild(document.createElement("button"));
    button.type = "button";
    button.className = "second";
    button.textContent = [hit.name, hit.phone, hit.home].filter(Boolean).join(" · ");
    button.addEventListener("click", () => {
      add(hit);
      found.replaceChildren();
    });
    return item;
  }));
}

/** Whoever is found is offered; what went wrong is said there. */
async function look(field, found) {
  const words = field.value.trim();
  if (!words) return field.focus();
  try {
    return offer(found, await people(words));
  } catch (error) {
    if (!(error instanceof Refused)) found.textContent = found.dataset.unreached;
    else found.textContent = error.code === "bad-request" ? found.dataset.short : error.message;
  }
}

if (form) {
  // Before the bar adds up.
  form.addEventListener("change", minutes, { capture: true });
  minutes();
  form.dispatchEvent(new Event("change"));
  const search = document.querySelector("[data-search]");
  const [field, found] = [search?.querySelector("input"), search?.querySelector("[data-found]")];
  search?.querySelector("button").addEventListener("click", () => look(field, found));
  field?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    // Enter looks for somebody and signs nothing.
    event.preventDefault();
    look(field, found);
  });
}
