// What is signed in a page by a key that came by a demo link.
import { join } from "node:path";
import { look as seen } from "./chromium.mjs";

/** Of a key that came by a demo link. */
const PIN = "000000";
export const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 }, narrow: { width: 320, height: 640 } };
export const must = (truth, what) => { if (!truth) throw new Error(what); };

/** Shows a page at each width: nothing runs over the edge, and axe has nothing to say. */
export const looker = (shots, of) => async (page, name) => {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    must(over <= 0, `${name} at ${size}: ${over} px over the edge`);
    await seen(page, join(shots, `${of}-${name}-${size}.png`), { fullPage: true });
  }
  await page.setViewportSize(SIZES.phone);
};

/** Presses the button of the bar, and types the PIN if the key is locked; what it came to is on the page that follows. How many taps it took. */
export async function signs(page) {
  const next = page.waitForURL(/min_position=/);
  await page.click("[data-bar] [type=submit]");
  const pin = page.locator("dialog.signing[open] [data-pin] input");
  const isLocked = await Promise.race([pin.waitFor().then(() => true, () => false), next.then(() => false)]);
  if (isLocked) {
    await pin.fill(PIN);
    await page.click("dialog button[value=sign]");
  }
  await next;
  return isLocked ? 2 : 1;
}

/** Signs a form that asks in the dialog. How many taps it took. */
export async function signsIn(page, form) {
  await page.locator(`${form} button[type=submit]`).click();
  await page.locator("dialog.signing[open]").waitFor();
  const next = page.waitForURL(/min_position=/);
  await signsOnceAsked(page);
  await next;
  return 2;
}

/** Answers the dialog, with the PIN if the key is locked. */
export async function signsOnceAsked(page) {
  const pin = page.locator("dialog.signing[open] [data-pin] input");
  if (await pin.isVisible()) await pin.fill(PIN);
  await page.click("dialog button[value=sign]");
}
