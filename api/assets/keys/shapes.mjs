// What the body of an event has to be as a whole, where one value more or in another place would say something else: times,
// and lists of people.

import { hex, sha256, utf8 } from "./bytes.mjs";

const bytes = (id) => hex.decode(id.replaceAll("-", ""));
const minute = (millis) => BigInt(millis) / 60_000n;
const interval = ({ start, end }) => ({ start_minute: minute(start), end_minute: minute(end) });

/** A number of eight bytes, the greatest first. */
function big(number) {
  const all = new DataView(new ArrayBuffer(8));
  all.setBigInt64(0, number);
  return new Uint8Array(all.buffer);
}

const joined = (parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** What recognises the row when it is said again, as api/src/commands/recording.rs makes it. */
async function rowKey(activity, person, { start_minute: start, end_minute: end }, wish) {
  const said = wish ? [utf8("hourbook/row-of-wish/v1\0"), bytes(wish), bytes(person)] : [utf8("hourbook/row-said/v1\0"), bytes(activity), bytes(person), big(start), big(end)];
  return (await sha256(joined(said))).slice(0, 16);
}

const shiftOpened = ({ activity, shift, places, ...when }) =>
  ({ activity: bytes(activity), shift: bytes(shift), interval: interval(when), capacity: places });

const attendanceTaken = ({ activity, shift, present, absent, ...when }) => ({
  activity: bytes(activity),
  shift: bytes(shift),
  rows: [
    ...present.map((person) => ({ person: bytes(person), present: interval(when) })),
    ...absent.map((person) => ({ person: bytes(person), no_show: {} })),
  ],
});

/** One sheet in one part. The reason is a commitment, which was held against its text. */
async function hoursRecorded({ batch, org, activity, persons, wish, ...when }, reason) {
  const time = interval(when);
  const row = async (person) => ({ key: await rowKey(activity, person, time, wish), person: bytes(person), interval: time });
  const rows = await Promise.all(persons.map(row));
  return { batch: bytes(batch), total: 1, org: bytes(org), activity: bytes(activity), rows, ...(reason && { late_reason: reason }) };
}

/** The body that says what was given, of the kinds that are held against it as a whole. */
export const shapes = { "shift-opened": shiftOpened, "attendance-taken": attendanceTaken, "hours-recorded": hoursRecorded };

/** A message as one text: its fields by name, whatever their order. */
export function told(value) {
  if (value instanceof Uint8Array) return hex.encode(value);
  if (Array.isArray(value)) return `[${value.map(told)}]`;
  if (typeof value !== "object") return String(value);
  return `{${Object.keys(value).sort().map((name) => `${name}:${told(value[name])}`)}}`;
}
