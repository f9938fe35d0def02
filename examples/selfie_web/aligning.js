// Parts of photos cut out upright, and put back where they were.
//
// As keras_gan_translate/data/faces/aligning.py does it, with a canvas.

import { context, fit, pixelsOf } from "./picture.js";

// How far from its edge what is put back is blended with the photo: a share of
// half its side.
const FEATHER = 0.3;

/** A photo, a canvas, and smaller ones of it, which are made when needed. */
export class Photo {
  #halves;

  constructor(canvas) {
    [this.width, this.height] = [canvas.width, canvas.height];
    this.#halves = [canvas];
  }

  /** The whole of it, as large as it is. */
  get canvas() {
    return this.#halves[0];
  }

  /** One with at least a pixel for so many. */
  reduced(pixels) {
    const times = Math.max(0, Math.floor(Math.log2(pixels)));
    while (this.#halves.length <= times) {
      const last = this.#halves.at(-1);
      if (Math.min(last.width, last.height) < 2) break;
      this.#halves.push(halved(last));
    }
    return this.#halves[Math.min(times, this.#halves.length - 1)];
  }
}

/**
 * Cuts a square out of a photo that goes on as in a mirror.
 *
 * `middle` is [x, y] and `side` its pixels in the photo, `angle` by how much it
 * is turned, in radians, clockwise to the eye. It is drawn on `canvas`, which
 * gets `size` pixels a side.
 */
export function cut(photo, { middle, side, angle }, size, canvas) {
  const source = photo.reduced(side / size);
  const { width, height } = photo;
  fit(canvas, size, size);
  const onto = context(canvas);
  onto.imageSmoothingQuality = "high";
  onto.resetTransform();
  onto.fillStyle = "#fff";
  onto.fillRect(0, 0, size, size);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)].map(Math.abs);
  const reach = (side / 2) * (cos + sin);
  const overhangs = middle.map((place, axis) => {
    const end = [width, height][axis];
    return [place < reach && -1, 0, place + reach > end && 1];
  });
  // The photo itself comes last, upon the edges of those beside it, which
  // reach into it by a pixel, so that no seam is to be seen.
  const beside = overhangs[1].flatMap((j) => overhangs[0].map((i) => [i, j]));
  beside.sort(([i, j], [k, l]) => k * k + l * l - i * i - j * j);
  for (const [i, j] of beside) {
    if (i === false || j === false) continue;
    turn(onto, { middle, side, angle }, size);
    if (i) onto.transform(-1, 0, 0, 1, i < 0 ? 1 : 2 * width - 1, 0);
    if (j) onto.transform(1, 0, 0, -1, 0, j < 0 ? 1 : 2 * height - 1);
    onto.drawImage(source, 0, 0, width, height);
  }
  onto.resetTransform();
  return canvas;
}

/**
 * Puts a square back where `cut` took it from: `made`, a canvas of any size, is
 * drawn on `canvas`. It fades out towards its edge, and pixels outside of it
 * stay as they are, bit for bit.
 */
export function paste(canvas, square, made) {
  while (made.width >= 2 * square.side) made = halved(made);
  const size = made.width;
  const pixels = pixelsOf(made);
  const { data } = pixels;
  const weights = weightsOf(size);
  for (let i = 0; i < weights.length; i++) data[4 * i + 3] = weights[i];
  const faded = document.createElement("canvas");
  fit(faded, size, size);
  context(faded).putImageData(pixels, 0, 0);
  const onto = context(canvas);
  onto.imageSmoothingQuality = "high";
  turn(onto, square, size, true);
  onto.drawImage(faded, 0, 0);
  onto.resetTransform();
}

let known = []; // weights of the last size

/**
 * How much of a square is seen at each pixel, 0 to 255: all of it inside, and
 * nothing outside of a square with round corners.
 */
function weightsOf(size) {
  if (known.length === size * size) return known;
  known = new Uint8ClampedArray(size * size).map((_, i) => {
    const [u, v] = [i % size, Math.floor(i / size)].map(
      (place) => ((place + 0.5) * 2) / size - 1,
    );
    const inside = (1 - (u ** 4 + v ** 4) ** 0.25) / FEATHER;
    const part = Math.min(1, Math.max(0, inside));
    return 255 * part * part * (3 - 2 * part);
  });
  return known;
}

/** From the photo's places to those of a square in it, or the way back. */
function turn(onto, { middle: [x, y], side, angle }, size, isBack) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  if (isBack) {
    const step = side / size;
    const half = side / 2;
    onto.setTransform(
      ...[step * cos, step * sin, -step * sin, step * cos],
      ...[x - half * (cos - sin), y - half * (sin + cos)],
    );
  } else {
    const step = size / side;
    onto.setTransform(
      ...[step * cos, -step * sin, step * sin, step * cos],
      size / 2 - step * (cos * x + sin * y),
      size / 2 - step * (cos * y - sin * x),
    );
  }
}

function halved(canvas) {
  const half = document.createElement("canvas");
  fit(half, Math.ceil(canvas.width / 2), Math.ceil(canvas.height / 2));
  const onto = context(half);
  onto.imageSmoothingQuality = "high";
  onto.drawImage(canvas, 0, 0, half.width, half.height);
  return half;
}
