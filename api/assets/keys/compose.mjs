// Forms that say several things at once, which are recorded together or not at all: an activity with its shifts, a roll with
// the hours of whoever was there.

import { picks } from "./picked.mjs";

/** What is typed makes no sense; `fault` names the words for it on the page. */
export class Unfit extends Error {
  constructor(fault) {
    super("");
    this.fault = fault;
  }
}

const WEEK = 7 * 86_400_000;

/** The moment at which a local day has a time of day; ledgers have one fixed distance from UTC, in minutes. */
export function moment(form, day, time) {
  const at = Date.parse(`${day}T${time}Z`) - Number(form.dataset.offset) * 60_000;
  if (Number.isNaN(at)) throw new Unfit("times");
  return at;
}

function between(start, end) {
  if (end <= start) throw new Unfit("times");
  return { start, end };
}

/** When the shifts are: one, or one each week. */
function weekly(form) {
  const value = (name) => form.querySelector(`[data-${name}]`)?.value.trim();
  const [start, end] = ["from", "until"].map((name) => moment(form, value("day"), value(name)));
  const first = between(start, end);
  const weeks = Number(value("weeks") || 1);
  return Array.from({ length: weeks }, (_, at) => ({ start: first.start + at * WEEK, end: first.end + at * WEEK }));
}

/** A shift for each week, with as many places. */
function shifts(form, open, activity, draw) {
  const places = Number(form.querySelector("[data-places]").value);
  return weekly(form).map((when) => {
    const { shift } = draw(JSON.stringify([activity, when]), open.inputs);
    return { ...open, values: { activity, shift, ...when, places } };
  });
}

/** An activity that is planned with its first shifts, and perhaps published. */
function plan(form, main, [open, publish], draw) {
  const { activity } = draw(JSON.stringify(main.values), main.inputs);
  const planned = { ...main, values: { ...main.values, activity } };
  const published = form.querySelector("[data-publish]").checked ? [{ ...publish, values: { activity } }] : [];
  return [planned, ...shifts(form, open, activity, draw), ...published];
}

/** More shifts of an activity. */
const shift = (form, main, _, draw) => shifts(form, main, main.values.activity, draw);

/** From when to when somebody was there: as the row says, or as all were. */
export function presence(form, row) {
  const ends = [["from", "firstDay"], ["until", "lastDay"]].map(([name, day]) => {
    const own = row?.querySelector(`[data-own-${name}]`)?.value;
    return moment(form, form.querySelector("[data-times]").dataset[day], own || form.querySelector(`[data-${name}]`).value);
  });
  return between(...ends);
}

/**
 * The roll, for each time for which somebody was there one call, and the hours of those of whom none are recorded. Whoever
 * had a place and is not ticked did not come.
 */
function roll(form, main, [record], draw) {
  const groups = new Map();
  const group = (when) => {
    const said = JSON.stringify(when);
    if (!groups.has(said)) groups.set(said, { when, called: [], served: [], absent: [] });
    return groups.get(said);
  };
  const { ticked, left } = picks(form);
  for (const row of ticked) {
    const { person } = JSON.parse(row.dataset.row);
    const at = group(presence(form, row));
    at.served.push(person);
    if (!("called" in row.dataset)) at.called.push(person);
  }
  const absent = left.filter((row) => "absent" in row.dataset).map((row) => JSON.parse(row.dataset.row).person);
  if (absent.length > 0) ([...groups.values()].find(({ called }) => called.length > 0) ?? group(presence(form))).absent = absent;
  const why = form.querySelector("[data-late]")?.value.trim();
  const { activity } = main.values;
  return [...groups.values()].flatMap(({ when, called, served, absent: missed }) => {
    const call = { ...main, values: { ...main.values, ...when, present: called, absent: missed } };
    const values = { ...record.given, activity, ...when, persons: served, ...(why && { "late-reason": why }) };
    const { batch } = draw(JSON.stringify(values), record.inputs);
    const hours = { ...record, values: { batch, ...values } };
    return [...(called.length + missed.length > 0 ? [call] : []), ...(served.length > 0 ? [hours] : [])];
  });
}

/** The hours of those who granted a wish, for each time one recording; before them the month's activity, if it is not there. */
function helped(form, main, beside, draw) {
  const groups = new Map();
  for (const row of picks(form).ticked) {
    const when = JSON.stringify(presence(form, row));
    groups.set(when, [...(groups.get(when) ?? []), JSON.parse(row.dataset.row).person]);
  }
  const why = form.querySelector("[data-late]")?.value.trim();
  const hours = [...groups].map(([said, persons]) => {
    const values = { ...main.values, ...JSON.parse(said), persons, ...(why && { "late-reason": why }) };
    return { ...main, values: { ...draw(JSON.stringify(values), { batch: main.inputs.batch }), ...values } };
  });
  const plan = beside.map(({ given, ...one }) => ({ ...one, values: given }));
  return hours.length > 0 ? [...plan, ...hours] : [];
}

export const composers = { plan, shift, roll, helped };
