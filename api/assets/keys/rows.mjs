// Rows that were copied from a sheet: cells apart by tabs or commas, a head that names the columns or the order of the form.

/** What stands apart in a line: by tabs if the sheet has any, else by commas or semicolons. */
function cells(line, hasTabs) {
  const parts = line.split(hasTabs ? "\t" : /[,，;；]/);
  return parts.map((cell) => cell.trim().replace(/^"(.*)"$/, "$1").replaceAll('""', '"').trim());
}

/** A head without what stands in brackets, blanks and marks: 姓名*, 联系电话（必填）. */
const plain = (head) => head.normalize("NFKC").replace(/\(.*?\)/g, "").replace(/[\s*:#]/g, "").toLowerCase();

/** A head stands in one of the first lines, below what the sheet is called. */
const HEAD_LINES = 4;

const names = (column, head) => column.heads.some((one) => plain(head) === plain(one));

/** Which column each cell of a head means; none of them if the line is no head. Of two that mean the same the first is read. */
function heads(columns, line) {
  const known = new Set();
  const found = line.map((head) => {
    const name = columns.find((column) => names(column, head))?.name;
    if (!name || known.has(name)) return undefined;
    known.add(name);
    return name;
  });
  return known.size > 0 ? found : undefined;
}

/** A row that is none, or misses what must be there; `line` counts from 1. */
export class Missing extends Error {
  constructor(line, label) {
    super(`${line}: ${label}`);
  }
}

/** A row that stands in one cell, so that nobody knows what of it is the name. */
export class OneCell extends Error {
  constructor(line, text) {
    super(`${line}: ${text}`);
  }
}

/** Whether a text without tabs or commas is more than a name: 王 芳 is one, 王芳 13900000001 and 王芳 女 东湖社区 are not. */
function holdsMore(text) {
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length < 2 || !/\p{Script=Han}/u.test(text)) return words.length > 1 && /\d{5}/.test(text);
  const letters = words.join("").length;
  return /\d/.test(text) || words.some((word) => /^[男女]$/.test(word)) || letters > 4;
}

/** Whether a name is one: with a letter, without a number of its own, and not what stands beside a sum. */
const isName = (name) => /\p{L}/u.test(name) && !/\d{5}/.test(name) && !/^(合计|总计|小计|共计)/.test(name.replace(/\s/g, ""));

/** What each line says, by the names of the columns; where the lines stand, counted from 1; and the heads that no column has. */
export function parse(text, columns) {
  const hasTabs = text.includes("\t");
  const numbered = text.split(/\r?\n/).map((line, at) => [at + 1, cells(line, hasTabs)]);
  const lines = numbered.filter(([, line]) => line.some(Boolean));
  const found = lines.slice(0, HEAD_LINES).findIndex(([, line]) => heads(columns, line));
  const head = found < 0 ? undefined : heads(columns, lines[found][1]);
  const order = head ?? columns.map(({ name }) => name);
  const unread = head ? lines[found][1].filter((cell, at) => cell && !head[at]) : [];
  const below = lines.slice(found + 1);
  const rows = below.map(([at, line]) => {
    const said = order.map((name, column) => [name, line[column] ?? ""]).filter(([name, cell]) => name && cell);
    const row = Object.fromEntries(said);
    if (columns.length > 1 && line.length === 1 && holdsMore(line[0])) throw new OneCell(at, line[0]);
    const missing = columns.find(({ name, required }) => required && !row[name]);
    if (missing) throw new Missing(at, missing.heads[0]);
    if (!isName(row.name)) throw new Missing(at, row.name);
    return row;
  });
  return { rows, lines: below.map(([at]) => at), unread };
}

/** Of each row the first one before it that means the same person: by the number, or by name and phone. */
export function twins(rows) {
  const plain = (text) => (text ?? "").normalize("NFKC").replace(/[\s-]/g, "").toLowerCase();
  const first = new Map();
  return rows.map(({ name, phone, "volunteer-number": number }, at) => {
    const keys = [number && `n ${plain(number)}`, `p ${plain(name)} ${plain(phone)}`].filter(Boolean);
    const twin = keys.map((key) => first.get(key)).find((one) => one !== undefined);
    for (const key of keys) if (!first.has(key)) first.set(key, at);
    return twin;
  });
}
