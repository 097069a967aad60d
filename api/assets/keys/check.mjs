// Whether an event that the server drafted says what its signer said, all of it and nothing else.

import { read, Unreadable } from "./reader.mjs";
import { base64, hex, uuid } from "./bytes.mjs";
import { shapes, told } from "./shapes.mjs";

export class Differs extends Error {}

const differ = (what) => { throw new Differs(what); };

/** Numbers of the kinds of value that are committed to, as in ledger/src/domain/facts.rs. */
const FIELDS = {
  name: 1, phone: 2, "id-number": 3, address: 4, "volunteer-number": 5, title: 6, place: 7, content: 8, lead: 9,
  "wish-text": 10, "wish-sentence": 11, reason: 12, code: 13, note: 14,
};

const DOMAIN = new TextEncoder().encode("hourbook/commitment/v1\0");

async function commitment({ field, salt, value }) {
  const tag = FIELDS[field] ?? differ(`an opening of an unknown kind: ${field}`);
  const salted = base64.decode(salt);
  if (salted.length !== 32) differ("a salt is not 32 bytes");
  const text = new TextEncoder().encode(value);
  const all = new Uint8Array(DOMAIN.length + 1 + 32 + text.length);
  all.set(DOMAIN);
  all[DOMAIN.length] = tag;
  all.set(salted, DOMAIN.length + 1);
  all.set(text, DOMAIN.length + 33);
  return hex.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", all)));
}

/** What an action says by itself, whatever the form says: on a page a key is ended because it was lost, and consent is to a public name. */
const FIXED = { "key-revoked": { reason: "LOST" }, "consent-given": { kind: "PUBLIC_NAME" } };

/** Every value of a message, with the names that lead to it. */
function* leaves(value, path = []) {
  if (value instanceof Uint8Array || typeof value !== "object") yield [path.join("."), value];
  else for (const [name, inner] of Object.entries(value)) yield* leaves(inner, [...path, name]);
}

const written = (value) => {
  if (!(value instanceof Uint8Array)) return String(value);
  return value.length === 16 ? uuid(value) : hex.encode(value);
};

/**
 * What the drafted event says, or [`Differs`].
 *
 * `said` is what the signer said: `kind` (`wish-vetted`), `person`, `ledger`, and `given`, the values by their names, with
 * those that are texts for the vault named in `texts`; `behalf` is whom the signer serves at a desk. Each value in the event's body must be one that was given, the
 * signer's own id or that of whom the signer helps, or a commitment that opens to a text that was given; and each that was given must be there.
 */
export async function check(schema, bytes, openings, said) {
  const event = headed(schema, bytes, said);
  await explain(bodyOf(event, said.kind), openings, said);
  return event;
}

/** The event, if its header is what the signer said; its body is for whoever asks to read. */
function headed(schema, bytes, said) {
  const event = read(schema, "Event", bytes);
  if (event.ledger !== said.ledger) differ("the event is meant for another ledger");
  if (uuid(event.actor) !== said.person) differ("the event is in somebody else's name");
  const assured = said.behalf ? "STAFF_PROXY" : "DEVICE_KEY";
  if (event.assurance !== assured) differ("the event does not say by whose word it is signed");
  const helped = event.acting_for && uuid(event.acting_for);
  if (helped !== (said.behalf ?? said.given?.for)) differ("the event is for another person");
  if (event.grant) differ("the event cites a session");
  return event;
}

/**
 * An event of many values that the page itself reads, with the texts that it commits to, by their digests: no text comes
 * along to which nothing commits, and no commitment is without its text.
 */
export async function checkRead(schema, bytes, openings, said) {
  const event = headed(schema, bytes, said);
  const opened = new Map();
  for (const opening of openings) opened.set(await commitment(opening), opening);
  const digests = [...leaves(event)].map(([, value]) => value).filter((value) => value instanceof Uint8Array && value.length === 32);
  const committed = new Set(digests.map((value) => hex.encode(value)));
  if (committed.size !== opened.size || [...opened.keys()].some((digest) => !committed.has(digest))) differ("texts that are not those of the event");
  return { event, opened };
}

const HEADER = [
  "id", "ledger", "stream", "expected", "occurred_at_ms", "actor", "acting_for", "assurance", "grant",
];

/** What the event says, if it is of the kind that was meant. */
function bodyOf(event, kind) {
  const [aggregate, more] = Object.keys(event).filter((name) => !HEADER.includes(name));
  if (!aggregate || more) differ("the event does not say one thing");
  const [[name, body], ...others] = Object.entries(event[aggregate]);
  if (others.length > 0) differ("the event says more than one thing");
  const names = [`${aggregate}-${name}`, name].map((each) => each.replaceAll("_", "-"));
  return names.includes(kind) ? body : differ(`${names[0]} in the place of ${kind}`);
}

async function explain(body, openings, { kind, person, given, texts = [], behalf }) {
  const fixed = { ...FIXED[kind] };
  const opened = new Map();
  for (const opening of openings) opened.set(await commitment(opening), opening.value);
  if (kind in shapes) return whole(body, openings, { kind, given, opened });
  // Each of what a list names is said for itself.
  const open = Object.entries(given).filter(([name]) => name !== "for").flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  const isNamed = (field) => open.some(([name]) => name === field);
  const unsaid = new Set(open.keys());
  for (const [path, value] of leaves(body)) {
    const text = written(value);
    if (path in fixed) {
      if (text !== fixed[path]) differ(`${path}: ${text}`);
      delete fixed[path];
      continue;
    }
    const isDigest = value instanceof Uint8Array && value.length === 32 && opened.has(text);
    const shown = isDigest ? opened.get(text) : text;
    // A field that is called like something that was given is that, and nothing else that was given.
    const field = path.split(".").findLast((name) => !/^\d+$/.test(name)).replaceAll("_", "-");
    const fits = (at) => {
      const [name, one] = open[at];
      return texts.includes(name) === isDigest && same(one, shown, NUMBERS.includes(name));
    };
    // A text for the vault is of the field that it was given for.
    const fitting = [...open.keys()].filter((at) => open[at][0] === field || !(isNamed(field) || isDigest)).filter(fits);
    const said = fitting.find((at) => unsaid.has(at)) ?? fitting[0];
    if (said === undefined && isNamed(field)) differ(`${path}: ${shown}`);
    if (said !== undefined) unsaid.delete(said);
    else if (text !== (behalf ?? person) && text !== given.for) differ(`${path}: ${shown}`);
    opened.delete(text);
  }
  if (Object.keys(fixed).length > 0) differ(`not in the event: ${Object.keys(fixed)}`);
  // What is no, or nothing, does not stand in the bytes.
  for (const at of unsaid) if (["false", "0"].includes(String(open[at][1]))) unsaid.delete(at);
  if (unsaid.size > 0) differ(`not in the event: ${[...unsaid].map((at) => open[at][0]).join(", ")}`);
  if (opened.size > 0) differ("a value is sent along that the event does not commit to");
}

/** The body is what was given, and nothing else. The only text that such a body may have is why it is entered afterwards. */
async function whole(body, openings, { kind, given: { "late-reason": why, ...given }, opened }) {
  const isWhy = ({ field, value }) => why !== undefined && field === "reason" && same(why, value, false);
  if (openings.length !== (why === undefined ? 0 : 1) || !openings.every(isWhy)) differ(`${kind}: another reason`);
  const [reason] = opened.keys();
  const expected = await shapes[kind](given, reason && hex.decode(reason));
  if (told(body) !== told(expected)) differ(kind);
}

const DAY = 86_400_000;

/** Inputs that people type in groups, with blanks and signs between. */
const NUMBERS = ["phone", "volunteer-number", "code"];

/** Whether what was given is what the event has: names of choices, dates, bytes and numbers are written otherwise there. */
function same(given, shown, isNumber) {
  const plain = String(given).trim();
  if (plain === shown || squeezed(plain) === squeezed(shown)) return true;
  if (/^[0-9a-f]{32}$/.test(plain)) return shown.replaceAll("-", "") === plain;
  if (/^[A-Z_]+$/.test(shown)) return plain === shown.toLowerCase().replaceAll("_", "-");
  if (/^\d{4}-\d\d-\d\d$/.test(plain)) return String(Date.parse(`${plain}T00:00Z`) / DAY) === shown;
  if (isNumber) return dense(plain) === dense(shown);
  return /^[0-9a-f]{64,128}$/.test(shown) && hex.encode(base64.find(plain)) === shown;
}

/** A number as people type it, without what they put between digits and China's country code. */
const dense = (text) => text.normalize("NFKC").toUpperCase().replace(/[^0-9A-Z]/g, "").replace(/^(00)?86(?=1\d{10}$)/, "");

/** The vault keeps a text in one canonical form: composed characters, line ends of one kind, no blanks at the ends of lines. */
const squeezed = (text) => text.normalize("NFC").replace(/\s+/g, " ").trim();

export { Unreadable };
