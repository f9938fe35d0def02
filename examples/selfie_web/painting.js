// What a brush paints: classes, objects, a hole, lines, strokes of colour.

import { Obstacle, valuesOf } from "./translator.js";

const HOLE = 255; // in a mask, where the picture is missing
const LINE = 1; // of a drawing, whose paper is 0
const BLUE = 0x2f6fc0; // the first colour of strokes
const BRUSH = 12; // its width, as parts of a hundred of the picture's
const STROKE = 4; // that of strokes of colour
const PEN = 1.5; // that of lines
// What a file of a map may have between the colours of its classes.
const NEAR = 48; // of 255, the distance of a colour from its class
const STRANGE = 0.02; // the share of pixels that may be further off

/**
 * Numbers that lie on a picture, painted with a round brush.
 *
 * `facts` are those of the field in translator.json and say what the numbers
 * mean: classes, a hole, objects; of pictures of one channel lines, of three
 * 0xRRGGBB. 0 is where nothing is painted.
 */
export class Painting {
  constructor(facts, size) {
    this.size = size;
    this.facts = facts;
    this.isMask = facts.kind === "Mask";
    this.isLines = facts.channels === 1;
    this.isColours = facts.channels === 3;
    this.isMap = Boolean(facts.classes);
    this.isObjects = !(
      this.isMask || this.isLines || this.isColours || this.isMap
    );
    this.ink = this.isMask ? HOLE : this.isColours ? BLUE : LINE;
    if (this.isMap) this.ink = Math.min(1, facts.classes.length - 1);
    this.number = this.ink; // 0 erases
    this.width = this.isLines ? PEN : this.isColours ? STROKE : BRUSH;
    this.numbers = new Int32Array(size * size);
  }

  with(number) {
    this.number = number;
    return this;
  }

  clear() {
    this.numbers.fill(0);
    return this;
  }

  get isBlank() {
    return this.numbers.every((number) => number === 0);
  }

  /** Draws from one [x, y] to another, each from 0 to 1. */
  stroke([fromX, fromY], [toX, toY]) {
    const steps = 1 + Math.ceil(this.size * Math.hypot(toX - fromX, toY - fromY));
    for (let i = 0; i <= steps; i++) {
      const part = i / steps;
      this.#dab(fromX + part * (toX - fromX), fromY + part * (toY - fromY));
    }
  }

  #dab(x, y) {
    const radius = Math.max((this.size * this.width) / 200, 0.75);
    const [left, top] = [x * this.size, y * this.size];
    const first = (middle) => Math.max(0, Math.floor(middle - radius));
    const end = (middle) => Math.min(this.size, Math.ceil(middle + radius));
    for (let row = first(top); row < end(top); row++) {
      for (let column = first(left); column < end(left); column++) {
        const away = Math.hypot(column + 0.5 - left, row + 0.5 - top);
        if (away > radius) continue;
        this.numbers[row * this.size + column] = this.number;
      }
    }
  }

  /** Fills the area of one number around [x, y], each from 0 to 1. */
  fill([x, y]) {
    const { numbers, number, size } = this;
    const at = (part) => Math.min(size - 1, Math.max(0, Math.floor(part * size)));
    const waiting = [at(y) * size + at(x)];
    const old = numbers[waiting[0]];
    if (old === number) return;
    while (waiting.length) {
      const i = waiting.pop();
      if (numbers[i] !== old) continue;
      numbers[i] = number;
      const column = i % size;
      if (column > 0) waiting.push(i - 1);
      if (column < size - 1) waiting.push(i + 1);
      if (i >= size) waiting.push(i - size);
      if (i < size * (size - 1)) waiting.push(i + size);
    }
  }

  /**
   * Takes an ImageData of the painting's size: of a map the numbers of its
   * classes as gray, or their colours; of a drawing what is dark.
   *
   * Throws words for people where it holds something else.
   */
  read({ data }) {
    const found = new Int32Array(this.numbers.length);
    const rgb = (i) => data.subarray(4 * i, 4 * i + 3);
    let isGray = true;
    let most = 0;
    found.forEach((_, i) => {
      const [r, g, b] = rgb(i);
      isGray &&= r === g && g === b;
      most = Math.max(most, r);
    });
    const count = this.facts.classes?.length ?? Infinity;
    if (this.isColours) {
      found.forEach((_, i) => {
        const [r, g, b] = rgb(i);
        found[i] = (r << 16) | (g << 8) | b;
      });
    } else if (this.isLines || this.isMask) {
      const isInk = (value) => value > 127 === this.isMask;
      found.forEach((_, i) => (found[i] = isInk(rgb(i)[1]) ? this.ink : 0));
    } else if (isGray && most < count) {
      found.forEach((_, i) => (found[i] = rgb(i)[0]));
    } else if (this.isMap) {
      this.#readColours(found, rgb, isGray && most);
    } else {
      throw new Obstacle(
        "This file holds colours; the numbers of objects are expected, as " +
          "shades of gray.",
      );
    }
    this.numbers.set(found);
  }

  #readColours(found, rgb, brightest) {
    const colours = this.facts.classes.map((_, i) => this.colour(i));
    let strange = 0;
    let example;
    found.forEach((_, i) => {
      const [r, g, b] = rgb(i);
      const off = colours.map(([x, y, z]) => Math.hypot(r - x, g - y, b - z));
      const least = Math.min(...off);
      found[i] = off.indexOf(least);
      if (least > NEAR) {
        strange += 1;
        example ??= `(${r}, ${g}, ${b})`;
      }
    });
    if (strange <= STRANGE * found.length) return;
    const last = colours.length - 1;
    const share = Math.round((100 * strange) / found.length);
    throw new Obstacle(
      brightest === false
        ? `This is no map of these classes: ${share} % of it has colours of ` +
          `none of them, such as ${example}. Expected are their colours, or ` +
          `their numbers 0 to ${last} as gray.`
        : `This is no map of these classes: they have the numbers 0 to ` +
          `${last}, and it holds up to ${brightest}.`,
    );
  }

  /** The numbers as a model takes them, a typed array. */
  values() {
    const { dtype, channels } = this.facts;
    if (channels) return valuesOf(this.pixels(), dtype, channels);
    const kind = dtype === "int32" ? Int32Array : Uint8Array;
    return kind.from(this.numbers);
  }

  /** What a file of it holds, an ImageData: pixels, or numbers as gray. */
  pixels() {
    return this.#drawn((number) => {
      if (this.isColours) return [...split(number), 255];
      const gray = this.isLines ? (number ? 0 : 255) : number;
      return [gray, gray, gray, 255];
    });
  }

  /** What is seen of it, an ImageData; what lies on a picture lets through. */
  picture() {
    return this.#drawn((number) => {
      const isWhole = this.isMap || this.isColours || this.isLines;
      const isPaper = !number && !this.isMap;
      const isSource = this.facts.input === "images";
      const alpha = isPaper && !isSource ? 0 : isWhole ? 255 : 150;
      return [...this.colour(number), alpha];
    });
  }

  #drawn(colourOf) {
    const drawn = new ImageData(this.size, this.size);
    const known = new Map();
    this.numbers.forEach((number, i) => {
      if (!known.has(number)) known.set(number, colourOf(number));
      drawn.data.set(known.get(number), 4 * i);
    });
    return drawn;
  }

  /** The colour that a number is shown in, [r, g, b]. */
  colour(number) {
    const { palette, classes } = this.facts;
    if (this.isColours) return split(number);
    if (this.isLines) return number ? [0, 0, 0] : [255, 255, 255];
    if (this.isMask) return [226, 74, 44];
    if (palette?.length) return palette[number];
    if (!classes) return [97, 157, 211].map((f) => (number * f) % 256);
    // Hues of one saturation and lightness, as the library draws them.
    const hue = (6 * number) / classes.length;
    return [5, 3, 1].map((shift) => {
      const k = (shift + hue) % 6;
      const most = Math.max(0, Math.min(k, 4 - k, 1));
      return Math.round(255 * 0.9 * (1 - 0.6 * most));
    });
  }
}

/** The [r, g, b] of 0xRRGGBB. */
function split(number) {
  return [number >> 16, (number >> 8) & 255, number & 255];
}
