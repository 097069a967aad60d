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

/** Whether a name is one: with a letter, without a number of its own, and not what stands beside a sum. */
const isName = (name) => /\p{L}/u.test(name) && !/\d{5}/.test(name) && !/^(合计|总计|小计|共计)/.test(name.replace(/\s/g, ""));

/** What each line says, by the names of the columns, and the heads that no column has. */
export function parse(text, columns) {
  const hasTabs = text.includes("\t");
  const numbered = text.split(/\r?\n/).map((line, at) => [at + 1, cells(line, hasTabs)]);
  const lines = numbered.filter(([, line]) => line.some(Boolean));
  const found = lines.slice(0, HEAD_LINES).findIndex(([, line]) => heads(columns, line));
  const head = found < 0 ? undefined : heads(columns, lines[found][1]);
  const order = head ?? columns.map(({ name }) => name);
  const unread = head ? lines[found][1].filter((cell, at) => cell && !head[at]) : [];
  const rows = lines.slice(found + 1).map(([at, line]) => {
    const said = order.map((name, column) => [name, line[column] ?? ""]).filter(([name, cell]) => name && cell);
    const row = Object.fromEntries(said);
    const missing = columns.find(({ name, required }) => required && !row[name]);
    if (missing) throw new Missing(at, missing.heads[0]);
    if (!isName(row.name)) throw new Missing(at, row.name);
    return row;
  });
  return { rows, unread };
}
