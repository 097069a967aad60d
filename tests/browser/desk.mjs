// The community's desk in a real browser: node desk.mjs CONFIRMER_LINK
//
// A worker opens 今日, and a recording of many rows: those without a warning are ticked. One is sent back with a reason, and
// all of it is confirmed in two taps. A server that drafts other rows is refused. Exit 1 on any failure. Screenshots go to
// shots/desk-*.png.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { newContext, newPage, withBrowser } from "./chromium.mjs";
import { SIZES, looker, must, signs, signsIn } from "./signing.mjs";

const [link] = process.argv.slice(2);
if (!link) {
  console.error("usage: node desk.mjs CONFIRMER_LINK");
  process.exit(2);
}
const base = new URL(link).origin;
const shots = join(import.meta.dirname, "shots");
const look = looker(shots, "desk");

/** A recording of others in which at least two rows wait. */
async function opensHours(page) {
  await page.goto(`${base}/today`);
  // Of those that wait one of several rows: "rows: 5, ..." or "5 条".
  const items = page.locator(".work li").filter({ hasText: /rows: ([2-9]|\d\d)|([2-9]|\d\d) 条/ });
  const item = items.locator("a[href^='/hours/']").first();
  const href = await item.getAttribute("href");
  await item.click();
  await page.waitForURL(`${base}${href}`);
  return href;
}

/** Opens what waits of a kind, by the words of its section. */
async function opens(page, title) {
  await page.goto(`${base}/today`);
  await page.locator(".work").filter({ hasText: title }).locator("li a").first().click();
}

/** The answer to what was handed in is lost: the page says so, and handed in again it is recorded once. */
async function handsInAgain(page) {
  await opens(page, /Hours to confirm/);
  await page.click("[data-all]");
  const handedIn = [];
  await page.route("**/v1/events?*", async (route) => {
    handedIn.push(route.request().postData());
    const answer = await route.fetch();
    if (handedIn.length === 1) return route.abort();
    return route.fulfill({ response: answer });
  });
  await page.click("[data-bar] [type=submit]");
  await page.locator("dialog [data-fault=network]").waitFor({ state: "visible" });
  await look(page, "lost");
  const next = page.waitForURL(/min_position=/);
  await page.click("dialog button[value=sign]");
  await next;
  must(handedIn.length === 2 && handedIn[0] === handedIn[1], "it was not handed in as it was");
  must(await page.locator(".notice.good").getByText("Receipt no.").count() === 1, "no receipt");
  await page.unroute("**/v1/events?*");
}

/** A wish is vetted: what the sentence should not say is warned of while it is typed. */
async function vets(page) {
  await opens(page, /Wishes to vet/);
  const form = "form[data-sign=vet-wish]";
  const area = page.locator(`${form} textarea`);
  await area.fill("住3栋2单元501，电话 139 0563 0001");
  must(await page.locator(`${form} [data-warning]:visible`).count() === 2, "the sentence is not warned of");
  await look(page, "vet");
  await area.fill("想请人帮忙取药");
  must(await page.locator(`${form} [data-warning]:visible`).count() === 0, "warned of nothing");
  await signsIn(page, form);
  await look(page, "vetted");
}

/** A resident says at the door that it was done; the worker signs for the resident. */
async function confirmsAtTheDoor(page) {
  await opens(page, /To call/);
  await look(page, "door");
  await page.locator("form[data-sign=confirm-wish] select").selectOption("3");
  await signsIn(page, "form[data-sign=confirm-wish]");
  must(await page.locator(".timeline").getByText("mostly content").count() === 1, "the rating is not told");
  await look(page, "granted");
}

async function decidesADispute(page) {
  await opens(page, /Disputes to decide/);
  await page.fill("form[data-sign=reject-dispute] textarea", "核实：第二次也去了");
  await look(page, "dispute");
  await signsIn(page, "form[data-sign=reject-dispute]");
}

async function answersReportIns(page) {
  await opens(page, /Report-ins/);
  await look(page, "report-ins");
  await signs(page);
  must(await page.locator("li[data-row]").count() === 0, "somebody still waits");
}

async function standsForACorrection(page) {
  await opens(page, /second person/);
  await look(page, "second");
  await signsIn(page, "form[data-sign=approve-act]");
}

async function run(browser) {
  mkdirSync(shots, { recursive: true });
  const context = await newContext(browser, { viewport: SIZES.phone, reducedMotion: "reduce" });
  const page = await newPage(context);
  page.on("pageerror", (error) => { throw new Error(`script error: ${error.message}`); });
  await page.goto(link);
  await page.waitForURL(`${base}/today`);
  await look(page, "today");
  const href = await opensHours(page);
  const rows = page.locator("li[data-row]");
  const count = await rows.count();
  must(count > 1, "one row only");
  await look(page, "hours");
  // What bears a warning is ticked by hand; one is sent back.
  await page.click("[data-all]");
  await rows.first().locator("label.pick").click();
  await rows.first().locator("select").selectOption({ index: 1 });
  await look(page, "sent-back");
  console.log(await page.locator("[data-sum]").textContent());
  await signs(page);
  await look(page, "confirmed");
  await page.goto(`${base}${href}`);
  must(await page.locator("li[data-row]").count() === 0, "rows still wait");
  await look(page, "done");
  await handsInAgain(page);
  await vets(page);
  await confirmsAtTheDoor(page);
  await decidesADispute(page);
  await answersReportIns(page);
  await standsForACorrection(page);
  await page.goto(`${base}/today`);
  await look(page, "evening");
}

await withBrowser(run);
