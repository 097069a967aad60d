// A session by a key file.
import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";

/** Signs in as the holder of a key file, by the interfaces for machines; what the server says of the session. */
export async function signedInWith(base, file) {
  const key = createPrivateKey(readFileSync(file));
  const raw = createPublicKey(key).export({ type: "spki", format: "der" }).subarray(-32);
  const id = createHash("sha256").update("hourbook/key/v1\0").update(raw).digest("hex").slice(0, 32);
  const post = async (path, body) => (await fetch(new URL(path, base), {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  })).json();
  const asked = await post("/v1/sessions/challenge", { key_id: id });
  const pae = (type, body) => Buffer.from(`DSSEv1 ${type.length} ${type} ${Buffer.byteLength(body)} ${body}`);
  const signature = sign(null, pae(asked.type, asked.body), key).toString("base64");
  return post("/v1/sessions", { key_id: id, nonce: asked.nonce, signature });
}
