// Reads an event as strictly as the ledger does, by the committed schema.
//
// The schema is a table: message > number of a field > [name, kind, slot]. Fields with one slot exclude each other. A
// kind is a scalar, or the name of a message or an enum, and ends in `*` when the field is repeated. Whatever the table
// does not name is refused, and so is a field that is given twice: nobody shall sign what nobody has read.

const LIMIT = 1 << 20;

export class Unreadable extends Error {}

const refuse = (what) => { throw new Unreadable(what); };

class Bytes {
  constructor(bytes) { this.bytes = bytes; this.at = 0; }

  get done() { return this.at === this.bytes.length; }

  varint() {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.done) refuse("the bytes end within a number");
      const byte = this.bytes[this.at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value < 1n << 64n ? value : refuse("a number is too long");
    }
    return refuse("a number is too long");
  }

  take(length) {
    if (length > BigInt(this.bytes.length - this.at)) refuse("the bytes end within a value");
    const end = this.at + Number(length);
    const part = this.bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }
}

const below = (value, limit, name) => value < limit ? Number(value) : refuse(`${name}: a number does not fit`);

const SCALARS = {
  uint32: (value, name) => below(value, 1n << 32n, name),
  uint64: (value) => value,
  int64: (value) => BigInt.asIntN(64, value),
  sint32: (value, name) => {
    const plain = below(value, 1n << 32n, name);
    return (plain >>> 1) ^ -(plain & 1);
  },
  bool: (value, name) => below(value, 2n, name) === 1,
};

const text = (bytes, name) => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse(`${name}: not UTF-8`);
  }
};

/** The value of a field from a reader that stands behind its tag. */
function value(schema, [name, kind], wire, from) {
  const plain = kind.replace("*", "");
  if (wire === 0n) {
    if (plain in SCALARS) return SCALARS[plain](from.varint(), name);
    const words = schema.enums[plain] ?? refuse(`${name}: a number where none belongs`);
    return words[Number(from.varint())] ?? refuse(`${name}: no such choice`);
  }
  if (wire !== 2n) refuse(`${name}: a wire type that is not used`);
  const bytes = from.take(from.varint());
  if (plain === "bytes") return bytes;
  if (plain === "string") return text(bytes, name);
  if (plain in schema.messages) return read(schema, plain, bytes);
  if (kind.endsWith("*") && (plain in SCALARS || plain in schema.enums)) return packed(schema, [name, plain], bytes);
  return refuse(`${name}: bytes where none belong`);
}

function packed(schema, field, bytes) {
  const from = new Bytes(bytes);
  const values = [];
  while (!from.done) values.push(value(schema, field, 0n, from));
  return values;
}

/** The fields of a message by their names; a repeated field is an array. */
export function read(schema, message, bytes) {
  if (bytes.length > LIMIT) refuse("too long");
  const fields = schema.messages[message];
  const from = new Bytes(bytes);
  const found = {};
  const slots = new Set();
  while (!from.done) {
    const tag = from.varint();
    const field = fields[Number(tag >> 3n)] ?? refuse(`${message}: field ${tag >> 3n} is not in the schema`);
    const [name, kind, slot] = field;
    const isMany = kind.endsWith("*");
    const isPacked = isMany && !(kind.slice(0, -1) in schema.messages) && !/^(bytes|string)/.test(kind);
    if (isPacked && (tag & 7n) !== 2n) refuse(`${name}: a list of numbers that is not packed`);
    if (!isMany || isPacked) {
      if (slots.has(slot)) refuse(`${name}: given twice, or beside what excludes it`);
      slots.add(slot);
    }
    const given = value(schema, field, tag & 7n, from);
    if (isMany && !isPacked) (found[name] ??= []).push(given);
    else found[name] = given;
  }
  return found;
}
