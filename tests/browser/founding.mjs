// From an empty directory to ten registered residents, in a real browser: node founding.mjs HOURBOOK
//
// `hourbook init` founds a ledger and waits. Two stewards make their keys in the page; the terminal shows the digits that
// the page shows, and when its last ones are typed the founder names them. A steward registers a community and two grids, two colleagues and
// their codes; each makes a key, both on one computer, and is given the role; one of them registers ten people from a
// sheet. Nothing else is typed into a terminal, and no interface for machines is called by hand. Prints the taps.
// Exit 1 on any failure. Screenshots go to shots/founding-*.png.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answer } from "../../api/assets/keys/compare.mjs";
import { parse } from "../../api/assets/keys/rows.mjs";
import { compare } from "./compare.mjs";
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
  await page.waitForURL(at("/me"));
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
  const read = (text) => JSON.stringify(parse(text, columns));
  const one = (name, phone) => ({ name, ...(phone && { phone }) });
  for (const [text, rows, unread = []] of [
    ["王芳\t139 0000 0001\n\n李强", [one("王芳", "139 0000 0001"), one("李强")]],
    ["东湖社区花名册\n序号\t姓名＊\t联系电话（必填）\n1\t王芳\t13900000001", [one("王芳", "13900000001")], ["序号"]],
    ["\"姓名\",\"紧急联系电话\",\"电话\"\n\"王芳\",\"1\",\"13900000001\"", [one("王芳", "13900000001")], ["紧急联系电话"]],
    ["姓名;电话\r\n王芳;13900000001", [one("王芳", "13900000001")]],
    ["", []],
  ]) must(read(text) === JSON.stringify({ rows, unread }), `${text}: ${read(text)}`);
  for (const wrong of ["姓名\t电话\n合计\t2", "序号\t姓名\n合计\t1", "王芳 13900000001", "姓名\t电话\n\t13900000001"]) {
    let told;
    try { parse(wrong, columns); } catch (error) { told = error.message; }
    must(told, `taken for people: ${wrong}`);
  }
}

const SHEET = ["序号,姓名,联系电话,健康状况",
  ...Array.from({ length: 10 }, (_, at) => `${at + 1},居民${"甲乙丙丁戊己庚辛壬癸"[at]},139 0000 00${10 + at},良好`)].join("\n");

async function registersResidents(page) {
  await look(page, "worker-home");
  await page.goto(at("/register"));
  await page.fill(`${many("register-person")} textarea`, SHEET);
  await signs(page, many("register-person"), "residents-sign");
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
      await registersResidents(page);
      await tap(page, "form.out button");
      await page.waitForURL(at("/"));
      await page.goto(at("/slips"));
      must(page.url().includes("/signin"), "a page of staff is shown after signing out");
    });
    await on(steward, async (page) => {
      await page.goto(at("/me"));
      must(await page.locator("a.button:has-text('下一步')").count() === 0, "something is said to come next all the same");
      await look(page, "done");
    });
  });
} finally {
  await terminal.end();
  rmSync(directory, { recursive: true, force: true });
}
console.log(`from init to two workers who can sign and ten people: ${taps} taps`);
