// The browser that the checks look through: found, started, and known to answer before anything is asked of it.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const PLACES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
];
const STARTS = 3;
const START_SECONDS = 30;
const AXE_SECONDS = 60;
const OPENINGS = 3;
const RUN_MINUTES = 8;
/** The exit status of a run in which the browser hung, which says nothing of the pages: such a run is worth another one. */
const HUNG = 75;

/** What `promise` gives, or an error once so many seconds have passed. */
export function within(seconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * What axe finds, in the page itself: else it opens another page each time, and one of those now and then never opens.
 */
export function axe(page) {
  const builder = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ["violations"] });
  return within(AXE_SECONDS, "axe", builder.analyze());
}

/** Takes a picture of the page and has axe look at it. */
export async function look(page, path, options = {}) {
  await page.screenshot({ path, ...options });
  const { violations } = await axe(page);
  if (violations.length === 0) return;
  throw new Error(`${path}: axe ${violations.map((one) => `${one.id} ${one.nodes[0].target}`)}`);
}

/** Another page, asked for again while none opens. */
export async function newPage(context) {
  for (let turn = 1; ; turn += 1) {
    try {
      return await within(START_SECONDS, "a new page", context.newPage());
    } catch (error) {
      if (turn === OPENINGS) end(error.message);
      console.log(`opening a page failed, once more: ${error.message.split("\n")[0]}`);
    }
  }
}

/** A context in which a page always stays open: where the last one was just closed, the browser at times opens none. */
export async function newContext(browser, options) {
  const context = await browser.newContext(options);
  await newPage(context);
  return context;
}

function end(why) {
  console.error(why);
  process.exit(HUNG);
}

/** A browser now and then starts and opens no page, and a call for one waits for ever: one that opens none is ended. */
async function start(executablePath, home, flags) {
  const browser = await chromium.launch({ executablePath, args: [...FLAGS, ...flags], env: { ...process.env, HOME: home } });
  try {
    // It stays open: see `newContext`.
    await within(START_SECONDS, "the first page of the browser", browser.newPage());
    return browser;
  } catch (error) {
    browser.close().catch(() => {});
    throw error;
  }
}

async function startAtLast(executablePath, home, flags) {
  for (let turn = 1; ; turn += 1) {
    try {
      return await start(executablePath, home, flags);
    } catch (error) {
      if (turn === STARTS) end(error.message);
      console.log(`start ${turn} of the browser failed, once more: ${error.message.split("\n")[0]}`);
    }
  }
}

/**
 * Runs `act` with a browser and ends it. Without one on this machine it says so and exits: 0, or 1 if
 * HOURBOOK_BROWSER_REQUIRED is set. A run that hangs is ended with the status [`HUNG`]. `prepare` is given the browser's home before it starts.
 */
export async function withBrowser(act, { flags = [], prepare = () => {} } = {}) {
  const executablePath = PLACES.find((path) => path && existsSync(path));
  if (!executablePath) {
    console.log("SKIPPED: no chromium found (apt-get install chromium fonts-noto-cjk, or set CHROMIUM)");
    process.exit(process.env.HOURBOOK_BROWSER_REQUIRED ? 1 : 0);
  }
  const minutes = process.env.HOURBOOK_BROWSER_FULL ? 6 * RUN_MINUTES : RUN_MINUTES;
  const late = setTimeout(() => end(`not done after ${minutes} minutes`), minutes * 60_000);
  const home = mkdtempSync(join(tmpdir(), "hourbook-browser-"));
  try {
    await prepare(home);
    const browser = await startAtLast(executablePath, home, flags);
    try {
      await act(browser);
    } finally {
      await browser.close();
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
    clearTimeout(late);
  }
}
