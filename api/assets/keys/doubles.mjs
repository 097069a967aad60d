// Before people are registered: which rows look like somebody who is registered already, or like a row before them.

import { whoIsKnown } from "./client.mjs";
import { twins } from "./rows.mjs";

const words = (place, name, values = {}) =>
  Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), place.dataset[name]);

/** What is told of somebody who is alike: 王*芳 139****0001 东湖社区（姓名、电话相同）. */
function alike(place, { name, phone, volunteer_number: number, home, by }) {
  const ways = by.map((way) => place.dataset[way === "volunteer-number" ? "byNumber" : way === "phone" ? "byPhone" : "byName"]);
  return words(place, "known", { who: [name, phone ?? number, home].filter(Boolean).join(" "), by: ways.join("、") });
}

/** The rows that are doubtful: which, why, and whether they are most likely there already. */
export async function doubles(place, home, rows, lines) {
  const told = await whoIsKnown(home, rows);
  const before = twins(rows);
  return rows.flatMap((_, at) => {
    const why = told[at].map((one) => alike(place, one));
    if (before[at] !== undefined) why.push(words(place, "twin", { line: lines[before[at]] ?? before[at] + 1 }));
    const likely = before[at] !== undefined || told[at].some((one) => one.likely);
    return why.length > 0 ? [{ at, why: why.join("；"), likely }] : [];
  });
}

/** Shows them, each with a tick: what is ticked is skipped. */
export function offer(place, found, label) {
  place.hidden = found.length === 0;
  place.querySelector("ul").replaceChildren(...found.map(({ at, why, likely }) => {
    const line = place.querySelector("template").content.cloneNode(true);
    const box = line.querySelector("input");
    box.checked = likely;
    box.value = at;
    line.querySelector("[data-who]").textContent = label(at);
    line.querySelector("[data-why]").textContent = why;
    return line;
  }));
}

/** The rows that are to be skipped. */
export const skipped = (place) => new Set([...place.querySelectorAll("input:checked")].map((box) => Number(box.value)));
