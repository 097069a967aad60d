// `/me/keys`: makes a key on this device and enrols it; shows which of the person's keys are here.

import * as client from "./client.mjs";
import { create, list, supported, unlocked } from "./keystore.mjs";
import { busy, hideFaults, showFault } from "./page.mjs";

const maker = document.querySelector("[data-make]");

async function mark() {
  const here = new Set((await list()).map(({ id }) => id));
  for (const key of document.querySelectorAll("li[data-key]")) {
    key.querySelector("[data-here]").hidden = !here.has(key.dataset.key);
  }
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
  const [pin, again] = ["pin", "again"].map((field) => form.elements.namedItem(field).value);
  if (pin !== again) return showFault(maker, "unequal");
  return enrol(await create({ person, name, ledger, pin }));
}

function fault(error) {
  if (error instanceof client.Refused) return showFault(maker, "refused", error.message);
  return showFault(maker, error instanceof TypeError ? "network" : "unsupported", String(error));
}

if (supported()) {
  await mark();
  if (maker) {
    maker.hidden = false;
    maker.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      hideFaults(maker);
      busy(maker, () => make(event.target)).catch(fault);
    });
    await finish(maker.dataset).catch(fault);
  }
} else {
  for (const notice of document.querySelectorAll("[data-unsupported]")) notice.hidden = false;
}
