// Rows that were copied from a sheet: cells apart by tabs or commas, a head that names the columns or the order of the form.

const cells = (line) => line.split(line.includes("\t") ? "\t" : /[,，]/).map((cell) => cell.trim());

/** A head without what stands in brackets, blanks and marks: 姓名*, 联系电话（必填）. */
const plain = (head) => head.replace(/[（(].*?[）)]/g, "").replace(/[\s*:：]/g, "").toLowerCase();

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

/** A row that misses what must be there; `line` counts from 1. */
export class Missing extends Error {
  constructor(line, label) {
    super(`${line}: ${label}`);
  }
}

/** What each line says, by the names of the columns, and the heads that no column has. */
export function parse(text, columns) {
  const lines = text.split(/\r?\n/).map((line, at) => [at + 1, cells(line)]).filter(([, line]) => line.some(Boolean));
  if (lines.length === 0) return { rows: [], unread: [] };
  const head = heads(columns, lines[0][1]);
  const order = head ?? columns.map(({ name }) => name);
  const unread = head ? lines[0][1].filter((cell, at) => cell && !head[at]) : [];
  const rows = lines.slice(head ? 1 : 0).map(([at, line]) => {
    const said = order.map((name, column) => [name, line[column] ?? ""]).filter(([name, cell]) => name && cell);
    const row = Object.fromEntries(said);
    const missing = columns.find(({ name, required }) => required && !row[name]);
    if (missing) throw new Missing(at, missing.heads[0]);
    return row;
  });
  return { rows, unread };
}
