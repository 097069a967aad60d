// Signs in the page what a form asks for: the server drafts the event, the page reads its bytes, the person checks it and
// types the PIN, and the signed event is handed in.

import * as client from "./client.mjs";
import { Differs, Unreadable } from "./check.mjs";
import { WrongPin, lock, supported, unlock, unlocked } from "./keystore.mjs";
import { busy, hideFaults, showFault } from "./page.mjs";

const bar = document.getElementById("sign");
const { key, person, ledger, schema } = bar.dataset;

for (const form of document.querySelectorAll("form[data-sign]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin(form);
  });
}

/** What the form's address says, and what was typed. */
function given(form) {
  const typed = new FormData(form);
  const asked = Object.entries(JSON.parse(form.dataset.inputs)).filter(([name]) => typed.get(name)?.trim());
  const sent = asked.map(([name, how]) => [name, how === "number" ? Number(typed.get(name)) : typed.get(name)]);
  return { ...Object.fromEntries(sent), ...JSON.parse(form.dataset.given) };
}

/** The inputs whose texts go to the vault. */
const texts = (form) =>
  Object.entries(JSON.parse(form.dataset.inputs)).filter(([, how]) => how === "vault").map(([name]) => name);

/** What is asked, as it stands on the page: the button, and each field with its label. */
function say(form, values) {
  bar.querySelector(".what").textContent = form.querySelector("button").textContent.trim();
  const lines = [...form.elements].filter((field) => field.name in values && field.type !== "hidden");
  bar.querySelector("dl").replaceChildren(...lines.map((field) => {
    const line = document.createElement("div");
    const [label, text] = ["dt", "dd"].map((tag) => line.appendChild(document.createElement(tag)));
    label.textContent = field.closest("label")?.querySelector("span")?.textContent ?? field.name;
    text.textContent = field.selectedOptions?.[0]?.textContent ?? field.value;
    return line;
  }));
}

async function begin(form) {
  hideFaults(bar);
  const values = given(form);
  say(form, values);
  bar.querySelector("[data-event]").textContent = "";
  const signer = supported() ? await unlocked(key) : undefined;
  bar.querySelector("[data-pin]").hidden = Boolean(signer);
  bar.showModal();
  bar.querySelector("form").onsubmit = (event) => {
    event.preventDefault();
    busy(bar, () => sign(form, values)).catch((error) => fault(error));
  };
  if (!supported()) showFault(bar, "unsupported");
}

async function sign(form, values) {
  hideFaults(bar);
  const pin = bar.querySelector("[name=pin]");
  const signer = (await unlocked(key)) ?? await unlock(key, pin.value);
  pin.value = "";
  bar.querySelector("[data-pin]").hidden = true;
  if (signer.person !== person || signer.ledger !== ledger) throw new Differs("the key is of another person or ledger");
  const action = { name: form.dataset.sign, event: form.dataset.kind };
  const draft = await client.draft(schema, signer, action, values, texts(form));
  bar.querySelector("[data-event]").textContent = client.written(draft.event);
  const receipt = await client.submit(signer, draft);
  const next = new URL(form.dataset.done, location.href);
  next.searchParams.set("min_position", receipt.position);
  location.assign(next);
}

function fault(error) {
  const names = [[WrongPin, "wrong-pin"], [Differs, "differs"], [Unreadable, "differs"], [TypeError, "network"]];
  if (error instanceof client.Refused) return showFault(bar, "refused", error.message);
  if (error.name === "NoKey") return showFault(bar, "no-key");
  const known = names.find(([kind]) => error instanceof kind);
  if (error instanceof WrongPin) bar.querySelector("[data-pin]").hidden = false;
  return showFault(bar, known?.[1] ?? "unsupported", known ? error.message : String(error));
}

bar.querySelector("[data-cancel]").addEventListener("click", () => bar.close());
// Whoever signs out leaves no unlocked key behind.
document.querySelector("form.out")?.addEventListener("submit", () => { lock(key); });
