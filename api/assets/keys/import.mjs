// `/import`: hours from a sheet. The server reads the file and drafts the events; what the page shows of each row is what it
// found in them, and only that can be signed.

import { Refused, preview, schema as loaded, workbook } from "./client.mjs";
import { Differs, Unreadable, checkRead } from "./check.mjs";
import { busy, hideFaults, showFault } from "./page.mjs";
import { base64, uuid } from "./bytes.mjs";

const form = document.querySelector("form[data-import]");
const told = form.querySelector("[data-told]");
const place = form.querySelector("[data-file]");
const input = place.querySelector("input[type=file]");
const paste = place.querySelector("[data-paste]");
const bar = document.getElementById("sign");
const inChinese = document.documentElement.lang.startsWith("zh");

const MINUTE = 60_000;
const said = (one) => (inChinese ? one.zh : one.en);
const words = (name, values = {}) =>
  Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), told.dataset[name]);

/** Who was chosen for a row of the file that was read last, by its line. */
let chosen = new Map();
let source;

const element = (tag, text, dataset = {}) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  Object.assign(made.dataset, dataset);
  return made;
};

/** A time of day in the ledger's own time. */
function clock(millis) {
  const at = new Date(millis + Number(form.dataset.offset) * MINUTE);
  return at.toISOString().slice(11, 16);
}
const day = (millis) => new Date(millis + Number(form.dataset.offset) * MINUTE).toISOString().slice(0, 10);

/** What is typed beside the file. */
function asked() {
  const given = [...form.querySelectorAll("input[data-given]")].map((field) => [field.dataset.given, field.value.trim()]);
  const late = form.querySelector("[data-late]").value.trim();
  const all = [["org", form.elements.namedItem("org").value], ["name", source.name], ...given, ["late_reason", late], ["show", "true"]];
  return Object.fromEntries(all.filter(([, value]) => value));
}

const named = () => [...chosen].map(([line, person]) => `${line}:${person}`).join(",");

/** What was drafted, read event by event: each row of hours, and each new activity with its words. */
async function readDrafts({ events, rows }, { org, late_reason: why }) {
  const { person, ledger, schema } = bar.dataset;
  const all = [];
  const shape = await loaded(schema);
  for (const { payload, openings } of events) {
    const bytes = base64.decode(payload);
    all.push({ bytes, openings, ...await checkRead(shape, bytes, openings, { person, ledger }) });
  }
  const hours = [];
  const occasions = [];
  for (const { event, opened } of all) {
    const { recorded } = event.hours ?? {};
    const { planned } = event.activity ?? {};
    if (!recorded && !planned) throw new Differs("something else than hours and activities");
    if (uuid((recorded ?? planned).org) !== org) throw new Differs("another organisation");
    const texts = [...opened.values()].map(({ value }) => value);
    if (planned) {
      if (planned.lead?.person) throw new Differs("somebody is named as lead");
      occasions.push(["title", "place", "content", "lead"].map((field) => [...opened.values()].find((one) => one.field === field)?.value).filter(Boolean).join(" · "));
      continue;
    }
    if (recorded.photos?.length) throw new Differs("photos that nobody chose");
    if (why ? texts.length !== 1 || texts[0].trim() !== why : texts.length > 0 || recorded.late_reason) throw new Differs("another reason");
    hours.push(...recorded.rows.map((row) => [uuid(row.person), Number(row.interval.start_minute) * MINUTE, Number(row.interval.end_minute) * MINUTE]));
  }
  const key = (row) => JSON.stringify(row);
  const wanted = rows.filter(({ known }) => !known).map(({ person: who, start, end }) => key([who, start, end])).sort();
  const found = hours.map(key).sort();
  if (wanted.length !== found.length || wanted.some((one, at) => one !== found[at])) throw new Differs("the rows are not those that are shown");
  return { drafts: all, occasions, hours };
}

/** The batches as signing takes them: each is recorded whole or not at all. */
function prepared(drafts, batches) {
  let from = 0;
  const parts = batches.map((count) => drafts.slice(from, from += count));
  // What was handed in and not answered is told from what was read anew by its bytes.
  const values = (part) => ({ event: base64.encode(part[0].bytes) });
  return {
    asked: () => ({
      each: parts.map((part, at) => ({ at, row: {}, keys: [], acts: [{ values: values(part), action: {}, texts: [] }] })),
      most: 1, unread: [], then: false, done: new Set(), parts: 0,
    }),
    drafts: (part) => part.flatMap(({ at }) => parts[at]),
  };
}

/** Where in the row a mistake is: mistakes name columns with or without their letter. */
const column = (heads, { column: name }) => heads.findIndex((head) => head === name || head.startsWith(`${name}（`));

function grid(sheet, errors, rows) {
  const table = told.querySelector("[data-grid]");
  const matched = new Map(rows.map((row) => [row.line, row]));
  const wrong = new Map();
  for (const error of errors) wrong.set(error.line, [...(wrong.get(error.line) ?? []), error]);
  const head = element("tr");
  const hasMatch = rows.length > 0;
  for (const name of [words("row"), ...sheet.heads, ...(hasMatch ? [words("match")] : [])]) {
    const cell = element("th", name);
    cell.scope = "col";
    head.append(cell);
  }
  const body = sheet.rows.map(({ line, cells }) => {
    const faults = wrong.get(line) ?? [];
    const row = element("tr", undefined, { line });
    if (faults.length > 0) row.className = "wrong";
    const number = element("th", String(line));
    number.scope = "row";
    row.append(number, ...cells.map((text, at) => {
      const cell = element("td", text);
      if (faults.some((fault) => column(sheet.heads, fault) === at)) {
        cell.className = "wrong";
        cell.append(element("span", ` ✕ ${told.dataset.unread}`));
      }
      return cell;
    }));
    if (hasMatch) row.append(element("td", match(matched.get(line))));
    return row;
  });
  table.replaceChildren(element("thead"), element("tbody"));
  table.tHead.append(head);
  table.tBodies[0].append(...body);
}

function match(row) {
  if (!row) return "";
  const time = `${day(row.start)} ${clock(row.start)}–${clock(row.end)}`;
  return [row.phone, time, row.known ? words("before") : ""].filter(Boolean).join(" · ");
}

/** Rows in which a name alone may mean one of several: the one is chosen here. */
function choice(error) {
  const select = element("select");
  select.append(element("option", words("choose")));
  select.options[0].value = "";
  for (const { person, phone } of error.candidates) {
    const option = element("option", phone ?? person.slice(0, 8));
    option.value = person;
    option.selected = chosen.get(error.line) === person;
    select.append(option);
  }
  select.addEventListener("change", () => {
    if (select.value) chosen.set(error.line, select.value);
    else chosen.delete(error.line);
  });
  return select;
}

function mistakes(errors) {
  const list = told.querySelector("[data-errors]");
  list.replaceChildren(...errors.map((error) => {
    const item = element("li");
    const label = element("label", undefined);
    label.className = "field";
    label.append(element("span", said(error)));
    if (error.candidates?.length > 0) label.append(choice(error));
    item.append(label);
    return item;
  }));
  told.querySelector("[data-mend]").hidden = errors.length === 0;
  told.querySelector("[data-only]").hidden = errors.length === 0;
  told.querySelector("[data-again]").hidden = !errors.some(({ candidates }) => candidates?.length > 0);
}

function notes(all, occasions) {
  const fill = (name, texts) => told.querySelector(`[data-${name}]`).replaceChildren(...texts.map((text) => element("li", text)));
  fill("notes", all.map(said));
  fill("occasions", occasions.map((text) => `${words("activity")}${inChinese ? "：" : ": "}${text}`));
}

function summary(text, also = "") {
  told.querySelector("[data-summary]").textContent = `${source.name}${inChinese ? "：" : ": "}${text}`;
  told.querySelector("[data-also]").textContent = also;
  told.hidden = false;
}

/** What the bar says, and whether there is anything to sign. */
function sum(hours) {
  const minutes = hours.reduce((all, [, start, end]) => all + (end - start) / MINUTE, 0);
  const said = { n: hours.length, h: Math.floor(minutes / 60), m: minutes % 60, left: 0 };
  const place = form.querySelector("[data-sum]");
  place.textContent = place.dataset.sum.replace(/\{(\w+)\}/g, (_, name) => said[name]);
  form.querySelector("[data-bar]").hidden = hours.length === 0;
  form.querySelector("[data-bar] [type=submit]").disabled = hours.length === 0;
}

function nothing() {
  form.prepared = undefined;
  sum([]);
  told.hidden = true;
}

async function right(answer, query) {
  const { drafts, occasions, hours } = await readDrafts(answer, query);
  form.prepared = prepared(drafts, answer.batches);
  mistakes([]);
  notes(answer.notes, occasions);
  const { rows, persons, activities, known_rows: known } = answer.summary;
  const also = [known > 0 ? words("known", { count: known }) : "", answer.rest > 0 ? words("rest") : "", answer.sheet.more > 0 ? words("more", { count: answer.sheet.more }) : ""];
  summary(hours.length === 0 ? words("nothing") : words("right", { rows, persons, activities }), also.join(" "));
  grid(answer.sheet, [], answer.rows);
  sum(hours);
}

function wrong(document) {
  mistakes(document.errors);
  notes(document.notes, []);
  const count = Object.values(document.counts).reduce((all, one) => all + one, 0);
  summary(words("wrong", { count }), document.sheet.more > 0 ? words("more", { count: document.sheet.more }) : "");
  grid(document.sheet, document.errors, []);
}

async function look() {
  hideFaults(place);
  nothing();
  const query = asked();
  try {
    return await right(await preview(query, source, named()), query);
  } catch (error) {
    if (error instanceof Refused && error.document?.sheet) return wrong(error.document);
    throw error;
  }
}

function fault(error) {
  if (error instanceof Refused) return showFault(place, "refused", error.message);
  if (error instanceof Differs || error instanceof Unreadable) return showFault(place, "differs", error.message);
  return showFault(place, "network", String(error.message));
}

/** What is read: a file that was chosen just now, what is pasted, or the file that was read before. */
function read(file) {
  const pasted = paste.value.trim();
  const next = file ?? (pasted ? new File([pasted], "list.txt", { type: "text/plain" }) : source);
  if (!next) return input.focus();
  if (next !== source) chosen = new Map();
  source = next;
  return busy(form, look).catch(fault).finally(() => sumAgain());
}

/** A button that nothing can be signed with stays dead. */
const sumAgain = () => { form.querySelector("[data-bar] [type=submit]").disabled = !form.prepared || form.querySelector("[data-bar]").hidden; };

async function download() {
  const blob = await workbook(asked(), source, named());
  const link = element("a");
  link.href = URL.createObjectURL(blob);
  link.download = "errors.xlsx";
  link.click();
  URL.revokeObjectURL(link.href);
}

input.addEventListener("change", () => {
  const [file] = input.files;
  if (!file) return;
  // A file that is mended is chosen again: what was read of it is kept, since the browser lets go of it when it changes.
  busy(form, async () => new File([await file.arrayBuffer()], file.name)).then(read, fault).finally(() => { input.value = ""; });
});
place.querySelector("[data-read]").addEventListener("click", () => read());
told.querySelector("[data-again]").addEventListener("click", () => read(source));
told.querySelector("[data-workbook]").addEventListener("click", () => busy(form, download).catch(fault).finally(sumAgain));
told.querySelector("[data-only-wrong]").addEventListener("change", ({ target }) => told.classList.toggle("only-wrong", target.checked));
// What is typed beside the file is part of what was read.
for (const field of form.querySelectorAll("input[data-given], [data-late], [name=org]")) field.addEventListener("change", () => { if (form.prepared) nothing(); });
// There is nothing to tick.
form.querySelector("[data-all]").remove();
nothing();
