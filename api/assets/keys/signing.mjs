// Signs in the page what a form asks for: the server drafts the event, the page reads its bytes, the person checks it and
// types the PIN, and the signed event is handed in.

import * as client from "./client.mjs";
import { answer, challenge, digits, spoken } from "./compare.mjs";
import { Differs, Unreadable } from "./check.mjs";
import { WrongPin, supported, unlock, unlocked } from "./keystore.mjs";
import { busy, hideFaults, showFault } from "./page.mjs";
import { composers } from "./compose.mjs";
import { hasRows, lines as pickedLines, picked } from "./picked.mjs";
import { OneCell, parse } from "./rows.mjs";
import { doubles, offer, skipped } from "./doubles.mjs";
import { hex, uuid } from "./bytes.mjs";

const bar = document.getElementById("sign");
const { key, person, ledger, schema } = bar.dataset;

/** Days that a code is good for; somewhat less, since the ledger's clock may be behind. */
const WEEK_MILLIS = 7 * 86_400_000 - 600_000;
/** One-time codes begin with so many digits, and grow while the ledger says that they are too short. */
const DIGITS = [8, 12];
/** How many rows are handed in at once, as a whole or not at all, and how many if each comes with a one-time code. */
const ROWS = 200;
const CODES = 16;

const randomId = () => uuid(crypto.getRandomValues(new Uint8Array(16)));

/** Digits of which each is as likely as any other. */
function randomDigits(wanted) {
  let digits = "";
  while (digits.length < wanted) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < 250) digits += byte % 10;
  }
  return digits;
}

const drawers = { id: randomId, code: () => randomDigits(DIGITS[0]), week: () => Date.now() + WEEK_MILLIS };

/**
 * What nobody types: ids of what is new, codes, the end of a term. Drawn once for what a form or a row says, so that what is
 * handed in again is the same, and what says something else has an id and a code of its own.
 */
function drawn(form, what, inputs) {
  form.drawn ??= new Map();
  if (!form.drawn.has(what)) {
    const values = Object.entries(inputs).filter(([, how]) => drawers[how]).map(([name, how]) => [name, drawers[how]()]);
    form.drawn.set(what, Object.fromEntries(values));
  }
  return form.drawn.get(what);
}

/** What each row says, told apart from others that say the same. */
function sayings(rows, base) {
  const times = new Map();
  return rows.map((row) => {
    const said = JSON.stringify([base, row]);
    times.set(said, (times.get(said) ?? 0) + 1);
    return `${said} ${times.get(said)}`;
  });
}

/** What is typed into fields of their own, under the names of the inputs. */
function typed(form, inputs) {
  const data = new FormData(form);
  const asked = Object.entries(inputs).filter(([name]) => data.get(name)?.trim());
  return Object.fromEntries(asked.map(([name, how]) => [name, how === "number" ? Number(data.get(name)) : data.get(name)]));
}

/** What a form asks for, row by row or once: the events, one or one followed by those that go with it, and where it stands. */
function asked(form) {
  // What a sheet comes to was drafted and read already.
  if (form.hasAttribute("data-import")) return form.prepared?.asked() ?? { each: [], unread: [], then: false };
  const inputs = JSON.parse(form.dataset.inputs);
  const base = { ...typed(form, inputs), ...JSON.parse(form.dataset.given) };
  if (form.dataset.compose) return composed(form, inputs, base);
  if (hasRows(form)) return ticked(form, inputs, base);
  const area = form.querySelector("textarea[data-columns]");
  const sheet = area && parse(area.value, JSON.parse(area.dataset.columns));
  const rows = sheet ? sheet.rows : [{}];
  const wanted = form.querySelector('input[data-then]')?.checked ?? true;
  const then = wanted && form.dataset.then ? JSON.parse(form.dataset.then) : [];
  const most = then.length > 0 || form.dataset.sign === "give-code" ? CODES : ROWS;
  const said = sayings(rows, base);
  const each = rows.map((row, at) => {
    const keys = [said[at]];
    const ids = drawn(form, said[at], inputs);
    const first = act({ name: form.dataset.sign, event: form.dataset.kind }, inputs, { ...base, ...row }, ids);
    const more = then.map(({ sign, kind, inputs: theirs, given }) => {
      const what = `${sign} ${said[at]} ${JSON.stringify(given)}`;
      keys.push(what);
      const ids = drawn(form, what, theirs);
      return act({ name: sign, event: kind }, theirs, { person: first.values.person, ...given }, ids);
    });
    return { at, row, line: sheet?.lines[at], keys, acts: [first, ...more] };
  });
  return { each, most, text: area?.value, unread: sheet?.unread ?? [], then: then.length > 0, done: new Set(), parts: 0 };
}

const mainOf = (form, inputs, values) => ({ sign: form.dataset.sign, kind: form.dataset.kind, inputs, values });

/** What a form asks for that says several things together. */
function composed(form, inputs, base) {
  const keys = [];
  const ids = (what, theirs) => {
    keys.push(what);
    return drawn(form, what, Object.fromEntries(Object.entries(theirs).filter(([, how]) => how === "id")));
  };
  const said = composers[form.dataset.compose](form, mainOf(form, inputs, base), JSON.parse(form.dataset.beside), ids);
  const acts = said.map(({ sign, kind, inputs: theirs, values }) => act({ name: sign, event: kind }, theirs, values, {}));
  const each = acts.length > 0 ? [{ at: 0, row: {}, keys, acts }] : [];
  return { each, most: ROWS, unread: [], then: false, done: new Set(), parts: 0 };
}

/** What the ticked rows of a form ask for: all of it at once if one event gathers them, else row by row. */
function ticked(form, inputs, base) {
  const main = mainOf(form, inputs, base);
  const each = picked(form, main).map(({ sign, kind, inputs: theirs, values }, at) => {
    const what = `${sign} ${JSON.stringify(values)}`;
    return { at, row: {}, keys: [what], acts: [act({ name: sign, event: kind }, theirs, values, drawn(form, what, theirs))] };
  });
  const whole = { at: 0, row: {}, keys: each.flatMap(({ keys }) => keys), acts: each.flatMap(({ acts }) => acts) };
  const all = form.dataset.gather && each.length > 0 ? [whole] : each;
  return { each: all, most: ROWS, unread: [], then: false, done: new Set(), parts: 0 };
}

const act = (action, inputs, said, drawn) =>
  ({ action, drawn, values: { ...said, ...drawn }, texts: Object.keys(inputs).filter((name) => ["vault", "code"].includes(inputs[name])) });

/** What is asked, as it stands on the page: the button, each field with its label, and how many rows of what. */
function say(form, { each, unread, then }) {
  bar.querySelector(".what").textContent = form.querySelector("[type=submit]").textContent.trim();
  const inputs = JSON.parse(form.dataset.inputs);
  const isAsked = (field) => field.type === "hidden" ? field.dataset.label : field.name in inputs || "said" in field.dataset;
  const shown = (field) => isAsked(field) && (field.type !== "checkbox" || field.checked) && field.value.trim();
  const fields = [...form.elements].filter(shown);
  const lines = fields.map((field) => [
    field.closest("label")?.querySelector("span")?.textContent ?? field.dataset.label ?? field.name,
    field.selectedOptions?.[0]?.textContent ?? field.value,
  ]);
  if (form.querySelector("textarea[data-columns]")) {
    lines.push(...each.map(({ row, line }) => [String(line), Object.values(row).join(" · ")]));
    if (unread.length > 0) lines.push([bar.dataset.unread, unread.join("、")]);
  }
  lines.push(...pickedLines(form));
  const also = then && form.querySelector("input[data-then]");
  if (also) lines.push(["＋", also.closest("label").textContent.trim()]);
  bar.querySelector("dl").replaceChildren(...lines.map(([label, text]) => {
    const line = document.createElement("div");
    for (const [tag, words] of [["dt", label], ["dd", text]]) line.appendChild(document.createElement(tag)).textContent = words;
    return line;
  }));
}

/** Whether a key is about to be named, as far as the page says so; what is drafted decides in the end. */
const namesAKey = (form) => form.dataset.sign === "grant-role";

/** Asks for the six digits that the key answers with. */
function ask(form, wanted) {
  const place = bar.querySelector("[data-compare]");
  place.hidden = !wanted;
  if (wanted) form.challenge ??= challenge();
  place.querySelector("[data-challenge]").textContent = spoken(form.challenge ?? "");
  const field = place.querySelector("input");
  field.required = wanted;
  field.value = "";
}

/** The colleague's page answered otherwise than the key that is about to be named. */
class Unlike extends Error {}

/** The key that the drafted events name for a role was compared, whatever the page calls what is signed. */
async function compare(form, drafts) {
  const grants = drafts.map(({ event }) => event.role?.granted).filter(Boolean);
  if (grants.length === 0) return;
  const keys = grants.flatMap(({ keys }) => keys ?? []);
  if (grants.length > 1 || keys.length !== 1) throw new Differs("a role is given by one key at a time");
  const key = hex.encode(keys[0]);
  const typed = digits(bar.querySelector("[data-compare] input").value);
  const asked = form.challenge;
  if (asked && typed === await answer(ledger, key, asked)) return;
  // Each try has digits of its own.
  form.challenge = undefined;
  ask(form, true);
  throw new Unlike();
}

const rowsAlready = bar.querySelector("[data-doubles]");
const progress = bar.querySelector("[data-part]");

const filled = (text, values) => Object.entries(values).reduce((told, [name, value]) => told.replace(`{${name}}`, value), text);

/** What was asked for and is neither recorded nor skipped. */
function left({ each, done }) {
  const skip = skipped(rowsAlready);
  return each.filter(({ at }) => !done.has(at) && !skip.has(at));
}

/** How many there are, and in how many parts they are signed: so many are taken at once. */
function count(all) {
  const rows = left(all);
  const parts = Math.ceil(rows.length / all.most);
  const told = parts > 1 ? progress.dataset.parts : progress.dataset.rows;
  progress.textContent = all.each.length > 1 ? filled(told, { rows: rows.length, of: parts, most: all.most }) : "";
}

rowsAlready.addEventListener("change", () => count(rowsAlready.all));

/** Of people that are to be registered, who is perhaps there already. */
async function already(form, all) {
  rowsAlready.all = all;
  const asks = form.dataset.sign === "register-person";
  const [rows, lines] = [all.each.map(({ acts: [{ values }] }) => values), all.each.map(({ line }) => line)];
  const found = asks ? await doubles(rowsAlready, form.elements.namedItem("home").value, rows, lines) : [];
  offer(rowsAlready, found, (at) => filled(rowsAlready.dataset.row, { line: lines[at] ?? 1, name: rows[at].name }));
}

/** Shows what a form asks for, and signs it once its signer says so. */
export async function begin(form) {
  hideFaults(bar);
  let all;
  try {
    all = asked(form);
  } catch (error) {
    say(form, { each: [], unread: [], then: false });
    offer(rowsAlready, []);
    progress.textContent = "";
    bar.querySelector("[value=sign]").hidden = true;
    bar.showModal();
    return showFault(bar, error instanceof OneCell ? "one-cell" : error.fault ?? "row", error.message);
  }
  if (all.each.length === 0) return form.querySelector("input[type=file], textarea, [data-pick]").focus();
  bar.querySelector("[value=sign]").hidden = false;
  say(form, all);
  try {
    await already(form, all);
  } catch (error) {
    bar.querySelector("[value=sign]").hidden = true;
    offer(rowsAlready, []);
    bar.showModal();
    return fault(error);
  }
  count(all);
  bar.querySelector("[data-event]").textContent = "";
  const signer = supported() ? await unlocked(key) : undefined;
  bar.querySelector("[data-pin]").hidden = Boolean(signer);
  ask(form, namesAKey(form));
  bar.querySelector("form").onsubmit = (event) => {
    event.preventDefault();
    busy(bar, () => sign(form, all)).catch((error) => fault(error));
  };
  // A page that shows in its own bar what is signed, by whom and by which key, asks no second time.
  if (signer && form.querySelector("[data-bar]")) {
    return busy(form, () => sign(form, all)).catch((error) => {
      bar.showModal();
      fault(error);
    });
  }
  bar.showModal();
  return supported() || showFault(bar, "unsupported");
}

async function sign(form, all) {
  hideFaults(bar);
  const pin = bar.querySelector("[name=pin]");
  const signer = (await unlocked(key)) ?? await unlock(key, pin.value);
  pin.value = "";
  bar.querySelector("[data-pin]").hidden = true;
  if (signer.person !== person || signer.ledger !== ledger) throw new Differs("the key is of another person or ledger");
  if (left(all).length === 0 && all.done.size === 0) return showFault(bar, "nobody");
  // What is skipped is settled once something is signed.
  for (const box of rowsAlready.querySelectorAll("input")) box.disabled = true;
  const parts = all.parts + Math.ceil(left(all).length / all.most);
  while (left(all).length > 0) {
    const part = left(all).slice(0, all.most);
    const [from, to] = [part[0], part.at(-1)].map(({ line, at }) => line ?? at + 1);
    const told = { part: all.parts + 1, of: parts, from, to, done: all.done.size };
    if (parts > 1) progress.textContent = filled(progress.dataset.part, told);
    try {
      all.position = await handIn(signer, form, part);
    } catch (error) {
      if (parts > 1) progress.textContent = filled(progress.dataset.stopped, told);
      throw error;
    }
    finish(form, all, part);
  }
  // Where it is done may be named after what is new.
  const done = form.dataset.done.replace(/\{(\w+)\}/g, (_, name) => all.each[0].acts[0].values[name]);
  const next = new URL(done, location.href);
  next.searchParams.set("min_position", all.position);
  location.assign(next);
}

/** Has one part recorded, as a whole or not at all, and gives its position. */
async function handIn(signer, form, part) {
  // What was handed in once and not answered is handed in again as it was: the ledger then answers as it did.
  const said = JSON.stringify(part.map(({ acts }) => acts.map(({ values }) => values)));
  if (form.signed?.said !== said) form.signed = { said, ...await draft(signer, part, form) };
  try {
    return (await client.submit(form.signed.submissions)).position;
  } catch (error) {
    if (!error.isDefinite) throw error;
    // What was refused was not recorded: its codes are nobody's.
    restore(form.signed.slips);
    form.signed = undefined;
    if (!longer(error, part)) throw error;
    return handIn(signer, form, part);
  }
}

/** What was recorded is not asked for again: its rows go from the field, and the others stay there. */
function finish(form, all, part) {
  for (const { at, keys } of part) {
    all.done.add(at);
    for (const key of keys) form.drawn.delete(key);
  }
  all.parts += 1;
  const area = form.querySelector("textarea[data-columns]");
  if (!area) return;
  const gone = new Set(all.each.filter(({ at }) => all.done.has(at)).map(({ line }) => line));
  area.value = all.text.split(/\r?\n/).filter((_, at) => !gone.has(at + 1)).join("\n");
}

const isCode = ({ action }) => action.name === "give-code";

/** Drafts, checks and signs all of it; the codes are kept first, for nobody can read them again. */
async function draft(signer, part, form) {
  const drafts = form.prepared?.drafts(part) ?? [];
  for (const { row, line, acts } of part) {
    for (const { action, values, texts } of form.prepared ? [] : acts) {
      drafts.push(await client.draft(schema, signer, action, values, texts, form.dataset.behalf).catch((error) => {
        throw line && error instanceof client.Refused ? error.of(filled(rowsAlready.dataset.row, { line, name: Object.values(row)[0] })) : error;
      }));
    }
  }
  await compare(form, drafts);
  bar.querySelector("[data-event]").textContent = drafts.map(({ event }) => client.written(event)).join("\n");
  const submissions = await client.sign(signer, drafts);
  return { submissions, slips: keep(part, form) };
}

/** Codes that are too short for as many as are open grow by a digit. */
function longer(error, part) {
  const codes = part.flatMap(({ acts }) => acts).filter(isCode);
  const digits = codes[0]?.values.code.length;
  if (error.code !== "bad-opening" || !digits || digits >= DIGITS[1]) return false;
  for (const { values, drawn } of codes) values.code = drawn.code = randomDigits(digits + 1);
  return true;
}

/**
 * Codes are shown once, on the page of slips, to whoever gave them, after those that were not handed over yet; they go with
 * the tab, or when somebody signs out. Gives what was kept before.
 */
function keep(part, form) {
  const slips = part.flatMap(({ row, acts }) => acts.filter(isCode).map(({ values }) => ({
    by: person, name: row.name ?? typed(form, { name: "vault" }).name ?? "", code: values.code, until: values.until,
  })));
  const before = sessionStorage.getItem("slips");
  const earlier = JSON.parse(before ?? "[]").filter(({ by }) => by === person);
  if (slips.length > 0) sessionStorage.setItem("slips", JSON.stringify([...earlier, ...slips]));
  return before;
}

const restore = (slips) => slips === null ? sessionStorage.removeItem("slips") : sessionStorage.setItem("slips", slips);

function fault(error) {
  const names = [[WrongPin, "wrong-pin"], [Unlike, "unlike"], [Differs, "differs"], [Unreadable, "differs"], [TypeError, "network"]];
  if (error instanceof client.Refused) return showFault(bar, "refused", error.message);
  if (error.name === "NoKey") return showFault(bar, "no-key");
  const known = names.find(([kind]) => error instanceof kind);
  if (error instanceof WrongPin) bar.querySelector("[data-pin]").hidden = false;
  return showFault(bar, known?.[1] ?? "unsupported", known ? error.message : String(error));
}

