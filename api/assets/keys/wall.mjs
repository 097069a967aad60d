// `/wishes/wall`: each card has a square that leads to its wish.

import "./print.mjs";
import { square } from "./square.mjs";

for (const place of document.querySelectorAll("[data-square]")) {
  place.append(square(new URL(place.dataset.square, location.href).href));
}
