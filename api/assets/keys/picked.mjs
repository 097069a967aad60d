// Rows that are ticked on a page: what they say together, or each for itself, and what becomes of those that are not.

const rowsOf = (form) => [...form.querySelectorAll("[data-pick]")].map((box) => box.closest("[data-row]"));
const isPicked = (row) => row.querySelector("[data-pick]").checked;

/** Whether a form has rows to be ticked. */
export const hasRows = (form) => rowsOf(form).length > 0 || form.querySelector("[data-picks]") !== null;

/** The rows that are ticked, and those that are not. */
export function picks(form) {
  const rows = rowsOf(form);
  return { ticked: rows.filter(isPicked), left: rows.filter((row) => !isPicked(row)) };
}

/** What is typed in the row itself, under the names of the inputs; `undefined` if something is missing. */
function typed(row) {
  const fields = [...row.querySelectorAll("[data-field]")];
  return Object.fromEntries(fields.map((field) => [field.dataset.field, field.value.trim()]));
}

/**
 * The actions of the ticked rows, `[sign, kind, inputs, values]`, and of those that are sent back. `main` is the action of the
 * form with what all rows have in common.
 */
export function picked(form, main) {
  const rows = rowsOf(form);
  const ticked = rows.filter(isPicked);
  const left = form.dataset.left ? JSON.parse(form.dataset.left) : undefined;
  const back = left ? rows.filter((row) => !isPicked(row) && row.querySelector("[data-why]")?.value) : [];
  return [...gathered(form, main, ticked), ...back.map((row) => leftOut(left, row))];
}

function gathered(form, main, ticked) {
  const list = form.dataset.gather;
  const said = ticked.map((row) => JSON.parse(row.dataset.row));
  if (!list) return said.map((values, at) => ({ ...main, values: { ...main.values, ...values, ...typed(ticked[at]) } }));
  if (ticked.length === 0) return [];
  return [{ ...main, values: { ...main.values, [list]: said.flatMap((row) => row[list]) } }];
}

function leftOut({ sign, kind, inputs, given }, row) {
  const why = row.querySelector("[data-why]");
  const reason = why.dataset.why ? { [why.dataset.why]: why.value } : {};
  return { sign, kind, inputs, values: { ...given, ...JSON.parse(row.dataset.leftRow), ...reason } };
}

/** What is signed, row by row, as the page says it. */
export function lines(form) {
  const typedIn = (row) => [...row.querySelectorAll("textarea[data-field]")].map(({ value }) => value.trim());
  const label = (row) => [row.dataset.name, ...typedIn(row)].join("：");
  return rowsOf(form).flatMap((row) => {
    const why = row.querySelector("[data-why]");
    if (isPicked(row)) return [["✓", label(row)]];
    if ("absent" in row.dataset) return [["✕", `${label(row)}: ${row.dataset.absent}`]];
    return why?.value ? [["✕", `${label(row)}: ${why.selectedOptions[0].textContent}`]] : [];
  });
}

/** A row that is not ticked is asked why. */
function asks(form, row) {
  const asked = row.querySelector(".why-left");
  const template = form.querySelector("template[data-left-out]");
  if (isPicked(row)) return asked?.remove();
  if (asked || !template || !row.dataset.leftRow) return undefined;
  const question = template.content.cloneNode(true);
  question.querySelector("[data-of]").textContent = row.dataset.name;
  return row.append(question);
}

/** The bar at the foot follows what is ticked. */
export function total(form) {
  const rows = rowsOf(form);
  for (const row of rows) asks(form, row);
  const place = form.querySelector("[data-sum]");
  if (!place) return;
  const ticked = rows.filter(isPicked);
  const isLeft = (row) => !isPicked(row) && ("absent" in row.dataset || row.querySelector("[data-why]")?.value);
  const left = rows.filter(isLeft).length;
  const minutes = ticked.reduce((sum, row) => sum + Number(row.dataset.minutes ?? 0), 0);
  const said = { n: ticked.length, h: Math.floor(minutes / 60), m: minutes % 60, left };
  place.textContent = place.dataset.sum.replace(/\{(\w+)\}/g, (_, name) => said[name]);
  form.querySelector("[data-bar] [type=submit]").disabled = ticked.length + left === 0;
}

for (const form of document.querySelectorAll("form[data-sign]")) {
  // Rows may come later, from a file; what a sheet of hours comes to is added up elsewhere.
  if (form.hasAttribute("data-import")) continue;
  if (!hasRows(form) && !form.querySelector("[data-bar]")) continue;
  form.addEventListener("change", () => total(form));
  form.querySelector("[data-all]")?.addEventListener("click", () => {
    for (const row of rowsOf(form)) row.querySelector("[data-pick]").checked = true;
    total(form);
  });
  total(form);
}
