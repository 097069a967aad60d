// Reads a square of dots as a phone would: from the picture of it.
import jsqr from "jsqr";
import { newPage } from "./chromium.mjs";

/** What a square that a page shows says. */
export async function readSquare(page, square) {
  const picture = (await square.screenshot()).toString("base64");
  // A page of its own: that of the ledger may load no picture from its own address.
  const desk = await newPage(page.context());
  try {
    const { width, height, dots } = await desk.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
      canvas.drawImage(image, 0, 0);
      return { width: image.width, height: image.height, dots: [...canvas.getImageData(0, 0, image.width, image.height).data] };
    }, picture);
    return jsqr(Uint8ClampedArray.from(dots), width, height)?.data;
  } finally {
    await desk.close();
  }
}
