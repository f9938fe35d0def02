// Photos become squares of a model's size, as they did in its training.

import { Obstacle } from "./translator.js";

/**
 * Decodes a file, upright: as its EXIF orientation says.
 *
 * Returns an ImageBitmap; throws words where the browser knows no such picture.
 */
export async function readPicture(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Obstacle(
      `This browser cannot read “${file.name}” as a picture. JPEG, PNG and ` +
        "WebP work everywhere, HEIC only on Apple's devices.",
    );
  }
}

/**
 * Takes the picture that a video shows.
 *
 * Returns an ImageBitmap. A browser that is busy has no memory for a frame now
 * and then; the next frames are tried, and after a while its error is thrown.
 */
export async function takePicture(video, tries = 20) {
  for (;;) {
    try {
      return await createImageBitmap(video);
    } catch (error) {
      if (--tries <= 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/**
 * Where a picture goes in a square: { from, to }, each [left, top, width,
 * height], the former in the picture's pixels and the latter in the square's.
 *
 * `how` is the name of a way to make squares: "cover" cuts off what overhangs,
 * "letterbox" fills up with white, "stretch" bends. `part` is what "cover"
 * leaves, from 0 for the left or the top to 1; the middle as in training.
 */
export function squareOf(width, height, size, how, part = 0.5) {
  let [across, down] = [size / width, size / height];
  if (how === "cover") across = down = Math.max(across, down);
  if (how === "letterbox") across = down = Math.min(across, down);
  const [w, h] = [Math.min(width, size / across), Math.min(height, size / down)];
  const from = [(width - w) * part, (height - h) * part, w, h];
  const [wide, high] = [w * across, h * down].map((n) => Math.round(n) || 1);
  const [left, top] = [size - wide, size - high].map((n) => n >> 1);
  return { from, to: [left, top, wide, high] };
}

/** Draws a picture into a square, see `squareOf`. */
export function drawSquare(canvas, source, width, height, size, how, part) {
  const square = squareOf(width, height, size, how, part);
  let [x, y, w, h] = square.from;
  const [, , wide, high] = square.to;
  // By halves: at one stroke some browsers would pass over most pixels.
  while (w >= 2 * wide && h >= 2 * high) {
    const half = document.createElement("canvas");
    [half.width, half.height] = [Math.ceil(w / 2), Math.ceil(h / 2)];
    draw(half, source, [x, y, w, h], [0, 0, half.width, half.height]);
    [source, x, y, w, h] = [half, 0, 0, half.width, half.height];
  }
  fit(canvas, size, size);
  draw(canvas, source, [x, y, w, h], square.to);
}

/**
 * A picture as a canvas of its own size, on white; smaller if it has more than
 * so many pixels.
 */
export function canvasOf(source, width, height, most = Infinity) {
  const canvas = document.createElement("canvas");
  const scale = Math.min(1, Math.sqrt(most / (width * height)));
  [canvas.width, canvas.height] = [width * scale, height * scale];
  draw(canvas, source, [0, 0, width, height], [0, 0, canvas.width, canvas.height]);
  return canvas;
}

/**
 * A canvas's pixels as an ImageData of `size`, none of them smoothed: numbers
 * of a map stay what they are. Where the library takes them, too.
 */
export function sampleSquare(canvas, size, how) {
  const { data, width, height } = pixelsOf(canvas);
  let [across, down] = [width / size, height / size];
  // Maps have nothing to fill up with: a letterbox covers as well.
  if (how !== "stretch") across = down = Math.min(across, down);
  const place = (i, step, side) =>
    Math.min(
      side - 1,
      Math.max(0, Math.trunc((i + 0.5 - size / 2) * step + side / 2)),
    );
  const sampled = new ImageData(size, size);
  for (let row = 0; row < size; row++) {
    const top = place(row, down, height) * width;
    for (let column = 0; column < size; column++) {
      const from = 4 * (top + place(column, across, width));
      const to = 4 * (row * size + column);
      sampled.data.set(data.subarray(from, from + 4), to);
    }
  }
  return sampled;
}

/**
 * A photo with what a model made of a square of it, a canvas of its size.
 *
 * `square` is what `squareOf` returns, `made` a canvas of what the model made,
 * `hole` the numbers of a mask, of which only what is not 0 is taken, or null
 * for all. Every other pixel stays what it is.
 */
export function fillIn(photo, square, size, made, hole) {
  const [x, y, w, h] = square.from;
  const [left, top, wide, high] = square.to;
  const whole = canvasOf(photo, photo.width, photo.height);
  const scale = made.width / size;
  const [across, down] = [w / wide, h / high];
  // No more of a large photo than has the hole in it.
  const box = hole ? boxOf(hole, size) : [0, 0, size, size];
  const [i0, j0] = [Math.max(left, box[0]), Math.max(top, box[1])];
  const i1 = Math.min(left + wide, box[2]);
  const j1 = Math.min(top + high, box[3]);
  if (i0 >= i1 || j0 >= j1) return whole; // painted beside the photo
  const x0 = Math.floor(x + (i0 - left) * across);
  const y0 = Math.floor(y + (j0 - top) * down);
  const patch = document.createElement("canvas");
  patch.width = Math.min(photo.width, Math.ceil(x + (i1 - left) * across)) - x0;
  patch.height = Math.min(photo.height, Math.ceil(y + (j1 - top) * down)) - y0;
  const onto = context(patch);
  onto.imageSmoothingQuality = "high";
  onto.drawImage(
    made,
    ...[left, top, wide, high].map((n) => n * scale),
    ...[x - x0, y - y0, w, h],
  );
  const [fresh, known] = [pixelsOf(patch), pixelsOf(whole, x0, y0, patch)];
  for (let row = 0; row < patch.height; row++) {
    const j = top + inside((row + 0.5 + y0 - y) / down, high);
    for (let column = 0; column < patch.width; column++) {
      const i = left + inside((column + 0.5 + x0 - x) / across, wide);
      if (hole && !hole[j * size + i]) continue;
      const at = 4 * (row * patch.width + column);
      known.data.set(fresh.data.subarray(at, at + 3), at);
    }
  }
  context(whole).putImageData(known, x0, y0);
  return whole;
}

/** [left, top, right, bottom] of what is not 0. */
function boxOf(hole, size) {
  let [left, top, right, bottom] = [size, size, 0, 0];
  hole.forEach((number, i) => {
    if (!number) return;
    const [row, column] = [Math.floor(i / size), i % size];
    left = Math.min(left, column);
    right = Math.max(right, column + 1);
    top = Math.min(top, row);
    bottom = row + 1;
  });
  return [left, top, right, bottom];
}

function inside(place, side) {
  return Math.min(side - 1, Math.max(0, Math.floor(place)));
}

/** The pixels of a canvas, or of a part of it as large as another. */
export function pixelsOf(canvas, left = 0, top = 0, { width, height } = canvas) {
  return context(canvas).getImageData(left, top, width, height);
}

/** Shows pixels, an ImageData, on a canvas of their size. */
export function showPixels(canvas, pixels) {
  fit(canvas, pixels.width, pixels.height);
  context(canvas).putImageData(pixels, 0, 0);
}

/** Gives a canvas a size; one that it has already costs nothing. */
export function fit(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

function draw(canvas, source, from, to) {
  const onto = context(canvas);
  onto.imageSmoothingQuality = "high";
  onto.fillStyle = "#fff"; // under what is transparent
  onto.fillRect(0, 0, canvas.width, canvas.height);
  onto.drawImage(source, ...from, ...to);
}

/** Of a canvas whose pixels are read, again and again. */
export function context(canvas) {
  return canvas.getContext("2d", { willReadFrequently: true });
}
