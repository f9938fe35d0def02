// Photos become squares of a model's size, as they did in its training.

/**
 * Decodes a file, upright: as its EXIF orientation says.
 *
 * Returns an ImageBitmap; throws where the browser knows no such picture.
 */
export function readPicture(file) {
  return createImageBitmap(file, { imageOrientation: "from-image" });
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
 * Draws a picture into a square.
 *
 * `how` is the name of a way to make squares: "cover" cuts off what overhangs
 * in the middle, "letterbox" fills up with white, "stretch" bends.
 */
export function drawSquare(canvas, source, width, height, size, how) {
  let [across, down] = [size / width, size / height];
  if (how === "cover") across = down = Math.max(across, down);
  if (how === "letterbox") across = down = Math.min(across, down);
  let [w, h] = [Math.min(width, size / across), Math.min(height, size / down)];
  let [x, y] = [(width - w) / 2, (height - h) / 2];
  const [wide, high] = [w * across, h * down].map((n) => Math.round(n) || 1);
  // By halves: at one stroke some browsers would pass over most pixels.
  while (w >= 2 * wide && h >= 2 * high) {
    const half = document.createElement("canvas");
    [half.width, half.height] = [Math.ceil(w / 2), Math.ceil(h / 2)];
    draw(half, source, [x, y, w, h], [0, 0, half.width, half.height]);
    [source, x, y, w, h] = [half, 0, 0, half.width, half.height];
  }
  canvas.width = canvas.height = size;
  const [left, top] = [size - wide, size - high].map((n) => n >> 1);
  draw(canvas, source, [x, y, w, h], [left, top, wide, high]);
}

/** The pixels of a canvas, an ImageData. */
export function pixelsOf(canvas) {
  return context(canvas).getImageData(0, 0, canvas.width, canvas.height);
}

/** Shows pixels, an ImageData, on a canvas of their size. */
export function showPixels(canvas, pixels) {
  [canvas.width, canvas.height] = [pixels.width, pixels.height];
  context(canvas).putImageData(pixels, 0, 0);
}

function draw(canvas, source, from, to) {
  const onto = context(canvas);
  onto.imageSmoothingQuality = "high";
  onto.fillStyle = "#fff"; // under what is transparent
  onto.fillRect(0, 0, canvas.width, canvas.height);
  onto.drawImage(source, ...from, ...to);
}

function context(canvas) {
  return canvas.getContext("2d", { willReadFrequently: true });
}
