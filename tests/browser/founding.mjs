// From an empty directory to ten registered residents, in a real browser: node founding.mjs HOURBOOK
//
// `hourbook init` founds a ledger and waits. Two stewards make their keys in the page; the terminal shows the digits that
// the page shows, and when its last ones are typed the founder names them. A steward registers a community and two grids, two colleagues and
// their codes; each makes a key, both on one computer, and is given the role; one of them registers ten people from a
// file, whose slips a phone scans, and more from what is pasted. Nothing else is typed into a terminal, and no interface for machines is called by hand. Prints the taps.
// Exit 1 on any failure. Screenshots go to shots/founding-*.png.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answer } from "../../api/assets/keys/compare.mjs";
import { parse, twins } from "../../api/assets/keys/rows.mjs";
import { compare } from "./compare.mjs";
import { readSquare } from "./square.mjs";
import { look as seen, newContext, newPage, withBrowser, within } from "./chromium.mjs";

const PIN = "271-828";
const OTHER_PIN = "314-159";
const PORT = 18081;
const base = `http://127.0.0.1:${PORT}`;
const [hourbook] = process.argv.slice(2);
if (!hourbook) {
  console.error("usage: node founding.mjs HOURBOOK");
  process.exit(2);
}
const at = (path) => new URL(path, base).href;
const shots = join(import.meta.dirname, "shots");
const phone = { viewport: { width: 390, height: 844 }, reducedMotion: "reduce", locale: "zh-CN" };
const desktop = { viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", locale: "zh-CN" };
const must = (truth, what) => { if (!truth) throw new Error(what); };
let taps = 0;

async function tap(page, selector) {
  taps += 1;
  await page.locator(selector).first().click();
}

const look = (page, name) => seen(page, join(shots, `founding-${name}.png`), { fullPage: true });

/** The terminal in which the ledger is founded. */
class Terminal {
  constructor(directory) {
    const args = ["init", join(directory, "data"), "--origin", "hours.test/east", "--keys-out", join(directory, "keys"),
      "--place", "东湖街道", "--steward", "王芳", "--steward", "李强", "--since", "2025-01-01", "--listen", `127.0.0.1:${PORT}`];
    this.child = spawn(hourbook, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.text = "";
    this.child.stdout.on("data", (bytes) => { this.text += bytes; this.heard?.(); });
  }

  /** Waits until something is printed, and takes all up to there. */
  async until(pattern) {
    for (;;) {
      const found = this.text.match(pattern);
      if (found) {
        this.text = this.text.slice(found.index + found[0].length);
        return found;
      }
      await within(60, `${pattern} in the terminal`, new Promise((heard) => { this.heard = heard; }));
    }
  }

  say(line) {
    this.child.stdin.write(`${line}\n`);
  }

  async end() {
    const ended = new Promise((done) => { this.child.on("exit", done); });
    this.child.kill("SIGTERM");
    await within(30, "the end of the server", ended);
  }
}

async function on(context, act) {
  context.setDefaultTimeout(60_000);
  const page = await newPage(context);
  page.on("pageerror", (error) => { throw new Error(`script error: ${error.message}`); });
  try {
    return await act(page);
  } finally {
    await page.close();
  }
}

/** Types a code, makes a key, and gives its digits as the page shows them. */
async function makesAKey(page, code, pin = PIN) {
  await page.goto(at("/signin"));
  // Whoever sat here before has not signed out.
  if (await page.locator("form.out button").count() > 0) {
    await tap(page, "form.out button");
    await page.goto(at("/signin"));
  }
  await page.fill("#code", code);
  await tap(page, "form[action='/signin'] button");
  await page.goto(at("/me/keys"));
  await page.fill("[data-make] [name=pin]", pin);
  await page.fill("[data-make] [name=again]", pin);
  await tap(page, "[data-make] button");
  const key = page.locator("li[data-key]:has([data-here]:visible)");
  await key.waitFor();
  return (await key.locator("code").textContent()).trim();
}

async function signsIn(page, name) {
  if (await page.locator("form.out button").count() > 0) await tap(page, "form.out button");
  await page.goto(at("/signin"));
  await page.locator("[data-by-key]:visible").waitFor();
  if (name) {
    await pick(page, name);
    await page.fill("[data-by-key] [name=pin]", OTHER_PIN);
    await tap(page, "[data-by-key] button");
    await page.locator('[data-by-key] [data-fault="wrong-pin"]').waitFor({ state: "visible" });
  }
  await page.fill("[data-by-key] [name=pin]", PIN);
  await tap(page, "[data-by-key] button");
  await page.waitForURL(/\/(me|today)$/);
}

async function signs(page, form, name) {
  await tap(page, `${form} button[type=submit]`);
  await page.locator("dialog.signing[open]").waitFor();
  await look(page, name);
  await tap(page, "dialog button[value=sign]");
  await Promise.race([
    page.waitForURL(/min_position=/),
    page.locator("dialog [data-fault]:not([hidden])").waitFor().then(async () => {
      throw new Error(`${name}: ${await page.locator("dialog [data-fault]:not([hidden])").textContent()}`);
    }),
  ]);
}

/** Picks a name of those who have a key on this computer. */
async function pick(page, name) {
  const options = page.locator("[data-by-key] [name=key] option");
  const all = await options.allTextContents();
  must(all.length === 2, `two people have keys on this computer: ${all}`);
  await page.locator("[data-by-key] [name=key]").selectOption({ label: all.find((one) => one.startsWith(name)) });
}

/** A steward's first visit: the key that the page made is the one that the terminal shows, and is named there. */
async function becomesSteward(terminal, page, code) {
  const shown = await makesAKey(page, code);
  const [, digits] = await terminal.until(/made a key:\s+([0-9a-f ]+)\n/);
  must(digits.trim() === shown, `the terminal shows ${digits}, the page ${shown}`);
  await look(page, "key");
  terminal.say("y");
  await terminal.until(/type the last 4 digits that the page shows/);
  terminal.say(shown.slice(-4));
  await terminal.until(/is a steward now/);
}

const first = "form[data-sign=register-person]:not(:has(textarea))";
const many = (sign) => `form[data-sign=${sign}]:has(textarea)`;

async function registersThePlace(page) {
  await look(page, "first-page");
  await page.goto(at("/orgs"));
  await look(page, "orgs-empty");
  await page.fill(`${many("register-organisation")} textarea`, "名称\t代码\n东湖社区\t990101001001");
  await signs(page, many("register-organisation"), "orgs-sign");
  await tap(page, ".tree a:has-text('东湖社区')");
  await page.waitForURL(/under=/);
  await page.locator(`${many("register-organisation")} [name=org-kind]`).selectOption("grid");
  await page.fill(`${many("register-organisation")} textarea`, "东湖社区第一网格\n东湖社区第二网格");
  await signs(page, many("register-organisation"), "orgs-many");
  await look(page, "orgs-full");
}

async function registersColleague(page, name, phone) {
  await page.goto(at("/register"));
  await page.locator(`${first} [name=home]`).selectOption({ label: "东湖社区" });
  await page.fill(`${first} [name=name]`, name);
  await page.fill(`${first} [name=phone]`, phone);
  await look(page, "register");
  await signs(page, first, "register-sign");
  const code = (await page.locator(".slip [data-code]").last().textContent()).replaceAll(" ", "");
  await look(page, "slips");
  await tap(page, "[data-done]");
  return code;
}

/** On a computer of two the key of whoever is not signed in answers, too. */
async function answersForAnother(page, whose) {
  const [option] = (await page.locator("[data-others] option").all());
  must((await option.textContent()).startsWith(whose), "the other person's key is not there");
  await page.fill("[data-others] input", "381204");
  const told = (await page.locator("[data-others] output:not(:empty)").textContent()).replaceAll(" ", "");
  must(told === await answer("hours.test/east", await option.getAttribute("value"), "381204"), `the other key answers ${told}`);
}

async function isAppointed(steward, office, shown, name) {
  await on(steward, async (page) => {
    await page.goto(at("/colleagues"));
    const form = page.locator("section.card").filter({ hasText: shown }).locator("form");
    await form.locator("[name=role]").selectOption("worker");
    await form.locator("[name=org]").selectOption({ label: "东湖社区" });
    await look(page, `appoint-${name}`);
    taps += 1;
    await form.locator("button").click();
    await page.locator("dialog.signing[open]").waitFor();
    await on(office, async (answering) => {
      await answering.goto(at("/me/keys"));
      await compare(page, answering, shown.replaceAll(" ", ""));
      await look(answering, `answers-${name}`);
      if (name > 0) await answersForAnother(answering, "陈静");
    });
    await look(page, `compared-${name}`);
    await tap(page, "dialog button[value=sign]");
    await page.waitForURL(/min_position=/);
  });
}

/** Sheets as people keep them: a title above the head, marks in heads, quotes, columns that are not read, a sum below. */
function readsSheets() {
  const columns = [{ name: "name", heads: ["姓名"], required: true }, { name: "phone", heads: ["电话", "联系电话"], required: false }];
  const read = (text) => {
    const { rows, unread } = parse(text, columns);
    return JSON.stringify({ rows, unread });
  };
  const one = (name, phone) => ({ name, ...(phone && { phone }) });
  for (const [text, rows, unread = []] of [
    ["王芳\t139 0000 0001\n\n李强", [one("王芳", "139 0000 0001"), one("李强")]],
    ["东湖社区花名册\n序号\t姓名＊\t联系电话（必填）\n1\t王芳\t13900000001", [one("王芳", "13900000001")], ["序号"]],
    ["\"姓名\",\"紧急联系电话\",\"电话\"\n\"王芳\",\"1\",\"13900000001\"", [one("王芳", "13900000001")], ["紧急联系电话"]],
    ["姓名;电话\r\n王芳;13900000001", [one("王芳", "13900000001")]],
    ["", []],
  ]) must(read(text) === JSON.stringify({ rows, unread }), `${text}: ${read(text)}`);
  must(parse("王 芳\n欧阳娜娜\nWang Fang", columns).rows.length === 3, "a name with a blank is taken for a row");
  for (const [wrong, kind] of [
    ["姓名\t电话\n合计\t2", "Missing"], ["序号\t姓名\n合计\t1", "Missing"], ["姓名\t电话\n\t13900000001", "Missing"],
    ["王芳 13900000001", "OneCell"], ["1 王芳", "OneCell"], ["王芳 女", "OneCell"], ["Wang Fang 13900000001", "OneCell"],
  ]) {
    let told;
    try { parse(wrong, columns); } catch (error) { told = error.constructor.name; }
    must(told === kind, `${wrong}: ${told}`);
  }
  const twin = twins([{ name: "王芳", phone: "139" }, { name: "王 芳", phone: "1 39" }, { name: "王芳" }, { name: "李", "volunteer-number": "A1" }, { name: "李强", "volunteer-number": "a1" }]);
  must(JSON.stringify(twin) === JSON.stringify([null, 0, null, null, 3]), `twins: ${twin}`);
}

const NAMES = [..."甲乙丙丁戊己庚辛壬癸"].map((one) => `居民${one}`);
const ROLL = ["东湖社区2026年第三季度居民信息表,,,,", "姓名,身份证号,联系电话,是否已迁出,健康状况", "必填,18位,多个号码用;分隔,1/0,",
  ...NAMES.map((name, at) => `${name.replace(/(?=.$)/, at ? "" : " ")},,139000000${10 + at};0563-6022222,0,高血压`),
  "赵敏,,13900000098,1,", "钱伟,,1.38E+10,0,"].join("\n");
const area = `${many("register-person")} textarea`;

/** A roll as a grid keeps it: what is read is put into the field, what is not is said, and each gets a slip. */
async function registersFromAFile(page) {
  await look(page, "worker-home");
  await page.goto(at("/register"));
  const choose = (name, text) => page.setInputFiles("[data-file] input", { name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await choose("old.xls", "\xd0\xcf\x11\xe0 no sheet");
  await page.locator("[data-file] [data-fault=refused]").waitFor();
  must((await page.locator("[data-file] [data-fault=refused]").textContent()).includes("表"), "it is not said why");
  taps += 1;
  await choose("roll.csv", ROLL);
  await page.locator("[data-file] [data-told]").waitFor();
  for (const [where, what] of [["unread", "健康状况"], ["gone", "赵敏"], ["wrong", "第 15 行"]]) {
    const told = await page.locator(`[data-file] [data-${where}]`).textContent();
    must(told.includes(what), `${where}: ${told}`);
  }
  must(!(await page.locator("[data-file]").textContent()).includes("高血压"), "what was not read is shown");
  const read = await page.locator(area).inputValue();
  must(read.split("\n").length === 11 && read.includes("居民甲\t13900000010"), read);
  await look(page, "file");
  await page.locator(`${many("register-person")} [data-then]`).check();
  await signs(page, many("register-person"), "residents-sign");
  await page.waitForURL(/slips/);
  return slipsOf(page);
}

/** The slips as a phone sees them, and as they are printed: eight on a page. */
async function slipsOf(page) {
  must(await page.locator(".slip").count() === 10, "a slip for each");
  await look(page, "slips-many");
  const slips = [];
  for (const slip of await page.locator(".slip").all()) {
    const code = (await slip.locator("[data-code]").textContent()).replaceAll(" ", "");
    const size = await slip.locator("[data-code]").evaluate((text) => parseFloat(getComputedStyle(text).fontSize));
    must(size >= 20, `digits of ${size} px`);
    const link = await readSquare(page, slip.locator("svg"));
    must(link === at(`/signin#code=${code}`), `the square says ${link}, the slip ${code}`);
    slips.push({ name: await slip.locator("[data-name]").textContent(), link });
  }
  const pdf = await page.pdf({ preferCSSPageSize: true, path: join(shots, "founding-slips.pdf") });
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
  must(pages === 2, `ten slips are printed on ${pages} pages`);
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 794, height: 1123 });
  await page.screenshot({ path: join(shots, "founding-slips-print.png"), fullPage: true });
  await page.emulateMedia({ media: null });
  await page.setViewportSize(desktop.viewport);
  return slips;
}

/** Whoever scans a slip has the code in the field, and it is in no address that is sent or kept. */
async function scans(browser, { name, link }) {
  const context = await newContext(browser, phone);
  await on(context, async (page) => {
    const code = new URL(link).hash.slice("#code=".length);
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(link);
    await page.waitForFunction((code) => document.querySelector("#code").value === code, code);
    must(page.url() === at("/signin"), `it stays in the address: ${page.url()}`);
    await look(page, "scanned");
    await page.click("form[action='/signin'] button");
    await page.waitForURL(/\/(me|today)$/);
    must((await page.locator("form.out").textContent()).includes(name), "somebody else is signed in");
    must(!asked.some((url) => url.includes(code)), "the code was sent in an address");
  });
}

/** What is there already is offered to be skipped; what does not fit into one signature is signed in parts. */
async function registersTheRest(page) {
  await page.goto(at("/register"));
  await page.fill(area, "王芳 13900000031");
  await tap(page, `${many("register-person")} button[type=submit]`);
  await page.locator("dialog [data-fault=one-cell]").waitFor();
  await look(page, "one-cell");
  await tap(page, "dialog [data-cancel]");
  const more = Array.from({ length: 20 }, (_, at) => `新居民${String.fromCodePoint(0x4e00 + at)}\t139000001${10 + at}`);
  await page.fill(area, ["姓名\t电话", "居民甲\t13900000010", ...more.slice(0, 17), "错号\t12", ...more.slice(17)].join("\n"));
  await page.locator(`${many("register-person")} [data-then]`).check();
  await tap(page, `${many("register-person")} button[type=submit]`);
  await page.locator("dialog.signing[open]").waitFor();
  const doubtful = await page.locator("dialog [data-doubles] li").allTextContents();
  must(doubtful.length === 1 && doubtful[0].includes("第 2 行") && doubtful[0].includes("居*甲"), `doubtful: ${doubtful}`);
  must((await page.locator("dialog [data-part]").textContent()).includes("分 2 部分"), "the parts are not told");
  await look(page, "doubles");
  await tap(page, "dialog button[value=sign]");
  await page.locator("dialog [data-fault=refused]").waitFor();
  const [stopped, why] = [await page.locator("dialog [data-part]").textContent(), await page.locator("dialog [data-fault=refused]").textContent()];
  must(stopped.includes("第 2 部分，共 2 部分") && stopped.includes("16 行已登记"), stopped);
  must(why.includes("错号"), `which row is wrong: ${why}`);
  await look(page, "part-refused");
  await tap(page, "dialog [data-cancel]");
  const left = await page.locator(area).inputValue();
  must(left.split("\n").length === 7 && left.includes("错号") && !left.includes(more[0]), `left: ${left}`);
  await page.fill(area, left.replace("错号\t12", "钱伟\t13900000097"));
  await signs(page, many("register-person"), "rest-sign");
  must(await page.locator(".slip").count() === 10 + 16 + 5, "the slips of all parts are there");
}

readsSheets();
mkdirSync(shots, { recursive: true });
const directory = mkdtempSync(join(tmpdir(), "hourbook-founding-"));
const terminal = new Terminal(directory);
try {
  await withBrowser(async (browser) => {
    const codes = [];
    for (const _ of ["first", "second"]) codes.push((await terminal.until(/type the code (\d{8})/))[1]);
    await terminal.until(/Ctrl-C ends it/);
    const [steward, second] = [await newContext(browser, desktop), await newContext(browser, phone)];
    await on(steward, (page) => becomesSteward(terminal, page, codes[0]));
    await on(second, (page) => becomesSteward(terminal, page, codes[1]));
    await terminal.until(/can go into the safe/);
    const workers = await on(steward, async (page) => {
      await page.goto(at("/me"));
      await signsIn(page);
      await registersThePlace(page);
      return [await registersColleague(page, "陈静", "13900000001"), await registersColleague(page, "周斌", "0563-6022222 转 801")];
    });
    // The two share one computer; neither's PIN opens the other's key.
    const office = await newContext(browser, phone);
    for (const [at, code] of workers.entries()) {
      const shown = await on(office, (page) => makesAKey(page, code, [PIN, OTHER_PIN][at]));
      await isAppointed(steward, office, shown, at);
    }
    await on(office, async (page) => {
      await page.goto(at("/me"));
      await signsIn(page, "陈静");
      must((await page.locator("form.out").textContent()).includes("陈静"), "somebody else is signed in");
      const slips = await registersFromAFile(page);
      await scans(browser, slips[3]);
      await registersTheRest(page);
      await tap(page, "form.out button");
      await page.waitForURL(at("/"));
      await page.goto(at("/slips"));
      must(page.url().includes("/signin"), "a page of staff is shown after signing out");
    });
    await on(steward, async (page) => {
      await page.goto(at("/today"));
      must(await page.locator("a.button:has-text('下一步')").count() === 0, "something is said to come next all the same");
      await look(page, "done");
    });
  });
} finally {
  await terminal.end();
  rmSync(directory, { recursive: true, force: true });
}
console.log(`from init to two workers who can sign and thirty-one people: ${taps} taps`);
