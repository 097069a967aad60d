// Keys on this device: made, kept and unlocked here; the server never sees one.
//
// A key's private half is a PKCS #8 document. It is encrypted under a key made from the PIN, and what comes out under a
// key of this browser that no script can read out. So a copy of the profile needs the PIN, and the PIN alone is worth
// nothing without the profile. Whoever has both can try PINs: a PIN is short. An unlocked key is kept for a rest of ten
// minutes at most, in a form that cannot be read out, and is gone when it is locked.

import { base64, hex, sha256, utf8 } from "./bytes.mjs";

const ROUNDS = 600_000;
const REST_MILLIS = 10 * 60_000;
/** What stands before the 32 bytes of a seed in PKCS #8 of Ed25519 (RFC 8410). */
const PKCS8 = hex.decode("302e020100300506032b657004220420");

export class WrongPin extends Error {}

export class NoKey extends Error {
  name = "NoKey";
}

/** Whether keys can be kept here at all; without `crypto.subtle` (http on another host) they cannot. */
export const supported = () => Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);

let native;
/** Whether the browser signs with Ed25519 itself; otherwise a vendored library does. */
export async function isNative() {
  native ??= crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]).then(() => true, () => false);
  return native;
}

const library = () => import("./vendor/noble-ed25519.mjs");

/** A new key: its PKCS #8 document and its public half. */
async function generate() {
  if (await isNative()) {
    const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
    const [pkcs8, publicKey] = await Promise.all(
      [crypto.subtle.exportKey("pkcs8", pair.privateKey), crypto.subtle.exportKey("raw", pair.publicKey)]);
    return { pkcs8: new Uint8Array(pkcs8), publicKey: new Uint8Array(publicKey) };
  }
  const seed = random(32);
  const publicKey = await (await library()).getPublicKeyAsync(seed);
  return { pkcs8: new Uint8Array([...PKCS8, ...seed]), publicKey };
}

async function publicHalf(pkcs8) {
  if (!(await isNative())) return (await library()).getPublicKeyAsync(pkcs8.subarray(-32));
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", key);
  return base64.decode(x.replaceAll("-", "+").replaceAll("_", "/"));
}

// ---- the store

function request(asked) {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function database() {
  const opening = indexedDB.open("hourbook-keys", 1);
  opening.onupgradeneeded = () => {
    for (const name of ["keys", "unlocked", "device"]) opening.result.createObjectStore(name, { keyPath: "id" });
  };
  return request(opening);
}

async function within(store, mode, act) {
  const db = await database();
  try {
    const transaction = db.transaction(store, mode, { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
    const found = await request(act(transaction.objectStore(store)));
    await done;
    return found;
  } finally {
    db.close();
  }
}

const get = (store, id) => within(store, "readonly", (all) => all.get(id));
const put = (store, value) => within(store, "readwrite", (all) => all.put(value));
const drop = (store, id) => within(store, "readwrite", (all) => all.delete(id));

/** The keys on this device, without what is secret. */
export async function list() {
  const all = await within("keys", "readonly", (keys) => keys.getAll());
  return all.map(({ id, person, name, ledger, made, publicKey }) => ({ id, person, name, ledger, made, publicKey }));
}

export const remove = async (id) => {
  await drop("unlocked", id);
  await drop("keys", id);
};

// ---- encryption

/** The key of this browser: usable here, readable by nobody. */
async function deviceKey() {
  const known = await get("device", "device");
  if (known) return known.key;
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await put("device", { id: "device", key });
  return (await get("device", "device")).key;
}

async function pinKey(pin, salt) {
  const typed = await crypto.subtle.importKey("raw", utf8(pin.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return crypto.subtle.deriveKey(how, typed, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt", "unwrapKey"]);
}

const gcm = (iv, id) => ({ name: "AES-GCM", iv, additionalData: utf8(id) });
const random = (length) => crypto.getRandomValues(new Uint8Array(length));

async function encrypt(key, id, bytes) {
  const iv = random(12);
  return { iv, data: new Uint8Array(await crypto.subtle.encrypt(gcm(iv, id), key, bytes)) };
}

const decrypt = async (key, id, { iv, data }) => new Uint8Array(await crypto.subtle.decrypt(gcm(iv, id), key, data));

// ---- keys

export async function keyId(publicKey) {
  const head = utf8("hourbook/key/v1\0");
  const all = new Uint8Array(head.length + publicKey.length);
  all.set(head);
  all.set(publicKey, head.length);
  return hex.encode((await sha256(all)).subarray(0, 16));
}

/** Makes a key for a person and keeps it under a PIN. The signer is unlocked. */
export const create = async (whose) => keep(await generate(), whose);

/** A key from elsewhere, by its seed. It signs at once, and is kept when it is known whose it is. */
export async function bring(seed, ledger) {
  const pkcs8 = new Uint8Array([...PKCS8, ...seed]);
  const publicKey = await publicHalf(pkcs8);
  const record = { id: await keyId(publicKey), ledger, publicKey: base64.encode(publicKey) };
  const signer = await hold(record, await signingKey(pkcs8), Date.now());
  return { signer, keep: (whose) => keep({ pkcs8, publicKey }, { ledger, ...whose }) };
}

async function keep({ pkcs8, publicKey }, { person, name, ledger, pin }) {
  const id = await keyId(publicKey);
  const made = new Date().toISOString();
  const record = { id, person, name, ledger, made, publicKey: base64.encode(publicKey), ...await wrapped(id, pkcs8, pin) };
  await put("keys", record);
  await navigator.storage?.persist?.();
  const signer = await hold(record, await signingKey(pkcs8), Date.now());
  pkcs8.fill(0);
  return signer;
}

/** What is kept of the private half: under the PIN, and that under the key of this browser. */
async function wrapped(id, pkcs8, pin) {
  const salt = random(16);
  const inner = await encrypt(await pinKey(pin, salt), id, pkcs8);
  return { salt, iv: inner.iv, outer: await encrypt(await deviceKey(), id, inner.data) };
}

/** Runs `open` with what the PIN decrypts, and what decrypts it. */
async function byPin({ id, salt, iv, outer }, pin, open) {
  const [key, data] = await Promise.all([pinKey(pin, salt), deviceKey().then((device) => decrypt(device, id, outer))]);
  try {
    return await open(key, { iv, data });
  } catch (error) {
    if (error.name === "OperationError") throw new WrongPin();
    throw error;
  }
}

/** Puts another PIN in the place of one. */
export async function changePin(id, pin, next) {
  const record = await get("keys", id);
  if (!record) throw new NoKey();
  const pkcs8 = await byPin(record, pin, (key, inner) => decrypt(key, id, inner));
  await put("keys", { ...record, ...await wrapped(id, pkcs8, next) });
  pkcs8.fill(0);
}

/** What signs: a key of the browser that cannot be read out, or the seed for the library, encrypted as it rests. */
async function signingKey(pkcs8) {
  if (await isNative()) return { key: await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]) };
  return { seed: await encrypt(await deviceKey(), "seed", pkcs8.subarray(-32)) };
}

async function hold(record, secret, now) {
  await put("unlocked", { id: record.id, ...secret, until: now + REST_MILLIS });
  return signer(record);
}

/** The signer of a key, if the PIN is its own. */
export async function unlock(id, pin) {
  const record = await get("keys", id);
  if (!record) throw new NoKey();
  return byPin(record, pin, async (key, inner) => {
    if (!(await isNative())) return hold(record, await signingKey(await decrypt(key, id, inner)), Date.now());
    const { iv, data } = inner;
    const signing = await crypto.subtle.unwrapKey("pkcs8", data, key, gcm(iv, id), "Ed25519", false, ["sign"]);
    return hold(record, { key: signing }, Date.now());
  });
}

/** The signer of a key that is unlocked and has not rested too long; none otherwise. */
export async function unlocked(id) {
  const held = await get("unlocked", id);
  if (!held) return undefined;
  const record = await get("keys", id);
  if (!record || held.until <= Date.now() || held.until > Date.now() + REST_MILLIS) {
    await drop("unlocked", id);
    return undefined;
  }
  return signer(record);
}

export const lockAll = () => within("unlocked", "readwrite", (all) => all.clear());

function signer({ id, person, name, ledger, publicKey }) {
  const sign = async (message) => {
    const held = await get("unlocked", id);
    if (!held || held.until <= Date.now()) throw new WrongPin();
    await put("unlocked", { ...held, until: Date.now() + REST_MILLIS });
    if (held.key) return new Uint8Array(await crypto.subtle.sign("Ed25519", held.key, message));
    const { signAsync } = await library();
    return signAsync(message, await decrypt(await deviceKey(), "seed", held.seed));
  };
  return { id, person, name, ledger, publicKey, sign };
}
