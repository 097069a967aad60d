// What the scripts of pages share: showing what went wrong, and that something goes on.

export function hideFaults(within) {
  for (const place of within.querySelectorAll("[data-fault]")) place.hidden = true;
}

export function showFault(within, name, detail = "") {
  hideFaults(within);
  const place = within.querySelector(`[data-fault="${name}"]`);
  place.querySelector("[data-detail]").textContent = detail;
  place.hidden = false;
}

/** Runs something once at a time; until it ends the buttons are dead. */
export async function busy(within, act) {
  const buttons = [...within.querySelectorAll("button")];
  for (const button of buttons) button.disabled = true;
  within.setAttribute("aria-busy", "true");
  try {
    return await act();
  } finally {
    within.removeAttribute("aria-busy");
    for (const button of buttons) button.disabled = false;
  }
}
