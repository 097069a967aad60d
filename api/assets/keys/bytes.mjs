// Bytes as text.

export const hex = {
  encode: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""),
  decode: (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16)),
};

export const base64 = {
  encode: (bytes) => btoa(String.fromCharCode(...bytes)),
  decode: (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0)),
  /** The bytes, or none of what is not base64. */
  find: (text) => {
    try {
      return base64.decode(text);
    } catch {
      return new Uint8Array();
    }
  },
};

/** Sixteen bytes as people write an id. */
export const uuid = (bytes) => hex.encode(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

export const utf8 = (text) => new TextEncoder().encode(text);

/** The DSSE encoding (v1) of a body of a type: what is signed. */
export function pae(type, body) {
  const head = utf8(`DSSEv1 ${utf8(type).length} ${type} ${body.length} `);
  const all = new Uint8Array(head.length + body.length);
  all.set(head);
  all.set(body, head.length);
  return all;
}

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
