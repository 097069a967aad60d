// `/signin`: whoever has a key on this device picks the own name and types the PIN.

import * as client from "./client.mjs";
import { WrongPin, list, remove, supported, unlock } from "./keystore.mjs";
import { busy, hideFaults, showFault } from "./page.mjs";
import "./slip.mjs";
import "./demo.mjs";

// Whoever comes to sign in finds nothing of whoever was here before.
sessionStorage.removeItem("slips");

const place = document.querySelector("[data-by-key]");
const keys = supported() ? (await list()).filter(({ ledger }) => ledger === place.dataset.ledger) : [];

function choices() {
  const select = place.querySelector("select");
  select.replaceChildren(...keys.map(({ id, name }) => new Option(`${name} · ${id.slice(0, 4)}`, id)));
}

async function open(form) {
  const [key, pin] = ["key", "pin"].map((name) => form.elements.namedItem(name));
  const signer = await unlock(key.value, pin.value);
  pin.value = "";
  await client.signIn(signer);
  location.assign(place.dataset.next);
}

const forget = place.querySelector("[data-forget]");

function fault(error) {
  // The server tells a stranger no more than that a key does not let in.
  forget.hidden = error.code !== "wrong-challenge";
  if (!forget.hidden) return;
  if (error instanceof client.Refused) return showFault(place, "refused", error.message);
  if (error instanceof WrongPin) return showFault(place, "wrong-pin");
  return showFault(place, error instanceof TypeError ? "network" : "unsupported", String(error));
}

if (keys.length > 0) {
  choices();
  place.hidden = false;
  forget.querySelector("button").addEventListener("click", async () => {
    await remove(place.querySelector("select").value);
    location.reload();
  });
  place.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    hideFaults(place);
    busy(place, () => open(event.target)).catch(fault);
  });
}
