// A key in the page, in a real browser: node keys.mjs BASE_URL CODE [WORKER_CODE KEYS HOURBOOK]
//
// With the code of a worker, the directory of the demo's keys and the command, a worker makes a key and a steward in another
// browser names it.
//
// Whoever the one-time code lets in makes a key, signs out, signs in with it, and signs up for an activity. Then a server
// that drafts something else is refused, and so is a wrong PIN; a browser without Ed25519, and one without
// `crypto.subtle`. Exit 1 on any failure. Screenshots go to shots/keys-*.png.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compare } from "./compare.mjs";
import { look as seen, newContext, newPage, withBrowser } from "./chromium.mjs";
import { signedInWith } from "./session.mjs";

const PIN = "618-033";
const OTHER_PIN = "141-421";
const [base, code, workerCode, keys, hourbook] = process.argv.slice(2);
if (!code) {
  console.error("usage: node keys.mjs BASE_URL CODE");
  process.exit(2);
}
const at = (path) => new URL(path, base).href;
const shots = join(import.meta.dirname, "shots");
let taps = 0;

const must = (truth, what) => { if (!truth) throw new Error(what); };

async function tap(page, selector) {
  taps += 1;
  await page.click(selector);
}

const look = (page, name) => seen(page, join(shots, `keys-${name}.png`));

const fault = (page, within, name) => page.locator(`${within} [data-fault="${name}"]`).waitFor({ state: "visible" });

async function makesAKey(page, code) {
  await page.goto(at("/signin"));
  await page.fill("#code", code);
  await tap(page, "form[action='/signin'] button");
  await page.goto(at("/me/keys"));
  await look(page, "make");
  await page.fill("[data-make] [name=pin]", PIN);
  await page.fill("[data-make] [name=again]", "another");
  await page.click("[data-make] button");
  await fault(page, "[data-make]", "unequal");
  await page.fill("[data-make] [name=again]", PIN);
  await tap(page, "[data-make] button");
  await page.locator("li[data-key] [data-here]:visible").waitFor();
  await look(page, "made");
  await signsOut(page);
}

/** A page that is closed while it signs out can take the whole browser with it. */
async function signsOut(page) {
  await tap(page, "form.out button");
  await page.waitForURL(at("/"));
}

async function signsIn(page, pin = PIN) {
  await page.goto(at("/signin"));
  await page.locator("[data-by-key]:visible").waitFor();
  await page.fill("[data-by-key] [name=pin]", pin);
  await tap(page, "[data-by-key] button");
}

/** Presses the first button to sign up and returns the shift that it is for. */
async function asks(page) {
  await page.goto(at("/activities"));
  const form = page.locator("form[data-sign=sign-up]").first();
  const given = await form.getAttribute("data-given");
  await form.locator("button").click();
  await page.locator("dialog.signing[open]").waitFor();
  taps += 1;
  return given;
}

const shift = (name, given) => `form[data-sign=${name}][data-given='${given}']`;

async function signsUp(page) {
  const given = await asks(page);
  await look(page, "sign");
  if (await page.isVisible("dialog [data-pin]")) await page.fill("dialog [name=pin]", PIN);
  await tap(page, "dialog button[value=sign]");
  await page.waitForURL(/min_position=/);
  must(await page.locator(shift("withdraw-sign-up", given)).count() === 1, "the page does not show the place taken");
  await look(page, "signed");
  return given;
}

/** The server answers with the draft of another shift; the page must see it, and hand nothing in. */
async function refusesALie(page) {
  let handedIn = 0;
  await page.route("**/v1/events?*", (route) => { handedIn += 1; return route.continue(); });
  await page.route("**/v1/drafts", async (route) => {
    const answer = await route.fetch();
    const drafted = await answer.json();
    const bytes = Buffer.from(drafted.event, "base64");
    bytes[bytes.length - 20] ^= 1;
    await route.fulfill({ response: answer, json: { ...drafted, event: bytes.toString("base64") } });
  });
  await asks(page);
  await page.click("dialog button[value=sign]");
  await fault(page, "dialog", "differs");
  await look(page, "lie");
  must(handedIn === 0, "something was handed in all the same");
  await page.unroute("**/v1/drafts");
  await page.unroute("**/v1/events?*");
}

/** What offices still run: a browser that has Web Crypto and knows no Ed25519. */
const withoutEd25519 = () => {
  for (const name of ["generateKey", "importKey", "unwrapKey", "sign"]) {
    const own = SubtleCrypto.prototype[name];
    SubtleCrypto.prototype[name] = function refuse(...given) {
      const asked = given.some((one) => one === "Ed25519" || one?.name === "Ed25519");
      return asked ? Promise.reject(new DOMException("unknown", "NotSupportedError")) : own.apply(this, given);
    };
  }
};

const withoutSubtle = () => Object.defineProperty(Crypto.prototype, "subtle", { get: () => undefined });

async function on(context, script, act) {
  const page = await newPage(context);
  // "The PIN never leaves this device."
  page.on("request", (request) => must(![PIN, OTHER_PIN].some((pin) => `${request.url()} ${request.postData()}`.includes(pin)), "the PIN was sent"));
  page.on("pageerror", (error) => { throw new Error(`script error: ${error.message}`); });
  if (script) await page.addInitScript(script);
  try {
    return await act(page);
  } finally {
    await page.close();
  }
}

/** The page's reader takes the bytes of every kind of event, and none that say more than one reader would see. */
async function readsAsTheLedgerDoes(page) {
  const golden = readFileSync(join(import.meta.dirname, "../../ledger/src/wire/golden.txt"), "utf8");
  const events = golden.trim().split("\n").map((line) => line.split(" ")).filter(([name]) => !/^(entry|envelope)/.test(name));
  await page.goto(at("/signin"));
  const scripts = await page.locator("script[src*='/keys/']").first().getAttribute("src");
  const folder = scripts.replace(/[^/]+$/, "");
  const answered = await page.evaluate(async (folder) => {
    const { answer } = await import(`${folder}compare.mjs`);
    return answer("hours.test/town", "0f3c9a7d1e5b2846a0c4d8e2f6b19375", "381204");
  }, folder);
  must(answered === "012517", `the command line answers otherwise: ${answered}`);
  const told = await page.evaluate(async ([folder, given]) => {
    const [{ read }, { hex }] = await Promise.all([import(`${folder}reader.mjs`), import(`${folder}bytes.mjs`)]);
    const schema = await (await fetch(`${folder}../schema.json`)).json();
    const reads = (bytes) => { try { return Boolean(read(schema, "Event", bytes)); } catch { return false; } };
    const wrong = [];
    for (const [name, digits] of given) {
      const bytes = hex.decode(digits);
      if (!reads(bytes)) wrong.push(`${name}: not read`);
      if (reads(new Uint8Array([...bytes, ...bytes]))) wrong.push(`${name}: read twice over`);
      if (reads(new Uint8Array([...bytes, 0xfa, 0x3f, 0]))) wrong.push(`${name}: an unknown field`);
      if (reads(bytes.subarray(0, -1))) wrong.push(`${name}: cut short`);
    }
    return wrong;
  }, [folder, events]);
  must(events.length > 50 && told.length === 0, `of ${events.length} events: ${told.slice(0, 5)}`);
  console.log(`${events.length} events are read in the page, none that is doubled, cut or has an unknown field`);
}

const run = (...args) => JSON.parse(execFileSync(hourbook, [...args, "--server", base, "--json"], { encoding: "utf8" }));

const keyOf = async (page) => page.locator("li[data-key]:has([data-here]:visible)").getAttribute("data-key");

async function makes(context, code) {
  return on(context, null, async (page) => {
    await makesAKey(page, code);
    await signsIn(page);
    await page.waitForURL(/\/(me|today)$/);
    await page.goto(at("/me/keys"));
    return keyOf(page);
  });
}

/** A worker whose browser is new makes a key; a steward sees it in another browser and names it. */
async function isNamedByAColleague(fresh) {
  const second = join(keys, "second-steward.pem");
  const { member, roles } = await signedInWith(base, join(keys, "steward.pem"));
  const over = roles.find(({ role }) => role === "steward").org;
  const steward = await fresh();
  const stewards = await makes(steward, run("code", member, "--as", second).code);
  // The first key of a browser is named by a colleague who has one already.
  const scope = over ? [`org=${over.id}`] : [];
  run("act", "do", "grant-role", `person=${member}`, "role=steward", ...scope, `key=${stewards}`, "--as", second);
  const worker = await fresh();
  const workers = await makes(worker, workerCode);
  await on(steward, null, async (page) => {
    await page.goto(at("/colleagues"));
    const form = page.locator("form[data-sign=grant-role]").filter({ has: page.locator("button") });
    const of = form.and(page.locator(`[data-given*="${workers}"]`)).first();
    await look(page, "colleagues");
    const { person } = JSON.parse(await of.getAttribute("data-given"));
    await cannotBeSkipped(page, of);
    taps = 1;
    await of.locator("button").click();
    await page.locator("dialog.signing[open]").waitFor();
    await on(worker, null, (answering) => isCompared(page, answering, workers));
    await tap(page, "dialog button[value=sign]");
    await page.waitForURL(/min_position=/);
    must(await page.locator(`form[data-sign=grant-role][data-given*="${workers}"]`).count() === 0, "the key is not named");
    console.log(`a colleague's new key is named: ${taps} taps`);
    await page.goto(at(`/people/${person}`));
    const lost = page.locator(`form[data-then*="${workers}"]`);
    await page.locator("details").filter({ has: lost }).locator("summary").click();
    await look(page, "lost");
    const named = page.url();
    taps = 1;
    await lost.locator("button").click();
    await tap(page, "dialog button[value=sign]");
    await page.waitForURL((url) => url.href !== named);
    console.log(`the roles of a lost key stop, and it ends once a second person agrees: ${taps} taps`);
  });
  await on(worker, null, async (page) => {
    await page.goto(at("/me/access"));
    const consent = page.locator("form[data-sign=public-name]");
    await consent.locator("button").click();
    await page.fill("dialog [name=pin]", PIN).catch(() => {});
    await page.click("dialog button[value=sign]");
    await page.waitForURL(/min_position=/);
    console.log("consent to a public name is signed");
    await page.goto(at("/me"));
    must(await page.locator("a[href='/register']").count() === 0, "a role that was taken is exercised");
  });
  const ending = run("act", "list", "--as", second).findLast(({ kind }) => kind === "key-revoked");
  // The second steward gave the code by which the first has this key: the two are not two people.
  run("act", "approve", ending.act, "--as", join(keys, "founder-1.pem"));
  await on(worker, null, forgetsAnEndedKey);
}

/** A page that calls it by another name has a key compared all the same. */
async function cannotBeSkipped(page, form) {
  let handedIn = 0;
  await page.route("**/v1/events?*", (route) => { handedIn += 1; return route.continue(); });
  await page.route("**/v1/drafts", (route) =>
    route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), kind: "grant-role" }) }));
  await form.evaluate((element) => {
    element.dataset.sign = "x";
    element.requestSubmit();
  });
  await page.locator("dialog.signing[open]").waitFor();
  must(!await page.isVisible("dialog [data-compare]"), "the page says already that a key is named");
  await page.click("dialog button[value=sign]");
  await fault(page, "dialog", "unlike");
  must(await page.isVisible("dialog [data-compare]") && handedIn === 0, "a key was named without comparing it");
  await page.unroute("**/v1/drafts");
  await page.unroute("**/v1/events?*");
  await page.reload();
}

/** Whoever is about to name a key is told other digits for a wrong answer, and nothing is signed. */
async function isCompared(page, answering, key) {
  await answering.goto(at("/me/keys"));
  const asked = await compare(page, answering, key);
  const answer = await page.inputValue("dialog [name=answer]");
  await page.fill("dialog [name=answer]", answer.replace(/\d/, (digit) => (Number(digit) + 1) % 10));
  await page.click("dialog button[value=sign]");
  await fault(page, "dialog", "unlike");
  await look(page, "unlike");
  must(await compare(page, answering, key) !== asked, "the same digits are asked for again");
  await look(answering, "answers");
}

/** A key that has ended lets nobody in, and can be taken off the list of names. */
async function forgetsAnEndedKey(page) {
  await signsIn(page);
  await page.locator("[data-forget]").waitFor({ state: "visible" });
  await look(page, "ended");
  await Promise.all([page.waitForEvent("load"), page.locator("[data-forget] button").click()]);
  await page.waitForTimeout(500);
  must(!await page.isVisible("[data-by-key]"), "a key that was removed is offered");
}

/** Gives the key another PIN, which alone opens it then. */
async function changesThePin(page, from, to) {
  await signsIn(page, from);
  await page.waitForURL(/\/(me|today)$/);
  await page.goto(at("/me/keys"));
  const change = async (old, pin, again) => {
    for (const [name, value] of Object.entries({ old, pin, again })) await page.fill(`[data-change-pin] [name=${name}]`, value);
    await page.click("[data-change-pin] button");
  };
  await change("not-the-pin", to, to);
  await fault(page, "[data-change-pin]", "wrong-pin");
  await change(from, to, `${to}9`);
  await fault(page, "[data-change-pin]", "unequal");
  await change(from, to, to);
  await page.locator("[data-change-pin] [data-done]").waitFor({ state: "visible" });
  await look(page, "pin");
  await leavesNothing(page);
  await signsIn(page, from);
  await fault(page, "[data-by-key]", "wrong-pin");
  await signsIn(page, to);
  await page.waitForURL(/\/(me|today)$/);
  await signsOut(page);
}

/** After signing out the way back shows nothing, no key is unlocked, and nothing is cached. */
async function leavesNothing(page) {
  await page.goto(at("/me"));
  await signsOut(page);
  await page.goBack();
  await page.locator("#code").waitFor();
  must(await page.locator("form.out").count() === 0, "the way back shows a page of who was signed in");
  const left = await page.evaluate(async () => {
    const opening = indexedDB.open("hourbook-keys");
    const db = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
    const all = db.transaction("unlocked").objectStore("unlocked").count();
    const unlocked = await new Promise((done) => { all.onsuccess = () => done(all.result); });
    db.close();
    const workers = await navigator.serviceWorker.getRegistrations();
    return [unlocked, sessionStorage.length, localStorage.length, (await caches.keys()).length, workers.length];
  });
  must(left.every((count) => count === 0), `left behind: ${left}`);
}

/** The page takes a draft for what was said, and for nothing that differs from it in one word. */
async function takesOnlyWhatWasSaid(page) {
  await signsIn(page);
  await page.waitForURL(/\/(me|today)$/);
  await page.goto(at("/activities"));
  const form = page.locator("form[data-sign=sign-up]").first();
  const given = JSON.parse(await form.getAttribute("data-given"));
  const bar = page.locator("dialog.signing");
  const [person, ledger, schema] = await Promise.all(["person", "ledger", "schema"].map((name) => bar.getAttribute(`data-${name}`)));
  const folder = (await page.locator("script[src*='/keys/']").first().getAttribute("src")).replace(/[^/]+$/, "");
  const verdicts = await page.evaluate(async ([folder, schema, said]) => {
    const [{ check }, { base64 }] = await Promise.all([import(`${folder}check.mjs`), import(`${folder}bytes.mjs`)]);
    const table = await (await fetch(schema)).json();
    const headers = { "content-type": "application/json" };
    const asked = JSON.stringify({ kind: "sign-up", ...said.given });
    const { event, openings } = await (await fetch("/v1/drafts", { method: "POST", headers, body: asked })).json();
    const takes = (change, more = openings) =>
      check(table, base64.decode(event), more, { ...said, ...change }).then(() => true, () => false);
    const { activity, shift } = said.given;
    const opening = { subject: said.person, field: "note", salt: base64.encode(new Uint8Array(32)), value: "x" };
    return {
      said: await takes({}),
      kind: await takes({ kind: "sign-up-withdrawn" }),
      ledger: await takes({ ledger: "another.example/log" }),
      person: await takes({ person: activity }),
      swapped: await takes({ given: { activity: shift, shift: activity } }),
      other: await takes({ given: { activity, shift: activity } }),
      less: await takes({ given: { activity } }),
      more: await takes({ given: { activity, shift, note: "x" } }),
      helped: await takes({ given: { activity, shift, for: activity } }),
      opening: await takes({}, [opening]),
    };
  }, [folder, schema, { kind: "signed-up", person, ledger, given }]);
  const { said, ...others } = verdicts;
  must(said, "what was said is refused");
  must(Object.values(others).every((taken) => !taken), `taken all the same: ${JSON.stringify(others)}`);
  await signsOut(page);
}

mkdirSync(shots, { recursive: true });
await withBrowser(async (browser) => {
  const context = await newContext(browser, { viewport: { width: 390, height: 844 }, reducedMotion: "reduce" });
  await on(context, null, (page) => makesAKey(page, code));
  await on(context, null, readsAsTheLedgerDoes);
  await on(context, null, async (page) => {
    await signsIn(page, "123456");
    await fault(page, "[data-by-key]", "wrong-pin");
    await look(page, "wrong-pin");
    taps = 0;
    await signsIn(page);
    await page.waitForURL(/\/(me|today)$/);
    await signsUp(page);
    console.log(`signing in and signing up: ${taps} taps`);
    await refusesALie(page);
    await tap(page, "dialog [data-cancel]");
    await signsOut(page);
  });
  await on(context, null, takesOnlyWhatWasSaid);
  await on(context, null, (page) => changesThePin(page, PIN, OTHER_PIN));
  await on(context, withoutEd25519, (page) => changesThePin(page, OTHER_PIN, PIN));
  console.log("another PIN opens the key, and signing out leaves nothing behind");
  await on(context, withoutEd25519, async (page) => {
    await signsIn(page);
    await page.waitForURL(/\/(me|today)$/);
    await signsUp(page);
  });
  if (hourbook) {
    await isNamedByAColleague(() => newContext(browser, { viewport: { width: 390, height: 844 }, reducedMotion: "reduce" }));
  }
  await on(context, withoutSubtle, async (page) => {
    await page.goto(at("/me/keys"));
    await page.locator("[data-unsupported]:visible").waitFor();
    await look(page, "unsupported");
  });
});
console.log("keys in the page: all good");
