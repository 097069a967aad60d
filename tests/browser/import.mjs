// A paper Saturday in a real browser: node import.mjs WORKER_LINK CONFIRMER_LINK
//
// A worker takes a signed sheet of 37 names, half of them with ditto marks, two of them the same: who is meant is chosen, and all
// of it is signed; a colleague confirms it. The same sheet records nothing a second time, and an answer that is lost records
// once. A server that drafts something else than it shows is refused. Taps are printed beside what was aimed at. Exit 1 on any failure.
// Screenshots go to shots/import-*.png.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { newContext, newPage, withBrowser } from "./chromium.mjs";
import { SIZES, looker, must, signs, signsIn } from "./signing.mjs";

const [worker, confirmer] = process.argv.slice(2);
if (!confirmer) {
  console.error("usage: node import.mjs WORKER_LINK CONFIRMER_LINK");
  process.exit(2);
}
const base = new URL(worker).origin;
const shots = join(import.meta.dirname, "shots");
const look = looker(shots, "import");
const DAY = 86_400_000;
const CHINA = 8 * 3_600_000;

/** Tells the people of this run from those of another. */
const mark = String(100_000 + Date.now() % 900_000);
const HAN = "安宁和乐康泰平喜福瑞";
const han = (text) => [...text].map((digit) => HAN[digit]).join("");
const NAMES = 37;
/** The last two have one name; families of two letters are names, too. */
const people = Array.from({ length: NAMES }, (_, at) => ({
  name: `${"欧阳 司马 王 李 张 陈".split(" ")[at % 6]}${han(mark.slice(4))}${han(String(at).padStart(2, "0"))}`,
  phone: `154${mark}${String(at).padStart(2, "0")}`,
}));
people[NAMES - 1].name = people[NAMES - 2].name;

const saturday = new Date(Date.now() + CHINA - 3 * DAY);
const date = `${saturday.getUTCFullYear()}年${saturday.getUTCMonth() + 1}月${saturday.getUTCDate()}日`;

/** The sheet as it is typed from paper: names with a phone but for the regulars, times once and then ditto marks. */
function sheet(title) {
  const heading = `活动名称：${title} 活动时间：${date}8:30—11:30 活动地点：东门小广场 组织单位：社区 负责人：周建国 应到40人 实到37人`;
  const row = ({ name, phone }, at) => {
    const time = at % 2 === 0 ? ["8:30", "11:30"] : ["〃", "〃"];
    return [at + 1, name, at < NAMES - 2 ? phone : "", ...time, "", ""].join(",");
  };
  const rest = ["38,,,,,,", "39,,,,,,", "填表说明：本表一式两份,,,,,,"];
  return ["社区志愿服务活动签到表,,,,,,", `${heading},,,,,,`, "序号,姓名,联系电话,签到时间,签退时间,本人签名,身份证号", ...people.map(row), ...rest].join("\n");
}

async function as(browser, link, act) {
  const context = await newContext(browser, { viewport: SIZES.phone, reducedMotion: "reduce", acceptDownloads: true });
  const page = await newPage(context);
  page.on("pageerror", (error) => { throw new Error(`script error: ${error.message}`); });
  await page.goto(link);
  await page.waitForURL(/\/(me|today)$/);
  await act(page);
  await context.close();
}

async function registers(page) {
  await page.goto(`${base}/register`);
  await page.fill("textarea[data-columns]", ["姓名\t电话", ...people.map(({ name, phone }) => `${name}\t${phone}`)].join("\n"));
  await signsIn(page, "form:has(textarea[data-columns])");
}

const choosesFile = async (page, title, type = "csv") => {
  await page.setInputFiles("[data-file] input[type=file]", { name: `saturday.${type}`, mimeType: "text/csv", buffer: Buffer.from(sheet(title)) });
  await page.locator("[data-told]").waitFor();
};

/** Both who have one name are meant, each in a row of their own. */
async function chooses(page) {
  const selects = page.locator("[data-errors] select");
  must(await selects.count() === 2, `${await selects.count()} rows are asked about`);
  for (const at of [0, 1]) await selects.nth(at).selectOption({ index: at + 1 });
  await page.click("[data-again]");
  await page.locator("[data-bar] [type=submit]:enabled").waitFor();
  return 5;
}

/** A server that shows one thing and drafts another. `spoil` changes its answer. */
async function lies(page, what, spoil) {
  await page.route("**/v1/imports/preview*", async (route) => {
    const answer = await route.fetch();
    const told = await answer.json();
    spoil(told);
    return route.fulfill({ response: answer, json: told });
  });
  await page.locator("[data-read]").click();
  await page.locator("[data-fault=differs]:visible").waitFor();
  must(await page.locator("[data-bar]:visible").count() === 0, `${what} can be signed`);
  await page.unroute("**/v1/imports/preview*");
}

const bytesOf = (event) => Buffer.from(event.payload, "base64");
const put = (event, bytes) => { event.payload = bytes.toString("base64"); };
const idBytes = (id) => Buffer.from(id.replaceAll("-", ""), "hex");

/** Puts other bytes where some stand, the first time. */
function exchange(event, from, to) {
  const bytes = bytesOf(event);
  const at = bytes.indexOf(from);
  must(at >= 0, "nothing to exchange");
  to.copy(bytes, at);
  put(event, bytes);
}

const LIES = {
  "another end": ({ rows }) => { rows[0].end += 3_600_000; },
  "another person": ({ events, rows }) => exchange(events.at(-1), idBytes(rows[0].person), idBytes(rows[1].person)),
  "a row more": ({ events, batches }) => { events.push(events.at(-1)); batches[0] += 1; },
  "a row less": ({ rows }) => { rows.push({ ...rows[0], line: 99 }); },
  "another title": ({ events }) => { events[0].openings[0].value = "别的活动"; },
  "another ledger": ({ events }) => exchange(events[0], Buffer.from("example"), Buffer.from("elsewhe")),
};

/** The answer to what is handed in is lost; it is handed in again and recorded once. */
async function handsInTwice(page) {
  const bodies = [];
  await page.route("**/v1/events?*", async (route) => {
    bodies.push(route.request().postData());
    const answer = await route.fetch();
    return bodies.length === 1 ? route.abort() : route.fulfill({ response: answer });
  });
  await page.click("[data-bar] [type=submit]");
  await page.locator("dialog [data-fault=network]").waitFor({ state: "visible" });
  const next = page.waitForURL(/min_position=/);
  await page.click("dialog button[value=sign]");
  await next;
  must(bodies.length === 2 && bodies[0] === bodies[1], "it was not handed in as it was");
  await page.unroute("**/v1/events?*");
}

async function imports(page) {
  await registers(page);
  await page.goto(`${base}/today`);
  await page.click("a[href='/import']");
  await look(page, "empty");
  await page.setInputFiles("[data-file] input[type=file]", { name: "old.xls", mimeType: "application/vnd.ms-excel", buffer: Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) });
  await page.locator("[data-fault=refused]:visible").waitFor();
  await page.locator("[data-common] summary").click();
  await page.fill("input[data-given=content]", "打扫楼道");
  await choosesFile(page, `清洁家园${mark}`);
  await look(page, "wrong");
  must(await page.locator("tr.wrong").count() === 2, "two rows are marked");
  await page.check("[data-only-wrong]");
  must(await page.locator("table.sheet tbody tr:visible").count() === 2, "only those that are wrong");
  await page.uncheck("[data-only-wrong]");
  const download = page.waitForEvent("download");
  await page.click("[data-workbook]");
  must(readFileSync(await (await download).path()).subarray(0, 2).toString() === "PK", "no workbook");
  let taps = 1 + await chooses(page);
  const bar = await page.locator("[data-sum]").textContent();
  must(/37/.test(bar) && /111/.test(bar), bar);
  await look(page, "right");
  for (const [what, spoil] of Object.entries(LIES)) await lies(page, what, spoil);
  await page.click("[data-read]");
  await page.locator("[data-bar] [type=submit]:enabled").waitFor();
  taps += await signs(page);
  console.log(`a paper Saturday of ${NAMES} names: ${taps} taps, 5 of them for two people of one name (aim: 3), ${Object.keys(LIES).length} lies refused; ${bar}`);
  await page.goto(`${base}/import`);
  await page.locator("[data-common] summary").click();
  await page.fill("input[data-given=content]", "打扫楼道");
  await choosesFile(page, `清洁家园${mark}`);
  await chooses(page).catch(() => {});
  await page.getByText(/nothing new|没有新的/).waitFor();
  must(await page.locator("[data-bar]:visible").count() === 0, "it can be signed a second time");
  // A second sheet, whose answer is lost.
  await choosesFile(page, `第二场${mark}`);
  await chooses(page);
  await handsInTwice(page);
}

async function confirms(page) {
  await page.goto(`${base}/today`);
  const item = page.locator(".work li").filter({ hasText: mark });
  must(await item.count() === 2, `${await item.count()} recordings wait`);
  await item.first().locator("a[href^='/hours/']").click();
  await page.locator("li[data-row]").first().waitFor();
  await page.click("[data-all]");
  const taps = 1 + await signs(page);
  console.log(`confirmed by a colleague: ${taps} taps (aim: 2)`);
}

await withBrowser(async (browser) => {
  mkdirSync(shots, { recursive: true });
  await as(browser, worker, imports);
  await as(browser, confirmer, confirms);
});
