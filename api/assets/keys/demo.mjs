// `/signin#demo=…`: a link that `hourbook demo` printed, with the key or the code of somebody who does not exist.
//
// What stands after `#` is never sent. It is taken where the page says that the ledger holds demo data, and nowhere else: a
// link could otherwise put a key that its maker knows into the browser of somebody real.

import { hex } from "./bytes.mjs";
import * as client from "./client.mjs";
import { bring, supported } from "./keystore.mjs";
import { busy, hideFaults, showFault } from "./page.mjs";

const place = document.querySelector("[data-link]");
const { ledger, next, pin } = place.dataset;

/** What the link carries; from now on it is not in the address. */
function carried() {
  const given = new URLSearchParams(location.hash.slice(1)).get("demo");
  if (given !== null) history.replaceState(history.state, "", location.pathname + location.search);
  return given;
}

function tell(name) {
  for (const text of place.querySelectorAll("[data-told]")) text.hidden = text.dataset.told !== name;
}

async function signIn(seed) {
  if (!supported()) return showFault(place, "unsupported");
  tell("key");
  const { signer, keep } = await bring(hex.decode(seed), ledger);
  const { member, name } = await client.signIn(signer);
  await keep({ person: member, name: name ?? "", pin });
  location.assign(next);
}

function fill(code) {
  tell("code");
  const field = document.querySelector("#code");
  field.value = code;
  field.focus();
}

async function follow() {
  const given = carried();
  if (given === null) return undefined;
  hideFaults(place);
  tell();
  place.hidden = false;
  if (pin === undefined) return showFault(place, "no-demo");
  if (/^[0-9a-f]{64}$/.test(given)) return busy(place, () => signIn(given));
  return /^[0-9]{8,40}$/.test(given) ? fill(given) : showFault(place, "no-link");
}

function fault(error) {
  tell();
  if (error instanceof client.Refused) return showFault(place, "refused", error.message);
  return showFault(place, error instanceof TypeError ? "network" : "unsupported", String(error));
}

const act = () => follow().catch(fault);
// Another link in the same tab loads nothing anew.
addEventListener("hashchange", act);
await act();
