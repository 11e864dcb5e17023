// Pictures of pages: kept as files, and looked at pixel by pixel.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A page with text, a map and some panels has many more; an empty one has a few. */
const FEWEST_COLOURS = 100;

export class Pictures {
  constructor(browser, folder) {
    this.browser = browser;
    this.folder = folder;
    this.desk = null;
  }

  /** Takes a picture of a page, keeps it, and fails if it is as good as empty. */
  async keep(page, name) {
    const picture = await page.screenshot();
    if (this.folder) await writeFile(join(this.folder, `${name}.png`), picture);
    const colours = await this.colours(picture);
    if (colours < FEWEST_COLOURS) throw new Error(`the picture ${name} has only ${colours} colours`);
    return picture;
  }

  /** How many different colours a picture has. */
  async colours(picture) {
    return this.look([picture], ([pixels]) => new Set(pixels).size);
  }

  /** How many pixels of two pictures of the same size differ. */
  async difference(one, other) {
    return this.look([one, other], ([a, b]) => a.reduce((sum, pixel, place) => sum + (pixel === b[place] ? 0 : 1), 0));
  }

  /** Runs `count` in a browser on the pixels of pictures, as 32-bit numbers. */
  async look(pictures, count) {
    this.desk ??= await this.browser.newPage();
    const urls = pictures.map((picture) => `data:image/png;base64,${picture.toString('base64')}`);
    return this.desk.evaluate(
      async ([urls, count]) => {
        const pixelsOf = async (url) => {
          const image = new Image();
          image.src = url;
          await image.decode();
          const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
          canvas.drawImage(image, 0, 0);
          return new Uint32Array(canvas.getImageData(0, 0, image.width, image.height).data.buffer);
        };
        return new Function(`return (${count})`)()(await Promise.all(urls.map(pixelsOf)));
      },
      [urls, count.toString()],
    );
  }
}
