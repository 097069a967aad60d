// What a page says to the server, and how it signs.

import { base64, hex, pae, utf8, uuid } from "./bytes.mjs";
import { check } from "./check.mjs";

const EVENT_TYPE = "application/vnd.hourbook.event.v1+protobuf";
const POSSESSION_TYPE = "application/vnd.hourbook.key-possession.v1";
const CHALLENGE_TYPE = "application/vnd.hourbook.session.v1";

/** What the server refused, in its own words in the page's language. */
export class Refused extends Error {
  constructor(problem, status) {
    const text = (document.documentElement.lang.startsWith("zh") ? problem.zh : problem.en) ?? "";
    super([text, problem.detail].filter(Boolean).join(" "));
    this.code = problem.code ?? "";
    /** All that it said. */
    this.document = problem;
    /** It will not be recorded as it is; after any other answer nobody knows. */
    this.isDefinite = status >= 400 && status < 500 && status !== 429;
  }

  /** The same, with what of several it is about. */
  of(what) {
    this.message = `${what}：${this.message}`;
    return this;
  }
}

async function ask(method, path, body, more = {}) {
  const isFile = body instanceof Blob;
  const headers = { accept: "application/json", ...more };
  if (body !== undefined) headers["content-type"] = isFile ? "application/octet-stream" : "application/json";
  const answer = await fetch(path, { method, headers, body: isFile || body === undefined ? body : JSON.stringify(body) });
  // Whatever stands between here and the ledger may answer with something else.
  const told = answer.status === 204 ? undefined : await answer.json().catch(() => { throw new TypeError(`answer ${answer.status}`); });
  if (!answer.ok) throw new Refused(told ?? {}, answer.status);
  return told;
}

let known;
/** The schema by which events are read; its address changes with its content. */
export const schema = (href) => known ??= fetch(href).then((answer) => answer.json());

/** That whoever enrols a key has it: its signature over the ledger's name and the person. */
export async function possession(signer) {
  return base64.encode(await signer.sign(pae(POSSESSION_TYPE, utf8(`${signer.ledger}\n${signer.person}\n`))));
}

/** Brings the signer's key, in a session by a code. */
export async function enrol(signer) {
  return ask("POST", "/v1/me/events", { kind: "enrol-key", key: signer.publicKey, proof: await possession(signer) });
}

/** Opens a session with a key; the cookie comes with the answer. What is signed is made here, but for the nonce. */
export async function signIn(signer) {
  const { nonce } = await ask("POST", "/v1/sessions/challenge", { key_id: signer.id });
  if (!/^[0-9a-f]{64}$/.test(nonce)) throw new Error("a nonce that is none");
  const body = utf8(`${signer.ledger}\n${signer.id}\n${nonce}\n`);
  const signature = base64.encode(await signer.sign(pae(CHALLENGE_TYPE, body)));
  return ask("POST", "/v1/sessions", { key_id: signer.id, nonce, signature });
}

/** Asks for the event that says an action, perhaps for somebody who is served at a desk, and reads what came. */
export async function draft(href, signer, action, given, texts, behalf) {
  const query = behalf ? `?on_behalf=${behalf}` : "";
  const drafted = await ask("POST", `/v1/drafts${query}`, { kind: action.name, ...given });
  const bytes = base64.decode(drafted.event);
  const said = { kind: action.event, person: signer.person, ledger: signer.ledger, given, texts, behalf };
  const event = await check(await schema(href), bytes, drafted.openings, said);
  return { bytes, openings: drafted.openings, event };
}

/** Who is on the roll of residents in a file. */
export const readRoll = (home, file) => ask("POST", `/v1/people/sheet?${new URLSearchParams({ home, name: file.name })}`, file);

/** What a register of wishes in a file says, and whose each wish is. */
export const readWishes = (org, file) => ask("POST", `/v1/wishes/sheet?${new URLSearchParams({ org, name: file.name })}`, file);

/** What a sheet of hours would record, with the sheet as it is; who is meant by a name alone stands in no address. */
export const preview = (query, file, named) => ask("POST", `/v1/imports/preview?${new URLSearchParams(query)}`, file, { "hourbook-named": named });

/** The same sheet with its mistakes beside the rows. */
export async function workbook(query, file, named) {
  const accept = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  const headers = { accept, "hourbook-named": named, "content-type": "application/octet-stream" };
  const answer = await fetch(`/v1/imports/preview?${new URLSearchParams(query)}`, { method: "POST", body: file, headers });
  return answer.blob();
}

/** So many rows are asked about at once. */
const KNOWN = 200;

/** Of each row those who are perhaps registered already. */
export async function whoIsKnown(home, rows) {
  const people = rows.map(({ name, phone, "volunteer-number": number }) => ({ name, phone, volunteer_number: number }));
  const told = [];
  for (let from = 0; from < people.length; from += KNOWN) {
    told.push(...(await ask("POST", "/v1/people/known", { home, people: people.slice(from, from + KNOWN) })).people);
  }
  return told;
}

/** An event for people who want to see all of it. */
export const written = (event) => JSON.stringify(event, (_, value) => {
  if (typeof value === "bigint") return String(value);
  if (!(value instanceof Uint8Array)) return value;
  return value.length === 16 ? uuid(value) : hex.encode(value);
}, 2);

/** Drafts that were checked, signed. */
export async function sign(signer, drafts) {
  return Promise.all(drafts.map(async ({ bytes, openings }) => {
    const sig = base64.encode(await signer.sign(pae(EVENT_TYPE, bytes)));
    const envelope = { payload: base64.encode(bytes), payloadType: EVENT_TYPE, signatures: [{ keyid: signer.id, sig }] };
    return { envelope, openings };
  }));
}

/** People with whom the signer works, by what is typed, which stands in no address. */
export const people = (words) => ask("POST", "/v1/people", { q: words });

/** Hands in what is signed: all of it is recorded, or none. The receipt of the last. */
export async function submit(submissions) {
  const { receipts } = await ask("POST", "/v1/events?proofs=false", { submissions });
  return receipts.at(-1);
}
