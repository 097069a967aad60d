// A street's desk in a real browser: node street.mjs STEWARD_LINK
//
// A steward reads the communities of the quarter, tries the next points policy, and signs it: a server that drafts other
// figures, another organisation or another day is refused. Exit 1 on any failure. Screenshots go to shots/street-*.png.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { newContext, newPage, withBrowser } from "./chromium.mjs";
import { SIZES, looker, must, signsIn, signsOnceAsked } from "./signing.mjs";

const [link] = process.argv.slice(2);
if (!link) {
  console.error("usage: node street.mjs STEWARD_LINK");
  process.exit(2);
}
const base = new URL(link).origin;
const shots = join(import.meta.dirname, "shots");
const look = looker(shots, "street");
const form = "form[data-sign=adopt-points-policy]";

/** The sums of the table are those of its rows. */
async function reads(page) {
  await page.goto(`${base}/communities`);
  const rows = await page.locator("table tbody tr").evaluateAll((all) =>
    all.map((row) => [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent.replace(/,/g, "")))));
  const sum = rows.pop();
  must(rows.length > 1, "fewer than two communities");
  for (let at = 1; at < sum.length; at += 1) {
    const added = rows.reduce((total, row) => total + row[at], 0);
    // Hours are shown with one decimal.
    must(Math.abs(added - sum[at]) <= 0.05 * rows.length, `column ${at}: ${added} is not ${sum[at]}`);
  }
  await look(page, "communities");
}

async function tries(page, red) {
  await page.fill("[name=red-from]", red);
  await page.click("main form[method=get] button[type=submit]");
  await page.waitForURL(/try=1/);
}

/** A server that drafts something else than what the page says. */
async function lies(page, change) {
  await page.route("**/v1/drafts*", async (route) => {
    const asked = JSON.parse(route.request().postData());
    const all = Array.isArray(asked) ? asked : [asked];
    all.forEach(change);
    await route.continue({ postData: JSON.stringify(asked) });
  });
  await page.locator(`${form} button[type=submit]`).click();
  await page.locator("dialog.signing[open]").waitFor();
  await signsOnceAsked(page);
  await page.locator("dialog [data-fault=differs]:visible").waitFor();
  await page.keyboard.press("Escape");
  await page.unroute("**/v1/drafts*");
}

async function run(browser) {
  mkdirSync(shots, { recursive: true });
  const context = await newContext(browser, { viewport: SIZES.phone, reducedMotion: "reduce" });
  const page = await newPage(context);
  page.on("pageerror", (error) => { throw new Error(`script error: ${error.message}`); });
  await page.goto(link);
  await page.waitForURL(`${base}/today`);
  await reads(page);
  await page.goto(`${base}/policies`);
  const city = await page.locator("select[name=org] option").nth(1).getAttribute("value");
  await page.goto(`${base}/policies?org=${city}`);
  await look(page, "policies");
  await page.locator("a[href*='kind=points']").click();
  await page.waitForURL(/policies\/draft/);
  await tries(page, "much");
  await look(page, "wrong");
  must(await page.locator(form).count() === 0 && await page.inputValue("[name=red-from]") === "much", "what was typed is lost, or can be signed");
  await tries(page, "72.5");
  await look(page, "tried");
  const other = "00000000-0000-0000-0000-000000000009";
  for (const change of [
    (drafted) => { drafted["red-from"] = 7_240; },
    (drafted) => { drafted.absence = -200; },
    (drafted) => { drafted["no-service"] = "yellow"; },
    (drafted) => { drafted.from = "2030-01-01"; },
    (drafted) => { drafted.org = other; },
    (drafted) => { delete drafted.org; },
  ]) await lies(page, change);
  const taps = await signsIn(page, form);
  await look(page, "adopted");
  must(await page.getByText(/red from 72\.5|72\.5 分起红榜|Red from 72\.5/).count() > 0, "the policy is not told");
  console.log(`street: a policy tried and signed: ${taps + 1} taps, six lies refused`);
}

await withBrowser(run);
