// Two people compare a key in six digits, even if the server lies to whoever is about to name it.
//
// Whoever names a colleague's key draws six digits and says them to the colleague, face to face or on the phone, where the
// voice is known. The colleague's page answers with six others, which follow from them and from the key on that device. The
// key stood on the log before the digits were drawn, so nobody could have looked for another that answers alike: a wrong
// key passes once in a million times. It rests on the colleague's page being the published one, as all in a page does;
// `hourbook key answer` does not.

import { sha256, utf8 } from "./bytes.mjs";

const RANGE = 1_000_000;

const six = (number) => String(number % RANGE).padStart(6, "0");

/** Six digits to ask with, each as likely as any other. */
export const challenge = () => six(crypto.getRandomValues(new Uint32Array(1))[0]);

/** Six digits that a key answers six digits with. */
export async function answer(ledger, key, asked) {
  const digest = await sha256(utf8(`hourbook/compare/v1\n${ledger}\n${key}\n${asked}\n`));
  return six(new DataView(digest.buffer).getUint32(0));
}

/** The digits in what somebody typed, six of them or not yet. */
export const digits = (typed) => typed.normalize("NFKC").replace(/\D/g, "");

/** Digits as they are read out. */
export const spoken = (six) => `${six.slice(0, 3)} ${six.slice(3)}`;
