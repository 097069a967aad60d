// `/me/keys`: makes a key on this device and enrols it; shows which of the person's keys are here, has one answer a
// colleague who compares it, gives them another PIN, and removes what has ended.

import * as client from "./client.mjs";
import { answer, digits, spoken } from "./compare.mjs";
import { NoKey, WrongPin, changePin, create, list, remove, supported, unlocked } from "./keystore.mjs";
import { busy, hideFaults, showFault } from "./page.mjs";
import "./leave.mjs";

const maker = document.querySelector("[data-make]");

const others = document.querySelector("[data-others]");
const changer = document.querySelector("[data-change-pin]");

async function mark() {
  const known = new Map((await list()).map((key) => [key.id, key]));
  const shown = [...document.querySelectorAll("li[data-key]")].map((item) => [item, known.get(item.dataset.key)]);
  for (const [item, key] of shown) {
    for (const place of item.querySelectorAll("[data-here], [data-tools]")) place.hidden = !key;
    if (!key) continue;
    item.querySelector("[data-compare]")?.addEventListener("input", (event) => answers(item, key, event.target.value));
    item.querySelector("[data-remove]")?.addEventListener("click", () => remove(key.id).then(() => location.reload()));
  }
  offer(shown.filter(([, key]) => key).map(([, key]) => key));
  const mine = new Set(shown.map(([item]) => item.dataset.key));
  answersForOthers([...known.values()].filter(({ id, ledger }) => ledger === others.dataset.ledger && !mine.has(id)));
}

/** What the key answers to the six digits of whoever is about to name it. */
async function answers(place, key, typed) {
  const asked = digits(typed);
  place.querySelector("output").textContent = asked.length === 6 ? spoken(await answer(key.ledger, key.id, asked)) : "";
}

/** On a computer of several, the key of whoever is not signed in answers, too. */
function answersForOthers(keys) {
  others.hidden = keys.length === 0;
  const [select, field] = others.querySelectorAll("select, input");
  select.replaceChildren(...keys.map(({ id, name }) => new Option(`${name} · ${id.slice(0, 4)}`, id)));
  const answerNow = () => answers(others, keys.find(({ id }) => id === select.value), field.value);
  select.addEventListener("change", answerNow);
  field.addEventListener("input", answerNow);
}

/** A change of the PIN for the keys that are here. */
function offer(keys) {
  changer.hidden = keys.length === 0;
  changer.querySelector("select").replaceChildren(...keys.map(({ id }) => new Option(id.slice(0, 8), id)));
  changer.querySelector("label").hidden = keys.length < 2;
}

/** The PIN that was typed twice alike; none if it was not. */
function newPin(form) {
  const [pin, again] = ["pin", "again"].map((field) => form.elements.namedItem(field).value);
  return pin === again ? pin : undefined;
}

async function change(form) {
  const pin = newPin(form);
  if (!pin) return showFault(changer, "unequal");
  await changePin(form.elements.namedItem("key").value, form.elements.namedItem("old").value, pin);
  form.reset();
  changer.querySelector("[data-done]").hidden = false;
}

/**
 * A key that was made and of which the page knows nothing: its enrolment was perhaps lost on the way, and is asked for again.
 * Nothing is removed here: the log may know a key that the page does not know yet.
 */
async function finish({ person, ledger }) {
  const onLog = new Set([...document.querySelectorAll("li[data-key]")].map((key) => key.dataset.key));
  for (const key of await list()) {
    if (key.person !== person || key.ledger !== ledger || onLog.has(key.id)) continue;
    const signer = await unlocked(key.id);
    if (signer) await enrol(signer);
  }
}

async function enrol(signer) {
  const { position } = await client.enrol(signer);
  location.assign(`${location.pathname}?min_position=${position}`);
}

async function make(form) {
  const { person, name, ledger } = maker.dataset;
  const pin = newPin(form);
  if (!pin) return showFault(maker, "unequal");
  const signer = await create({ person, name, ledger, pin });
  return enrol(signer).catch(async (error) => {
    // What the ledger refused is nobody's key, and would stand among the names of this device for ever.
    if (error.isDefinite) await remove(signer.id);
    throw error;
  });
}

const fault = (within) => (error) => {
  if (error instanceof client.Refused) return showFault(within, "refused", error.message);
  const known = [[WrongPin, "wrong-pin"], [NoKey, "no-key"], [TypeError, "network"]].find(([kind]) => error instanceof kind);
  return showFault(within, known?.[1] ?? "unsupported", known ? "" : String(error));
};

/** Runs what a form asks for, and shows what went wrong where it stands. */
function onSubmit(place, act) {
  place.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    hideFaults(place);
    busy(place, () => act(event.target)).catch(fault(place));
  });
}

if (supported()) {
  await mark();
  onSubmit(changer, change);
  if (maker) {
    maker.hidden = false;
    onSubmit(maker, make);
    await finish(maker.dataset).catch(fault(maker));
  }
} else {
  for (const notice of document.querySelectorAll("[data-unsupported]")) notice.hidden = false;
}
