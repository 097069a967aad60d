// A ledger in an office network, in a real browser, on a name that is not localhost: node office.mjs HOURBOOK
//
// `hourbook init --at office` makes an authority and serves https. A browser that does not trust it refuses the site; in
// the clear it finds how to trust it, and the file whose digest the terminal printed. With that file in its list, as
// `certutil` puts it there, and with no flag that looks the other way, the browser opens the site, and a key is made there.
// For a name beyond the authority's the browser takes nothing. After a renewal nobody trusts anything anew. On a ledger without a certificate each page on that name says what cannot
// work; on localhost none does. Internet Explorer is told the way out. Exit 1 on any failure. Screenshots go to shots/office-*.png.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { look, newContext, newPage, withBrowser, within } from "./chromium.mjs";

const PIN = "271-828";
const [PORT, PLAIN, FORGED] = [18083, 18084, 18085];
const NAME = "hours.internal";
const EXPLORER = "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko";
const RULES = `--host-resolver-rules=MAP ${NAME} 127.0.0.1, MAP other.internal 127.0.0.1`;
const [hourbook] = process.argv.slice(2);
if (!hourbook) {
  console.error("usage: node office.mjs HOURBOOK");
  process.exit(2);
}
const shots = join(import.meta.dirname, "shots");
const phone = { viewport: { width: 390, height: 844 }, reducedMotion: "reduce", locale: "zh-CN" };
const desktop = { viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", locale: "zh-CN" };
const must = (truth, what) => { if (!truth) throw new Error(what); };
const secure = `https://${NAME}:${PORT}`;
const clear = `http://${NAME}:${PORT}`;
const plain = `http://${NAME}:${PLAIN}`;
let seen = 0;

async function see(page, name) {
  await look(page, join(shots, `office-${name}.png`), { fullPage: true });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  must(wide <= 0, `${name}: scrolls sideways by ${wide} px`);
  seen += 1;
}

/** A command that goes on, and what it prints. */
class Running {
  constructor(args) {
    this.child = spawn(hourbook, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.text = "";
    this.child.stdout.on("data", (bytes) => { this.text += bytes; this.heard?.(); });
    // A browser that hangs ends the run where it stands; the next one needs the port.
    process.on("exit", () => this.child.kill());
  }

  async until(pattern) {
    for (;;) {
      const found = this.text.match(pattern);
      if (found) return found;
      await within(60, `${pattern} in the terminal`, new Promise((heard) => { this.heard = heard; }));
    }
  }

  async end() {
    const ended = new Promise((done) => { this.child.on("exit", done); });
    this.child.kill("SIGTERM");
    await within(30, "the end of the server", ended);
  }
}

async function on(browser, options, act) {
  const context = await newContext(browser, options);
  context.setDefaultTimeout(60_000);
  const page = await newPage(context);
  page.on("pageerror", (error) => { throw new Error(`script error: ${error.message}`); });
  try {
    return await act(page, context);
  } finally {
    await context.close();
  }
}

/** Why the browser does not open an address, or nothing. In a tab of its own: what is shown in the place of a page comes late. */
async function refusal(context, address) {
  const page = await newPage(context);
  const refused = await page.goto(address).then(() => null, (error) => error.message.match(/ERR_[A-Z_]+/)?.[0] ?? error.message);
  await page.close();
  return refused;
}

const works = (page) => page.evaluate(() => ({ secure: isSecureContext, subtle: Boolean(crypto.subtle) }));

/** Before it is trusted: what a new computer of the office sees, and the certificate that it downloads. */
async function arrives(browser, fingerprint, into) {
  await on(browser, desktop, async (page, context) => {
    const refused = await refusal(context, `${secure}/`);
    must(refused === "ERR_CERT_AUTHORITY_INVALID", `not trusted yet: ${refused}`);
    await page.goto(`${clear}/`);
    must(page.url() === `${clear}/https`, `in the clear it leads to ${page.url()}`);
    must(!(await works(page)).subtle, "crypto.subtle is there in the clear");
    must(!(await page.textContent("main")).includes(fingerprint), "a page that anybody could have changed tells the fingerprint");
    await see(page, "trust");
    for (const details of await page.locator("details summary").all()) await details.click();
    await see(page, "trust-open");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("a[href='/ca.crt']")]);
    await download.saveAs(into);
  });
  await on(browser, { ...phone, locale: "en-GB", javaScriptEnabled: true }, async (page) => {
    await page.goto(`${clear}/https`);
    await see(page, "trust-phone-en");
  });
  const digest = createHash("sha256").update(readFileSync(into)).digest("hex").toUpperCase();
  must(digest === fingerprint.replaceAll(" ", ""), `the file's digest is ${digest}`);
}

/** Once it is trusted: the steward's key is made and named. */
async function makesAKey(browser, terminal, code) {
  await on(browser, desktop, async (page, context) => {
    await page.goto(`${secure}/signin`);
    must(JSON.stringify(await works(page)) === '{"secure":true,"subtle":true}', "keys do not work by https");
    must(await page.locator("[data-exposed]").count() === 0, "by https a page says that it came in the clear");
    await page.fill("#code", code);
    await page.click("form[action='/signin'] button");
    await page.goto(`${secure}/me/keys`);
    await page.fill("[data-make] [name=pin]", PIN);
    await page.fill("[data-make] [name=again]", PIN);
    await page.click("[data-make] button");
    const key = page.locator("li[data-key]:has([data-here]:visible)");
    await key.waitFor();
    const shown = (await key.locator("code").textContent()).trim();
    const [, digits] = await terminal.until(/made a key:\s+([0-9a-f ]+)\n/);
    must(digits.trim() === shown, `the terminal shows ${digits}, the page ${shown}`);
    terminal.child.stdin.write(`${shown.slice(-4)}\n`);
    await terminal.until(/is a steward now/);
    await see(page, "key");
    await page.click("form.out button");
    await page.goto(`${secure}/signin`);
    await page.fill("[data-by-key] [name=pin]", PIN);
    await page.click("[data-by-key] button");
    await page.waitForURL(/\/(me|today)$/);
    for (const address of [`https://localhost:${PORT}/`, `https://127.0.0.1:${PORT}/`]) {
      must(await refusal(context, address) === null, `on the machine itself: ${address}`);
    }
    const other = await refusal(context, `https://other.internal:${PORT}/`);
    must(other === "ERR_CERT_COMMON_NAME_INVALID", `another name: ${other}`);
  });
}

/** Somebody who has the authority's key certifies another name and serves it: the browser that trusts the authority does not come in. */
async function isOfNoUseElsewhere(browser, directory) {
  const at = (name) => join(directory, name);
  const openssl = (...args) => execFileSync("openssl", args, { stdio: "ignore" });
  openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", at("forged.key"), "-subj", "/CN=other.internal",
    "-addext", "subjectAltName=DNS:other.internal", "-out", at("forged.csr"));
  openssl("x509", "-req", "-in", at("forged.csr"), "-CA", at("data/tls/ca.pem"), "-CAkey", at("keys/authority.key"), "-days", "30",
    "-copy_extensions", "copy", "-out", at("forged.pem"));
  const server = spawn("openssl", ["s_server", "-accept", `127.0.0.1:${FORGED}`, "-cert", at("forged.pem"), "-key", at("forged.key"), "-www"], { stdio: ["ignore", "pipe", "ignore"] });
  await within(30, "the forger's server", new Promise((up) => { server.stdout.once("data", up); }));
  try {
    await on(browser, desktop, async (_, context) => {
      const refused = await refusal(context, `https://other.internal:${FORGED}/`);
      must(refused === "ERR_CERT_INVALID", `a name beyond the authority's: ${refused}`);
    });
  } finally {
    server.kill("SIGTERM");
  }
}

async function isRenewed(browser, terminal, directory) {
  execFileSync(hourbook, ["certificate", "renew", "--data", join(directory, "data"), "--authority-key", join(directory, "keys/authority.key")]);
  const certificate = () => execFileSync("openssl", ["s_client", "-connect", `127.0.0.1:${PORT}`, "-servername", NAME],
    { input: "", stdio: ["pipe", "pipe", "ignore"] }).toString().match(/BEGIN CERTIFICATE[^]*?END CERTIFICATE/)[0];
  const before = certificate();
  terminal.child.kill("SIGHUP");
  const since = Date.now();
  while (certificate() === before) must(Date.now() - since < 20_000, "the server goes on with the old certificate");
  await on(browser, desktop, async (_, context) => { must(await refusal(context, `${secure}/`) === null, "the renewed certificate is not taken"); });
}

/** A ledger without a certificate, on the office's name and on localhost. */
async function sayWhatCannotWork(browser, code) {
  const said = { zh: "不能新建密钥，也不能签名", en: "none can be made and nothing signed" };
  for (const [options, lang, name] of [[desktop, "zh", "zh"], [{ ...phone, javaScriptEnabled: false }, "en", "en-no-script"]]) {
    await on(browser, options, async (page) => {
      for (const path of ["/", "/signin", "/wishes", "/nowhere"]) {
        await page.goto(`${plain}${path}?lang=${lang}`);
        const text = await page.locator("[data-exposed]").textContent();
        must(text.includes(said[lang]), `${path} ${lang}: ${text}`);
        await page.goto(`http://localhost:${PLAIN}${path}?lang=${lang}`);
        must(await page.locator("[data-exposed]").count() === 0, `${path} on localhost says that it came in the clear`);
      }
      await page.goto(`${plain}/signin?lang=${lang}`);
      if (options.javaScriptEnabled !== false) await see(page, `exposed-${name}`);
      await page.click("[data-exposed] a");
      must(page.url().startsWith(`${plain}/https`), `the way leads to ${page.url()}`);
      const text = await page.textContent("main");
      must(text.includes("crypto.subtle") && text.includes(`--name ${NAME}`), text);
      if (options.javaScriptEnabled !== false) await see(page, `why-${name}`);
    });
  }
  await on(browser, { ...phone, viewport: { width: 320, height: 640 } }, async (page) => {
    await page.goto(`${plain}/signin?lang=en&size=xlarge`);
    await see(page, "exposed-narrow");
    await page.goto(`${plain}/https?lang=en&size=xlarge`);
    await see(page, "why-narrow");
    // Whoever signs in all the same finds no form for a key that could not be kept.
    await page.goto(`${plain}/signin?lang=zh&size=standard`);
    await page.fill("#code", code);
    await page.click("form[action='/signin'] button");
    await page.goto(`${plain}/me/keys`);
    must(!(await works(page)).subtle, "crypto.subtle is there in the clear");
    must(!await page.locator("[data-make] button").isVisible(), "a key is offered that cannot be made");
    await see(page, "keys-exposed");
  });
}

async function isToldTheWayOut(browser) {
  await on(browser, { ...desktop, userAgent: EXPLORER, javaScriptEnabled: true }, async (page) => {
    for (const path of ["/", "/signin", "/https"]) {
      await page.goto(`${plain}${path}`);
      const text = await page.textContent("body");
      must(text.includes("极速模式") && text.includes("IE mode"), text);
      must(await page.locator("link, script, style").count() === 0, "it loads something");
    }
    await page.screenshot({ path: join(shots, "office-explorer.png"), fullPage: true });
  });
}

mkdirSync(shots, { recursive: true });
const directory = mkdtempSync(join(tmpdir(), "hourbook-office-"));
const at = (name) => join(directory, name);
const founded = ["--place", "东湖街道", "--steward", "王芳", "--origin", "hours.test/office"];
const terminal = new Running(["init", at("data"), ...founded, "--keys-out", at("keys"), "--at", "office", "--name", NAME, "--listen", `127.0.0.1:${PORT}`]);
const printed = execFileSync(hourbook, ["init", at("other"), ...founded, "--keys-out", at("other-keys"), "--listen", `127.0.0.1:${PLAIN}`, "--no-serve"]).toString();
const other = new Running(["serve", "--data", at("other")]);
try {
  const [, fingerprint] = await terminal.until(/SHA-256 ([0-9A-F ]{79})/);
  const [, code] = await terminal.until(/type the code (\d{8})/);
  await terminal.until(/Ctrl-C ends it/);
  await other.until(/Ctrl-C ends it/);
  const certificate = at("ca.crt");
  await withBrowser((browser) => arrives(browser, fingerprint, certificate), { flags: [RULES] });
  const trust = (home) => {
    const list = `sql:${join(home, ".pki/nssdb")}`;
    mkdirSync(join(home, ".pki/nssdb"), { recursive: true });
    execFileSync("certutil", ["-d", list, "-N", "--empty-password"]);
    // The line that the page shows.
    execFileSync("certutil", ["-d", list, "-A", "-t", "C,,", "-n", "hourbook", "-i", certificate]);
  };
  await withBrowser(async (browser) => {
    await makesAKey(browser, terminal, code);
    await isOfNoUseElsewhere(browser, directory);
    await isRenewed(browser, terminal, directory);
    await sayWhatCannotWork(browser, printed.match(/type the code (\d{8})/)[1]);
    await isToldTheWayOut(browser);
  }, { flags: [RULES], prepare: trust });
} finally {
  await terminal.end();
  await other.end();
  rmSync(directory, { recursive: true, force: true });
}
console.log(`https by an authority of the ledger's own on ${NAME}: refused, trusted, a key made, renewed; in the clear ${seen} views say why`);
