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
    /** It will not be recorded as it is; after any other answer nobody knows. */
    this.isDefinite = status >= 400 && status < 500 && status !== 429;
  }
}

async function ask(method, path, body) {
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
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

/** Asks for the event that says an action, and reads what came. */
export async function draft(href, signer, action, given, texts) {
  const drafted = await ask("POST", "/v1/drafts", { kind: action.name, ...given });
  const bytes = base64.decode(drafted.event);
  const said = { kind: action.event, person: signer.person, ledger: signer.ledger, given, texts };
  const event = await check(await schema(href), bytes, drafted.openings, said);
  return { bytes, openings: drafted.openings, event };
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

/** Hands in what is signed: all of it is recorded, or none. The receipt of the last. */
export async function submit(submissions) {
  const { receipts } = await ask("POST", "/v1/events?proofs=false", { submissions });
  return receipts.at(-1);
}
