// Wishes from the door to the call, in a real browser: node wishes.mjs WORKER_LINK CONFIRMER_LINK OFFICER_LINK
//
// A worker posts wishes of a resident at the door, and more than one signature takes from a file; a second worker vets them together, and what should not be said stays
// unticked; an officer takes them on for a unit together, and says that one is done; the second worker hears at the door
// that it was. Taps are printed beside what was aimed at. Exit 1 on any failure. Screenshots go to shots/wishes-*.png.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { newContext, newPage, withBrowser } from "./chromium.mjs";
import { SIZES, looker, must, signs, signsIn, signsOnceAsked } from "./signing.mjs";

const [worker, confirmer, officer] = process.argv.slice(2);
if (!officer) {
  console.error("usage: node wishes.mjs WORKER_LINK CONFIRMER_LINK OFFICER_LINK");
  process.exit(2);
}
const base = new URL(worker).origin;
const shots = join(import.meta.dirname, "shots");
const look = looker(shots, "wishes");

/** A browser of somebody who follows a demo link. */
async function as(browser, link, act) {
  const context = await newContext(browser, { viewport: SIZES.phone, reducedMotion: "reduce" });
  const page = await newPage(context);
  page.on("pageerror", (error) => { throw new Error(`script error: ${error.message}`); });
  await page.goto(link);
  await page.waitForURL(/\/(me|today)$/);
  await act(page);
  await context.close();
}

/** A resident whom the worker may find: the page of that person. */
async function findsSomebody(page) {
  for (const family of ["王", "李", "张", "陈", "赵"]) {
    await page.goto(`${base}/people`);
    await page.fill("form[role=search] [name=q]", family);
    await page.click("form[role=search] button");
    const found = page.locator("main h3 a[href^='/people/']");
    if (await found.count() > 0) return await found.first().getAttribute("href");
  }
  throw new Error("nobody was found");
}

async function posts(page, person, words, isFirst) {
  await page.goto(`${base}${person}`);
  await page.click("a[href^='/wishes/new?for=']");
  await page.fill("form[data-sign=post-wish] [name=text]", words);
  if (isFirst) await look(page, "new");
  const taps = 1 + await signsIn(page, "form[data-sign=post-wish]");
  if (isFirst) {
    console.log(`post a wish at the door: ${taps} taps from the resident's page (aim: 4)`);
    await look(page, "posted");
  }
}

/** Tells the wishes of this run from those of another. */
const mark = String(1000 + Date.now() % 9000);
const [LAMP, POTS, BRUSH] = [`${mark} 型的灯`, `${mark} 盆花`, `${mark} 色的画笔`];
const SENTENCE = `想有人帮忙搬 ${POTS}`;
const WISHES = [`想要 ${LAMP}，电话 139 0563 0001`, `想有人帮忙搬 ${POTS}，家住3栋2单元501`, `孙子有自闭症，想要 ${BRUSH}`];

/** Somebody who is registered in this run. */
const NEWCOMER = `简${[...mark].slice(-2).map((digit) => "安宁和乐康泰平喜福瑞"[digit]).join("")}`;

/** More than one signature takes. */
const MANY = 205;

/** A register of wishes is taken from a file: of somebody who was just registered, and of nobody whom anybody knows. */
async function imports(page) {
  const [name, phone] = [NEWCOMER, `1540000${mark}`];
  await page.goto(`${base}/register`);
  await page.fill("textarea[data-columns]", `姓名\t电话\n${name}\t${phone}`);
  await signsIn(page, "form:has(textarea[data-columns])");
  await page.goto(`${base}/wishes/import`);
  const rows = Array.from({ length: MANY }, (_, at) => `${at + 1},${name},70,${phone},独居老人,想要 ${at + 1} 本 ${mark} 版的书,物品,,,`);
  const others = [`,无名氏,60,15400000000,,想理发,服务,,,`, `,${name},70,${phone},,想看戏,服务,,已完成,`];
  const head = "序号,心愿人姓名,年龄,联系电话,人员类别(独居老人/其他),心愿内容,心愿类别(物品/服务),认领人,完成时间,备注";
  const buffer = Buffer.from(["微心愿征集认领台账", head, ...rows, ...others].join("\n"));
  await page.setInputFiles("[data-file] input", { name: "wishes.csv", mimeType: "text/csv", buffer });
  await page.locator("[data-told]").waitFor();
  must(await page.locator("[data-pick]:checked").count() === MANY, "not all of them are ticked");
  for (const [list, text] of [["unknown", "无名氏"], ["done", name], ["unread", "人员类别"]]) {
    must(await page.locator(`[data-list=${list}]`).getByText(text).first().isVisible(), `${list}: ${text} is not told`);
  }
  await page.evaluate((shown) => [...document.querySelectorAll("[data-wishes] li")].slice(shown).forEach((row) => { row.style.display = "none"; }), 5);
  await look(page, "import");
  const taps = await signs(page);
  console.log(`${MANY} wishes from a file: ${1 + taps} taps (aim: 3)`);
  await page.goto(`${base}/wishes/import`);
  await page.setInputFiles("[data-file] input", { name: "wishes.csv", mimeType: "text/csv", buffer });
  await page.locator("[data-told]").waitFor();
  must(await page.locator("[data-pick]").count() === 0, "what was posted is offered again");
  must(await page.locator("[data-list=twice] li").count() === MANY, "what was posted is not told");
}

async function vetsTogether(page) {
  await page.goto(`${base}/today`);
  await page.click("a[href='/wishes/vetting']");
  const row = (words) => page.locator("[data-row]").filter({ hasText: words }).first();
  for (const [words, isTicked] of [[LAMP, true], [POTS, true], [BRUSH, false]]) {
    must(await row(words).locator("[data-pick]").isChecked() === isTicked, `${words}: ticked or not`);
  }
  const sentence = row(POTS).locator("textarea");
  must(await sentence.inputValue() === SENTENCE, `proposed: ${await sentence.inputValue()}`);
  await sentence.fill("住3栋2单元");
  must(await row(POTS).locator("[data-warning]:visible").count() === 1, "the address is not warned of");
  await sentence.fill(SENTENCE);
  must(await row(POTS).locator("[data-warning]:visible").count() === 0, "warned of nothing");
  await look(page, "vetting");
  const ticked = await page.locator("[data-pick]:checked").count();
  const taps = await signs(page);
  console.log(`vet ${ticked} wishes together: ${taps} taps (aim: 2)`);
  must(await page.locator("[data-row]").filter({ hasText: BRUSH }).count() === 1, "what was unticked is gone");
  must(await page.locator("[data-row]").filter({ hasText: POTS }).count() === 0, "what was ticked still waits");
  await look(page, "vetted-together");
}

/** So many a unit takes on at once. */
const TOGETHER = 75;

/** Open wishes hang on the wall, each with a square that leads to it. */
async function hangsUp(page) {
  await page.goto(`${base}/wishes`);
  await page.click("a[href='/wishes/wall']");
  const card = page.locator(".slip").filter({ hasText: SENTENCE });
  await card.locator("svg path").waitFor({ state: "attached" });
  await look(page, "wall");
  const pdf = await page.pdf({ format: "A4" });
  const sheets = (pdf.toString("latin1").match(/\/Type\s*\/Page[^s]/g) ?? []).length;
  const cards = await page.locator(".slip").count();
  must(sheets === Math.ceil(cards / 8), `${cards} cards on ${sheets} sheets`);
}

async function claimsTogether(page) {
  await page.goto(`${base}/wishes`);
  await page.click("a[href='/wishes/claiming']");
  for (const words of [LAMP, POTS]) {
    await page.locator("[data-row]").filter({ hasText: words }).first().locator("label.pick").click();
  }
  const boxes = page.locator("[data-pick]:not(:checked)");
  await boxes.evaluateAll((all, most) => all.slice(0, most).forEach((box) => box.click()), TOGETHER - 2);
  await look(page, "claiming");
  const taps = await signs(page);
  console.log(`take ${TOGETHER} wishes on for a unit, once they are ticked: ${taps} taps`);
  must(await page.locator("[data-row]").filter({ hasText: LAMP }).count() === 0, "still open");
}

/** The wish of these words, by the board. */
async function opensWish(page, status, words) {
  await page.goto(`${base}/wishes?status=${status}`);
  const link = page.locator(".wish-board a").filter({ hasText: words }).first();
  const href = await link.getAttribute("href");
  await link.click();
  await page.waitForURL(`${base}${href}`);
}

async function run(browser) {
  mkdirSync(shots, { recursive: true });
  await as(browser, worker, async (page) => {
    await imports(page);
    const person = await findsSomebody(page);
    for (const [at, words] of WISHES.entries()) await posts(page, person, words, at === 0);
    await page.goto(`${base}/wishes/vetting`);
    must(await page.locator("[data-row]").filter({ hasText: POTS }).count() === 0, "whoever posts vets");
  });
  await as(browser, confirmer, async (page) => {
    await vetsTogether(page);
    await hangsUp(page);
  });
  await as(browser, officer, async (page) => {
    await claimsTogether(page);
    await opensWish(page, "claimed", SENTENCE);
    await look(page, "claimed");
    await signsIn(page, "form[data-sign=fulfil-wish]");
  });
  await as(browser, confirmer, async (page) => {
    await opensWish(page, "fulfilled", SENTENCE);
    await signsIn(page, "form[data-sign=confirm-wish]");
    await look(page, "granted");
    must(await page.locator(".tags").getByText("Granted").count() > 0, "it is not granted");
  });
  await as(browser, worker, recordsHours);
  await as(browser, confirmer, confirmsHours);
}

/** Adds whoever came for the unit, and fills in when that was. */
async function addsHelper(page, name) {
  await page.fill("[data-search] input", name);
  await page.click("[data-search] button");
  await page.locator("[data-found] button").first().click();
  // What a run takes minutes for cannot have begun an hour ago on every day.
  await page.fill("[data-from]", "00:00");
  await page.fill("[data-until]", "00:01");
}

/** A server that drafts the hours of another wish, in the place of those of this one, is refused. */
async function refusesAnotherWish(page) {
  await page.route("**/v1/drafts*", async (route) => {
    const asked = route.request().postDataJSON();
    if (asked.wish) asked.wish = "00000000-0000-0000-0000-000000000009";
    await route.continue({ postData: JSON.stringify(asked) });
  });
  await page.click("[data-bar] [type=submit]");
  await page.locator("dialog.signing[open]").waitFor();
  await signsOnceAsked(page);
  await page.locator("dialog [data-fault=differs]:visible").waitFor();
  await page.keyboard.press("Escape");
  await page.unroute("**/v1/drafts*");
}

/** The hours of who came for the unit are recorded, and for that wish no second time. */
async function recordsHours(page) {
  await opensWish(page, "confirmed", SENTENCE);
  await page.click("a[href$='/hours']");
  await addsHelper(page, NEWCOMER);
  await look(page, "hours");
  await refusesAnotherWish(page);
  const taps = await signs(page);
  console.log(`the hours of a granted wish: ${taps} taps, once somebody is chosen`);
  await page.click("a[href$='/hours']");
  await addsHelper(page, NEWCOMER);
  await page.fill("[data-until]", "00:02");
  await page.click("[data-bar] [type=submit]");
  await page.locator("dialog [data-fault=refused]:visible").getByText(/recorded before/).waitFor();
}

async function confirmsHours(page) {
  await page.goto(`${base}/today`);
  await page.locator(".work li").filter({ hasText: "微心愿服务" }).first().locator("a[href^='/hours/']").click();
  await page.click("[data-all]");
  await signs(page);
  must(await page.locator(".notice.good").getByText("Receipt no.").count() === 1, "they are not confirmed");
}

await withBrowser(run);
