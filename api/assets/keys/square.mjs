// A text as a square that a phone scans, drawn in the page.

import { encode } from "./vendor/uqr.mjs";

/** The dark dots of a square as one path, row by row. */
function dots(rows) {
  const dark = rows.flatMap((row, y) => row.map((is, x) => (is ? `M${x} ${y}h1v1h-1z` : "")));
  return dark.join("");
}

export function square(text) {
  const { data, size } = encode(text, { ecc: "M", border: 4 });
  const draw = (name, attributes, within) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return within ? within.appendChild(element) : element;
  };
  const svg = draw("svg", { viewBox: `0 0 ${size} ${size}`, "shape-rendering": "crispEdges", "aria-hidden": "true" });
  draw("rect", { width: size, height: size, fill: "#fff" }, svg);
  draw("path", { d: dots(data), fill: "#000" }, svg);
  return svg;
}
