// Pictures that flicker less: what stands still is averaged, what moves is not.
//
// The same numbers as keras_gan_translate/inference/smoothing.py, which says
// why: whole ones, so that both make the very same pictures.

const UNIT = 256; // of what is remembered, to one level of a pixel
const REACH = 2; // pixels to each side over which change is averaged
const SPREAD = 1 / 16; // of the shorter side: around motion none is averaged
const [STILL, MOVING] = [3, 7]; // levels: noise below, motion above
const LEAST = 51; // of 256: how much of a new picture is taken at rest

/** Averages pictures over time where what they were made of stands still. */
export class Smoother {
  #source = null;
  #made = null;

  /** Forgets what was, so that the next picture stays as it is. */
  clear() {
    this.#source = this.#made = null;
  }

  /**
   * Takes the next picture, an ImageData, and what was made of it, an ImageData
   * of any size; returns the latter, smooth.
   */
  smooth(source, made) {
    if (!isLike(this.#source, source) || !isLike(this.#made, made)) {
      this.#source = remembered(source);
      this.#made = remembered(made);
      return made;
    }
    const share = this.#shareOfNew(source);
    const { width, height } = made;
    const picture = new ImageData(width, height);
    const [levels, newest] = [this.#made.levels, made.data];
    for (let y = 0, at = 0; y < height; y++) {
      const row = Math.floor((y * source.height) / height) * source.width;
      for (let x = 0; x < width; x++, at += 4) {
        const part = share[row + Math.floor((x * source.width) / width)];
        for (let i = at; i < at + 3; i++) {
          levels[i] += ((newest[i] * UNIT - levels[i]) * part) >> 8;
          picture.data[i] = (levels[i] + UNIT / 2) >> 8;
        }
        picture.data[at + 3] = 255;
      }
    }
    return picture;
  }

  /** How much is taken at each pixel, of 256; the source is remembered. */
  #shareOfNew({ data, width, height }) {
    const { levels } = this.#source;
    const share = new Int32Array(width * height); // of change, at first
    for (let i = 0, at = 0; i < share.length; i++, at += 4) {
      let sum = 0;
      for (let j = at; j < at + 3; j++) {
        sum += Math.abs(data[j] * UNIT - levels[j]);
      }
      share[i] = sum >> 8;
    }
    overLines(share, width, height, REACH, sumUp);
    const count = 3 * (2 * REACH + 1) ** 2;
    const span = (MOVING - STILL) * count;
    share.forEach((sum, i) => {
      const part = Math.floor(((sum - STILL * count) * (256 - LEAST)) / span);
      share[i] = Math.min(256, Math.max(LEAST, LEAST + part));
    });
    const reach = Math.floor(Math.min(width, height) * SPREAD);
    overLines(share, width, height, reach, keepMost);
    share.forEach((part, i) => {
      for (let j = 4 * i; j < 4 * i + 3; j++) {
        levels[j] += ((data[j] * UNIT - levels[j]) * part) >> 8;
      }
    });
    return share;
  }
}

function isLike(known, { width, height }) {
  return known?.width === width && known.height === height;
}

function remembered({ data, width, height }) {
  return { width, height, levels: Int32Array.from(data, (x) => x * UNIT) };
}

/**
 * Changes the columns, then the rows of numbers: `work` gets each with `reach`
 * more at both ends, which go on as they are, and leaves the new one in front.
 */
function overLines(numbers, width, height, reach, work) {
  for (const [count, step, lines, apart] of [
    [height, width, width, 1],
    [width, 1, height, width],
  ]) {
    const line = new Int32Array(count + 2 * reach);
    for (let first = 0; first < lines * apart; first += apart) {
      for (let i = 0; i < line.length; i++) {
        const place = Math.min(count - 1, Math.max(0, i - reach));
        line[i] = numbers[first + place * step];
      }
      work(line, count, 2 * reach + 1);
      for (let i = 0; i < count; i++) numbers[first + i * step] = line[i];
    }
  }
}

/** In place of each of the first numbers the sum of it and of those after. */
function sumUp(line, count, width) {
  let sum = 0;
  for (let i = 0; i < width - 1; i++) sum += line[i];
  for (let i = 0; i < count; i++) {
    sum += line[i + width - 1];
    const oldest = line[i];
    line[i] = sum;
    sum -= oldest;
  }
}

/** In place of each of the first numbers the largest of it and those after. */
function keepMost(line, count, width) {
  const widen = (by) => {
    for (let i = 0; i + by < line.length; i++) {
      if (line[i + by] > line[i]) line[i] = line[i + by];
    }
  };
  let step = 1;
  for (; 2 * step <= width; step *= 2) widen(step);
  widen(width - step);
}
