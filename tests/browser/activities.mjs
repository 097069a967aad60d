// Activities at the desk in a real browser: node activities.mjs BASE_URL CALLER_LINK CONFIRMER_LINK VOLUNTEER_CODE
//
// A worker plans a weekly activity and publishes it in one signature; a volunteer signs up; the sheet is printed; the roll of
// an earlier shift that waits on 今日 is called late, and that of the new one with one who came along and one who did not
// come. A server that drafts another person, another time or another row is refused. A second worker confirms the hours. Taps
// are printed. Exit 1 on any failure. Screenshots go to shots/activities-*.png, the paper to shots/activities-sheet.pdf.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { look as seen, newContext, newPage, withBrowser } from "./chromium.mjs";

const [base, caller, confirmer, code] = process.argv.slice(2);
if (!code) {
  console.error("usage: node activities.mjs BASE_URL CALLER_LINK CONFIRMER_LINK VOLUNTEER_CODE");
  process.exit(2);
}
const at = (path) => new URL(path, base).href;
const shots = join(import.meta.dirname, "shots");
const must = (truth, what) => { if (!truth) throw new Error(what); };
/** Of a key that came by a demo link. */
const PIN = "000000";
const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 }, narrow: { width: 320, height: 640 } };
const MINUTE = 60_000;
const TITLE = `红色星期六 ${Date.now() % 100_000}`;
let taps = 0;

async function tap(page, selector) {
  taps += 1;
  await (typeof selector === "string" ? page.locator(selector) : selector).first().click();
}

const counted = (what, target) => {
  console.log(`${what}: ${taps} taps (aim: ${target})`);
  taps = 0;
};

/** The page at each width: nothing runs over the edge, and axe has nothing to say. */
async function look(page, name) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    must(over <= 0, `${name} at ${size}: ${over} px over the edge`);
    await seen(page, join(shots, `activities-${name}-${size}.png`), { fullPage: true });
  }
  await page.setViewportSize(SIZES.phone);
}

/** Presses a button that signs: in the dialog, or at once where the page says in its own bar what is signed. */
async function signs(page, button) {
  const next = page.waitForURL(/min_position=/);
  await tap(page, button);
  const sign = page.locator("dialog.signing[open] button[value=sign]");
  const isAsked = await Promise.race([sign.waitFor().then(() => true, () => false), next.then(() => false)]);
  if (isAsked) {
    const pin = page.locator("dialog.signing[open] [data-pin] input");
    if (await pin.isVisible()) await pin.fill(PIN);
    await tap(page, sign);
  }
  await next;
}

async function opened(browser, link) {
  const context = await newContext(browser, { viewport: SIZES.phone, reducedMotion: "reduce" });
  const page = await newPage(context);
  page.on("pageerror", (error) => { throw new Error(`script error: ${error.message}`); });
  await page.goto(link);
  await page.waitForURL(/\/today/);
  return page;
}

/** A shift of a minute that begins soon, in the ledger's time of day: one can sign up before, and call its roll soon after. */
function soon(offset) {
  const local = (time) => new Date(time + offset * MINUTE).toISOString();
  const end = Math.ceil(Date.now() / MINUTE + 2) * MINUTE;
  const [from, until] = [local(end - MINUTE), local(end)];
  return { day: from.slice(0, 10), from: from.slice(11, 16), until: until.slice(11, 16), end, isOneDay: from.slice(0, 10) === until.slice(0, 10) };
}

async function plans(page) {
  await page.goto(at("/activities"));
  await look(page, "list");
  await tap(page, "a[href='/activities/new']");
  const offset = Number(await page.locator("form[data-compose=plan]").getAttribute("data-offset"));
  const form = page.locator("form[data-compose=plan]");
  await form.locator("[name=title]").fill(TITLE);
  await form.locator("[name=place]").fill("东门集合");
  await form.locator("[name=content]").fill("清洁家园");
  await form.locator("[name=category]").selectOption("environment");
  await form.locator("[data-from]").fill("11:00");
  await form.locator("[data-until]").fill("09:00");
  await form.locator("[data-weeks]").fill("4");
  await form.locator("[data-places]").fill("3");
  await form.locator("button[type=submit]").click();
  await page.locator("dialog [data-fault=times]:visible").waitFor();
  await page.click("dialog [data-cancel]");
  await look(page, "plan");
  let when = soon(offset);
  while (!when.isOneDay) {
    await page.waitForTimeout(MINUTE);
    when = soon(offset);
  }
  await form.locator("[data-day]").fill(when.day);
  await form.locator("[data-from]").fill(when.from);
  await form.locator("[data-until]").fill(when.until);
  await signs(page, form.locator("button[type=submit]"));
  counted("plan a weekly activity and publish it", "4");
  must(await page.locator("section.work a[href*='/sheet?']").count() === 4, "there are not four shifts");
  must(await page.locator("form[data-sign=publish-activity]").count() === 0, "it is not published");
  return { path: new URL(page.url()).pathname, end: when.end };
}

async function signsUp(browser) {
  const context = await newContext(browser, { viewport: SIZES.phone, reducedMotion: "reduce" });
  const page = await newPage(context);
  await page.goto(at("/signin"));
  await page.fill("#code", code);
  await page.click("form[action='/signin'] button");
  await page.goto(at("/activities"));
  const item = page.locator("li.wish").filter({ hasText: TITLE }).first();
  taps = 0;
  await tap(page, item.locator("button"));
  await page.waitForURL(/\/activities$/);
  counted("sign up", "2");
  await page.locator("li.wish").filter({ hasText: TITLE }).first().locator(".notice").waitFor();
  await page.context().close();
}

async function prints(page, path) {
  await page.goto(at(path));
  await look(page, "published");
  await tap(page, page.locator("a[href*='/sheet?']").first());
  await look(page, "sheet");
  taps = 0;
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 794, height: 1123 });
  await page.screenshot({ path: join(shots, "activities-paper.png"), fullPage: true });
  await page.pdf({ path: join(shots, "activities-sheet.pdf"), format: "A4" });
  await page.emulateMedia({ media: null });
  await page.setViewportSize(SIZES.phone);
  const foot = await page.locator(".next-time").textContent();
  must(/\d{2}:\d{2}/.test(foot), `the sheet does not tell the next time: ${foot}`);
}

const bytesOf = (id) => Buffer.from(id.replaceAll("-", ""), "hex");

/** A server that drafts what it was not asked for. `spoil` gets the bytes and what was asked, and says whether it lied. */
async function refuses(page, kind, spoil, what) {
  let lied = false;
  let handedIn = 0;
  await page.route("**/v1/events?*", (route) => { handedIn += 1; return route.continue(); });
  await page.route("**/v1/drafts", async (route) => {
    const asked = route.request().postDataJSON();
    const answer = await route.fetch();
    const drafted = await answer.json();
    if (asked.kind !== kind) return route.fulfill({ response: answer, json: drafted });
    const bytes = Buffer.from(drafted.event, "base64");
    lied = spoil(bytes, asked);
    return route.fulfill({ response: answer, json: { ...drafted, event: bytes.toString("base64") } });
  });
  await page.click("[data-bar] [type=submit]");
  await page.locator("dialog.signing[open]").waitFor();
  const pin = page.locator("dialog.signing[open] [data-pin] input");
  if (await pin.isVisible()) {
    await pin.fill(PIN);
    await page.click("dialog button[value=sign]");
  }
  await page.locator("dialog [data-fault=differs]:visible").waitFor();
  must(lied, `${what}: nothing was spoilt`);
  must(handedIn === 0, `${what}: something was handed in all the same`);
  await page.click("dialog [data-cancel]");
  await page.unroute("**/v1/drafts");
  await page.unroute("**/v1/events?*");
}

/** One byte of each place at which an id stands. */
function changeId(bytes, id) {
  const found = bytes.indexOf(bytesOf(id));
  if (found >= 0) bytes[found + 7] ^= 1;
  return found >= 0;
}

/** Two ids in each other's place. */
function swap(bytes, [one, other]) {
  const [a, b] = [one, other].map((id) => bytes.indexOf(bytesOf(id)));
  if (a < 0 || b < 0) return false;
  bytesOf(other).copy(bytes, a);
  bytesOf(one).copy(bytes, b);
  return true;
}

function varint(number) {
  const all = [];
  for (let rest = BigInt(number); ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    if (rest < 0x80n) return Buffer.from([...all, low]);
    all.push(low | 0x80);
  }
}

/** The minute after the last, wherever it stands. */
function changeEnd(bytes, { end }) {
  const said = Buffer.concat([Buffer.from([0x10]), varint(end / MINUTE)]);
  const found = bytes.indexOf(said);
  if (found >= 0) bytes[found + 1] ^= 1;
  return found >= 0;
}

/** The key by which a row is recognised, which stands before the person. */
function changeKey(bytes, { persons }) {
  const found = bytes.indexOf(bytesOf(persons[0]));
  if (found >= 0) bytes[found - 3] ^= 1;
  return found >= 0;
}

const LIES = [
  ["call-roll", (bytes, { present }) => changeId(bytes, present[0]), "another person on the roll"],
  ["call-roll", (bytes, { present, absent }) => swap(bytes, [present[0], absent[0]]), "whoever did not come was there"],
  ["call-roll", changeEnd, "another time on the roll"],
  ["record-hours", (bytes, { persons }) => changeId(bytes, persons[0]), "another person's hours"],
  ["record-hours", (bytes, { persons }) => swap(bytes, persons), "swapped rows"],
  ["record-hours", changeEnd, "another time"],
  ["record-hours", changeKey, "another key of a row"],
  ["record-hours", (bytes, { org }) => changeId(bytes, org), "another organisation"],
];

/** Looks for somebody by a part of the name, and adds whoever is found first. */
async function addsAWalkUp(page, name) {
  const before = await page.locator("[data-picks] [data-row]").count();
  await page.fill("[data-search] input", name.slice(0, 2));
  await tap(page, "[data-search] > p button");
  await tap(page, page.locator("[data-found] button"));
  must(await page.locator("[data-picks] [data-row]").count() === before + 1, "nobody was added");
}

/** What is too short for a search is said in words that help. */
async function isToldWhatIsTooShort(page) {
  await page.fill("[data-search] input", "13");
  await page.click("[data-search] > p button");
  await page.locator("[data-found]").getByText(/four digits at least|四位数字/).waitFor();
}

/** The roll that waits on 今日 since before: late or not, in three taps. */
async function callsLate(page) {
  await page.goto(at("/today"));
  await look(page, "today");
  taps = 0;
  await tap(page, page.locator(".work a[href*='/roll?']").first());
  await page.locator("[data-bar]").waitFor();
  await look(page, "late");
  const names = await page.locator("[data-picks] [data-row]").evaluateAll((rows) => rows.map((row) => row.dataset.name));
  const why = page.locator("[data-late]");
  if (await why.count() > 0) {
    taps += 1;
    await why.selectOption({ index: 1 });
  }
  await signs(page, "[data-bar] [type=submit]");
  counted("late entry of a roll", "3");
  await look(page, "late-done");
  return names;
}

async function callsTheRoll(page, path, end, names) {
  while (Date.now() < end + 2_000) await page.waitForTimeout(2_000);
  await page.goto(at("/today"));
  taps = 0;
  await tap(page, page.locator(".work li").filter({ hasText: TITLE }).locator("a"));
  await page.locator("[data-bar]").waitFor();
  must(await page.locator("[data-picks] [data-row]").count() === 1, "the volunteer is not on the roster");
  await isToldWhatIsTooShort(page);
  for (const name of names.slice(0, 2)) await addsAWalkUp(page, name);
  // Who signed up did not come; of those who came along one left earlier.
  await page.locator("[data-picks] [data-row]").first().locator("[data-pick]").uncheck();
  await look(page, "roll");
  console.log(await page.locator("[data-sum]").textContent());
  for (const [kind, spoil, what] of LIES) await refuses(page, kind, spoil, what);
  await signs(page, "[data-bar] [type=submit]");
  counted("roll with one who did not come and two who came along", "roll first, in any order");
  must(new URL(page.url()).pathname === path, "it leads elsewhere");
  await look(page, "called");
}

async function confirms(page) {
  await page.goto(at("/today"));
  const item = page.locator(".work li").filter({ hasText: TITLE });
  await item.first().waitFor();
  await tap(page, item.locator("a[href^='/hours/']"));
  await page.locator("[data-bar]").waitFor();
  await page.click("[data-all]");
  await signs(page, "[data-bar] [type=submit]");
  counted("confirm the hours", "2");
  await page.goto(at("/today"));
  must(await page.locator(".work li").filter({ hasText: TITLE }).locator("a[href^='/hours/']").count() === 0, "they wait still");
}

async function run(browser) {
  mkdirSync(shots, { recursive: true });
  const worker = await opened(browser, caller);
  const { path, end } = await plans(worker);
  await signsUp(browser);
  await prints(worker, path);
  const known = await callsLate(worker);
  await callsTheRoll(worker, path, end, known);
  const second = await opened(browser, confirmer);
  taps = 0;
  await confirms(second);
}

await withBrowser(run);
