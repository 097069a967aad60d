// The browser that the checks look through: found, started, and known to answer before anything is asked of it.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const PLACES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
];
const STARTS = 3;
const START_SECONDS = 30;
const RUN_MINUTES = 15;

/** What `promise` gives, or an error once so many seconds have passed. */
export function within(seconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A browser now and then starts and opens no page, and a call for one waits for ever: one that opens none is ended. */
async function start(executablePath, home) {
  const browser = await chromium.launch({ executablePath, args: FLAGS, env: { ...process.env, HOME: home } });
  try {
    const page = await within(START_SECONDS, "the first page of the browser", browser.newPage());
    await page.close();
    return browser;
  } catch (error) {
    browser.close().catch(() => {});
    throw error;
  }
}

async function startAtLast(executablePath, home) {
  for (let turn = 1; ; turn += 1) {
    try {
      return await start(executablePath, home);
    } catch (error) {
      if (turn === STARTS) throw error;
      console.log(`start ${turn} of the browser failed, once more: ${error.message.split("\n")[0]}`);
    }
  }
}

/**
 * Runs `act` with a browser and ends it. Without one on this machine it says so and exits: 0, or 1 if
 * HOURBOOK_BROWSER_REQUIRED is set. A run that hangs is ended.
 */
export async function withBrowser(act) {
  const executablePath = PLACES.find((path) => path && existsSync(path));
  if (!executablePath) {
    console.log("SKIPPED: no chromium found (apt-get install chromium fonts-noto-cjk, or set CHROMIUM)");
    process.exit(process.env.HOURBOOK_BROWSER_REQUIRED ? 1 : 0);
  }
  const end = setTimeout(() => {
    console.error(`not done after ${RUN_MINUTES} minutes`);
    process.exit(1);
  }, RUN_MINUTES * 60_000);
  const home = mkdtempSync(join(tmpdir(), "hourbook-browser-"));
  try {
    const browser = await startAtLast(executablePath, home);
    try {
      await act(browser);
    } finally {
      await browser.close();
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
    clearTimeout(end);
  }
}
