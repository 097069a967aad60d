// Looks at every page in a real browser: node run.mjs BASE_URL [PATH ...]
//
// Each page with a screenshot in shots/, axe with every rule, no console error, no request to another host, HTML and page
// weight within budget. Then each page at 320 px: nothing may scroll sideways, nothing clickable may be smaller than
// 44 px. Of {phone, desktop} x {zh, en} x {three sizes} x {JavaScript on, off} each page is seen in one combination, the
// next page in the next one; with HOURBOOK_BROWSER_FULL in all of them.
// With HOURBOOK_CODE, a one-time code, or HOURBOOK_KEY, a key file, the pages are seen by whoever that lets in.
// Exit 1 on any failure. Without a browser it says so and exits 0, unless HOURBOOK_BROWSER_REQUIRED is set.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { axe, newPage, withBrowser, within } from "./chromium.mjs";
import { signedInWith } from "./session.mjs";

const HTML_BUDGET = 30_000;
const PAGE_BUDGET = 100_000;
const TARGET_PIXELS = 44;
const WORKERS = 2;
const JOB_SECONDS = 60;
const VIEWPORTS = [{ width: 390, height: 844 }, { width: 1280, height: 800 }];
const LANGS = ["zh", "en"];
const SIZES = ["standard", "large", "xlarge"];
const DEFAULT_PATHS = ["/", "/wishes", "/leaderboard", "/lists", "/policies", "/signin"];

const [base, ...given] = process.argv.slice(2);
if (!base) {
  console.error("usage: node run.mjs BASE_URL [PATH ...]");
  process.exit(2);
}
const origin = new URL(base).origin;
const paths = given.length > 0 ? given : DEFAULT_PATHS;
const shots = join(import.meta.dirname, "shots");
const failures = [];
const counts = { pages: 0, axe: 0, rules: 0, scriptless: 0, narrow: 0, targets: 0, heaviestHtml: 0, heaviestPage: 0 };

/** The session of whoever signed in, for the pages that are somebody's own. */
let session;

const fail = (where, what) => failures.push(`${where}: ${what}`);
const name = (path) => path.replace(/^\//, "").replace(/[^a-z0-9]+/gi, "-") || "home";
const address = (path, lang, size) => {
  const url = new URL(path, base);
  url.searchParams.set("lang", lang);
  url.searchParams.set("size", size);
  return url.href;
};

/** Opens a page and notes everything it loads, logs and refuses. */
async function open(context, url, where) {
  const page = await newPage(context);
  const loaded = [];
  page.on("request", (request) => {
    const target = new URL(request.url());
    if (target.origin !== origin && target.protocol !== "data:") fail(where, `request to ${target.origin}`);
  });
  page.on("response", (response) => loaded.push(response));
  page.on("requestfailed", (request) => {
    // The browser itself drops what is still loading when a page is left; that is no fault of the page.
    const reason = request.failure()?.errorText ?? "";
    if (reason !== "net::ERR_ABORTED") fail(where, `failed: ${request.url()} ${reason}`);
  });
  page.on("console", (message) => {
    const ownStatus = message.location().url === url && /status of 4\d\d/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !ownStatus) fail(where, `console: ${message.text()}`);
  });
  page.on("pageerror", (error) => fail(where, `script error: ${error.message}`));
  const response = await page.goto(url, { waitUntil: "load" });
  if (response.status() >= 400) fail(where, `status ${response.status()}`);
  return { page, loaded, response };
}

async function weigh({ loaded, response }, where) {
  const html = (await response.body()).length;
  const bodies = await Promise.all(loaded.map((one) => one.body().then((body) => body.length, () => 0)));
  const all = bodies.reduce((sum, length) => sum + length, 0);
  counts.heaviestHtml = Math.max(counts.heaviestHtml, html);
  counts.heaviestPage = Math.max(counts.heaviestPage, all);
  if (html > HTML_BUDGET) fail(where, `HTML ${html} bytes, budget ${HTML_BUDGET}`);
  if (all > PAGE_BUDGET) fail(where, `page ${all} bytes, budget ${PAGE_BUDGET}`);
}

async function check(page, where) {
  const result = await axe(page);
  counts.axe += 1;
  counts.rules = Math.max(counts.rules, result.passes.length + result.violations.length);
  if (result.passes.length === 0) fail(where, "axe checked nothing");
  for (const violation of result.violations) {
    const nodes = violation.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} (${node.failureSummary})`);
    fail(where, `axe ${violation.id}: ${nodes.join("; ")}`);
  }
}

/** axe is a script itself and waits on timers, which a context without JavaScript never fires. A document without
 *  scripts is the very document checked with JavaScript on; one with scripts is opened again with them refused. */
async function axeWithoutScripts(browser, original, viewport, where) {
  if (await original.locator("script").count() === 0) {
    counts.scriptless += 1;
    return;
  }
  const context = await browser.newContext({ storageState: session, viewport, reducedMotion: "reduce" });
  try {
    await context.route("**/*", (route) => route.request().resourceType() === "script" ? route.abort() : route.continue());
    const page = await newPage(context);
    await page.goto(original.url(), { waitUntil: "load" });
    await check(page, where);
  } finally {
    await context.close();
  }
}

/** Pixels by which the page is wider than the window, and what sticks out. */
const overflow = (page) => page.evaluate(() => {
  const width = document.documentElement.clientWidth;
  const out = [...document.querySelectorAll("body *")].filter((element) => {
    const box = element.getBoundingClientRect();
    // A command scrolls within its own frame.
    return box.width > 1 && box.right > width + 1 && !element.closest(".hidden, .skip, thead, pre > *");
  });
  const names = out.slice(0, 4).map((element) => `${element.tagName}.${element.getAttribute("class") ?? ""}`);
  return { by: document.documentElement.scrollWidth - width, names };
});

/** Links and controls smaller than the target size; a link inside a running sentence counts by its line. */
const smallTargets = (page, least) => page.evaluate((pixels) => {
  const all = [...document.querySelectorAll("a[href], button, summary, select, input:not([type=hidden])")];
  const seen = all.filter((element) => element.checkVisibility() && !element.matches(".skip"));
  const small = seen.filter((element) => {
    const box = element.getBoundingClientRect();
    return box.height < pixels - 0.5 || box.width < pixels - 0.5;
  });
  const text = (element) => `${element.tagName} “${element.textContent.trim().slice(0, 20)}” ` +
    `${Math.round(element.getBoundingClientRect().width)}x${Math.round(element.getBoundingClientRect().height)}`;
  return { seen: seen.length, small: small.map(text) };
}, least);

async function look(browser, path, viewport, lang, size, scripts) {
  const where = `${path} ${viewport.width} ${lang} ${size} js-${scripts ? "on" : "off"}`;
  const context = await browser.newContext({ storageState: session, viewport, javaScriptEnabled: scripts, reducedMotion: "reduce" });
  try {
    const opened = await open(context, address(path, lang, size), where);
    const { page } = opened;
    await weigh(opened, where);
    const html = page.locator("html");
    if (await html.getAttribute("lang") !== (lang === "zh" ? "zh-CN" : "en")) fail(where, "wrong language");
    if (await html.getAttribute("class") !== size) fail(where, "wrong size");
    const file = `${name(path)}-${viewport.width}-${lang}-${size}-js${scripts ? "on" : "off"}.jpg`;
    await page.screenshot({ path: join(shots, file), fullPage: true, type: "jpeg", quality: 80 });
    await (scripts ? check(page, where) : axeWithoutScripts(browser, page, viewport, where));
    counts.pages += 1;
  } catch (error) {
    fail(where, error.message);
  } finally {
    await context.close();
  }
}

async function narrow(browser, path, lang, size) {
  const where = `${path} 320 ${lang} ${size}`;
  const context = await browser.newContext({ storageState: session, viewport: { width: 320, height: 640 }, reducedMotion: "reduce" });
  try {
    const { page } = await open(context, address(path, lang, size), where);
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
    const { by, names } = await overflow(page);
    if (by > 0 || names.length > 0) fail(where, `scrolls sideways by ${by} px: ${names.join(", ")}`);
    const { seen, small } = await smallTargets(page, TARGET_PIXELS);
    if (seen === 0) fail(where, "no link or control found");
    if (small.length > 0) fail(where, `targets under ${TARGET_PIXELS} px: ${small.slice(0, 5).join(", ")}`);
    counts.targets += seen;
    counts.narrow += 1;
  } catch (error) {
    fail(where, error.message);
  } finally {
    await context.close();
  }
}

/** A choice must be remembered by a cookie, and kept when following a plain link. */
async function remembers(browser) {
  const where = "size and language cookies";
  const context = await browser.newContext({ javaScriptEnabled: false });
  try {
    const { page } = await open(context, address(paths[0], "en", "xlarge"), where);
    await page.goto(new URL(paths.at(-1), base).href);
    const html = page.locator("html");
    const kept = [await html.getAttribute("lang"), await html.getAttribute("class")].join(" ");
    if (kept !== "en xlarge") fail(where, `expected "en xlarge", found "${kept}"`);
  } catch (error) {
    fail(where, error.message);
  } finally {
    await context.close();
  }
}

/** Signs in as a person would, by the form, and gives the session's cookies. */
async function signIn(browser, code) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  try {
    const page = await newPage(context);
    await page.goto(new URL("/signin", base).href);
    await page.fill("input[name=code]", code);
    await page.click("main button[type=submit]");
    if (new URL(page.url()).pathname === "/signin") throw new Error("the code was refused");
    return await context.storageState();
  } finally {
    await context.close();
  }
}

/** The cookie of whoever has a key file. */
async function byKey(file) {
  const { token } = await signedInWith(base, file);
  const cookie = { name: "hourbook_session", value: token, domain: new URL(base).hostname, path: "/", expires: -1 };
  return { cookies: [{ ...cookie, httpOnly: true, secure: false, sameSite: "Lax" }], origins: [] };
}

/** Every way to look at a page, in an order in which neighbours differ in as much as they can. */
const COMBINATIONS = SIZES.flatMap((_, at) => LANGS.flatMap((lang, second) => VIEWPORTS.flatMap((viewport, third) =>
  [true, false].map((scripts, fourth) => {
    const size = SIZES[(at + second + third + fourth) % SIZES.length];
    return { lang, size, viewport, scripts };
  }))));

/** All combinations for each page, or one for each: the next page has one that is seven further, so that all come round. */
function seen(page) {
  if (process.env.HOURBOOK_BROWSER_FULL) return COMBINATIONS;
  return [COMBINATIONS[(page * 7) % COMBINATIONS.length]];
}

function* jobs(browser) {
  yield () => remembers(browser);
  for (const [page, path] of paths.entries()) {
    const combinations = seen(page);
    const narrowly = new Map(combinations.map(({ lang, size }) => [`${lang} ${size}`, { lang, size }]));
    for (const { lang, size } of narrowly.values()) yield () => narrow(browser, path, lang, size);
    for (const { lang, size, viewport, scripts } of combinations) {
      yield () => look(browser, path, viewport, lang, size, scripts);
    }
  }
}

rmSync(shots, { recursive: true, force: true });
mkdirSync(shots, { recursive: true });
await withBrowser(async (browser) => {
  if (process.env.HOURBOOK_CODE) session = await signIn(browser, process.env.HOURBOOK_CODE);
  if (process.env.HOURBOOK_KEY) session = await byKey(process.env.HOURBOOK_KEY);
  const queue = jobs(browser);
  await Promise.all(Array.from({ length: WORKERS }, async () => {
    // One hanging view must not hang the run.
    for (const job of queue) await within(JOB_SECONDS, "a view", job()).catch((error) => fail("a view", error.message));
  }));
});
console.log(
  `${counts.pages} views of ${paths.length} pages, axe ${counts.axe} times (up to ${counts.rules} rules; ` +
  `${counts.scriptless} views without JavaScript hold no script and are the same document), ` +
  `${counts.narrow} views at 320 px with ${counts.targets} targets; heaviest HTML ${counts.heaviestHtml} B, ` +
  `heaviest page ${counts.heaviestPage} B`,
);
if (failures.length > 0) {
  console.log(`${failures.length} failures:`);
  for (const failure of failures.slice(0, 80)) console.log(`  ${failure}`);
  process.exit(1);
}
console.log("all good");
