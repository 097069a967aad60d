// The forms of a page that are signed. What signing takes comes once somebody signs: most pages are only read.

import { busy, hideFaults, showFault } from "./page.mjs";
import "./leave.mjs";

const bar = document.getElementById("sign");

async function begin(form) {
  const signing = await import("./signing.mjs").catch((error) => {
    hideFaults(bar);
    bar.showModal();
    showFault(bar, "network", error.message);
  });
  return signing?.begin(form);
}

bar.querySelector("[data-cancel]").addEventListener("click", () => bar.close());

const forms = [...document.querySelectorAll("form[data-sign]")];
for (const form of forms) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.hasAttribute("aria-busy")) busy(form, () => begin(form));
  });
}
if (forms.some((form) => form.querySelector("[data-pick]"))) import("./picked.mjs");
