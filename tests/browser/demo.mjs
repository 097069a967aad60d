// The links that the demo prints, in a real browser: node demo.mjs WORKER_LINK OTHER_BASE_URL
//
// A worker's link signs in, keeps the key under the PIN that pages name, and leaves nothing in the address; the key signs
// in again. A volunteer's link fills the field. On a ledger that is no demo a link is refused and nothing is kept. Every
// page of the demo says what it is, on paper too. Exit 1 on any failure. Screenshots go to shots/demo-*.png.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { look as seen, newPage, withBrowser } from "./chromium.mjs";

const [link, other] = process.argv.slice(2);
if (!other) {
  console.error("usage: node demo.mjs WORKER_LINK OTHER_BASE_URL");
  process.exit(2);
}
const base = new URL(link).origin;
const secret = new URL(link).hash.slice("#demo=".length);
const shots = join(import.meta.dirname, "shots");
const must = (truth, what) => { if (!truth) throw new Error(what); };

const look = (page, name) => seen(page, join(shots, `demo-${name}.png`));

const kept = (page) => page.evaluate(async () => {
  const folder = document.querySelector("script[src*='/keys/']").src.replace(/[^/]+$/, "");
  const { list } = await import(`${folder}keystore.mjs`);
  return (await list()).map(({ name, ledger }) => ({ name, ledger }));
});

/** A page that notes every request in which the secret of the link is sent. */
async function on(browser, act) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, reducedMotion: "reduce" });
  const page = await newPage(context);
  page.on("request", (request) => must(!`${request.url()} ${request.postData()}`.includes(secret), "the key was sent"));
  page.on("pageerror", (error) => { throw new Error(`script error: ${error.message}`); });
  try {
    await act(page);
  } finally {
    await context.close();
  }
}

async function follows(page) {
  await page.goto(link);
  await page.waitForURL(/\/(me|today)$/);
  must(await page.locator("aside.demo").isVisible(), "the page does not say that it is a demo");
  must((await page.evaluate(() => history.length)) < 4 && !page.url().includes("#"), `left in the address: ${page.url()}`);
  await look(page, "signed-in");
  await page.click("form.out button");
  await page.waitForURL(`${base}/`);
  await page.goto(`${base}/signin`);
  await page.locator("[data-by-key]:visible").waitFor();
  const [one, ...more] = await kept(page);
  must(one.name.length > 1 && more.length === 0, `kept: ${JSON.stringify([one, more])}`);
  await look(page, "sign-in");
  await page.fill("[data-by-key] [name=pin]", await page.locator("[data-link]").getAttribute("data-pin"));
  await page.click("[data-by-key] button");
  await page.waitForURL(/\/(me|today)$/);
}

/** Somebody is signed in, and follows the link of another, in the same tab. */
async function followsTwo(page) {
  await page.goto(link);
  await page.waitForURL(/\/(me|today)$/);
  await page.goto(`${base}/signin?as=volunteer#demo=24681357`);
  await page.locator("[data-told=code]:visible").waitFor();
  must(await page.inputValue("#code") === "24681357", "the code is not in the field");
  must(new URL(page.url()).hash === "", "the code is left in the address");
  await look(page, "code");
  await page.evaluate(() => { location.hash = "#demo=12"; });
  await page.locator("[data-fault=no-link]:visible").waitFor();
}

async function isRefusedElsewhere(page) {
  await page.goto(`${other}/signin?as=worker#demo=${secret}`);
  await page.locator("[data-fault=no-demo]:visible").waitFor();
  must(new URL(page.url()).hash === "", "the key is left in the address");
  must((await kept(page)).length === 0, "the key was kept");
  must(await page.locator("aside.demo").count() === 0, "the other ledger says that it is a demo");
  must((await page.context().cookies()).every(({ name }) => !name.includes("session")), "somebody is signed in");
  await look(page, "refused");
}

/** What is printed says so on each sheet. */
async function printsTheMark(page) {
  await page.goto(link);
  await page.waitForURL(/\/(me|today)$/);
  await page.emulateMedia({ media: "print" });
  for (const path of ["/me/statement", "/lists", "/not-there"]) {
    await page.goto(base + path);
    must(await page.locator("aside.demo").isVisible(), `${path}: no mark on paper`);
    const across = await page.locator("aside.demo").evaluate((mark) => {
      const { content, position } = getComputedStyle(mark, "::after");
      return `${content} ${position}`;
    });
    must(/DEMO" fixed/.test(across), `${path}: ${across}`);
  }
  await page.screenshot({ path: join(shots, "demo-paper.png") });
}

mkdirSync(shots, { recursive: true });
await withBrowser(async (browser) => {
  for (const act of [follows, followsTwo, isRefusedElsewhere, printsTheMark]) await on(browser, act);
});
console.log("demo links: all good");
