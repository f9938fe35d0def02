// What a translator takes beside the photo: a control for each of it.
//
// translator.json tells what there is. A menu, checks, a change and how much
// of it, a seed, a second picture, or a brush that paints a mask or a map; the
// user's word stands beside each.

import { drawSquare, pixelsOf, readPicture } from "./picture.js";
import { valuesOf } from "./translator.js";

const HOLE = 255; // in a mask, where the picture is missing
const SEEDS = 2 ** 31; // that the dice throws
const BRUSH = 12; // its width, as parts of a hundred of the picture's

/**
 * Makes the controls.
 *
 * `inputs` are the facts of the fields; `size` is the pixels of a side;
 * `canvas` lies upon the picture and is painted on; `changed` is called when
 * something else is chosen, `paint` with a `Painting` when one is to be
 * painted. Returns an object of name -> a function that returns its values,
 * as typed arrays, or throws words for the user.
 */
export function makeControls(holder, inputs, size, resize, callbacks) {
  const made = {};
  for (const facts of inputs) {
    const make = MAKERS[facts.control];
    if (!make) throw new Error(`This page has no control "${facts.control}".`);
    const row = element("div", { className: "control" });
    const title = facts.option ?? "map";
    row.append(element("span", { textContent: title, className: "soft" }));
    made[facts.input] = make(facts, row, { size, resize, title, ...callbacks });
    holder.append(row);
  }
  return made;
}

const MAKERS = {
  menu(facts, row, { title, changed }) {
    const menu = element("select", { ariaLabel: title });
    facts.classes.forEach((name, i) =>
      menu.append(element("option", { textContent: name, value: i })),
    );
    menu.addEventListener("change", changed);
    row.append(menu);
    return () => Int32Array.of(menu.value);
  },

  checks(facts, row, { changed }) {
    const boxes = facts.names.map((name) => {
      const box = element("input", { type: "checkbox", ariaLabel: name });
      box.addEventListener("change", changed);
      const label = element("label", { textContent: name });
      label.prepend(box);
      row.append(label);
      return box;
    });
    return () => Float32Array.from(boxes, (box) => Number(box.checked));
  },

  changes(facts, row, { title, changed }) {
    const menu = element("select", { ariaLabel: title });
    facts.names.forEach((name, i) =>
      ["+", "-"].forEach((sign) =>
        menu.append(
          element("option", { textContent: sign + name, value: sign + i }),
        ),
      ),
    );
    const strength = element("input", { type: "range", min: 0, step: 0.05 });
    strength.ariaLabel = `${title}: strength`;
    strength.max = facts.most;
    strength.value = 1;
    for (const control of [menu, strength]) {
      control.addEventListener("change", changed);
    }
    row.append(menu, strength);
    return () => {
      const values = new Float32Array(facts.names.length);
      const by = strength.valueAsNumber * (menu.value[0] === "+" ? 1 : -1);
      values[Number(menu.value.slice(1))] = by;
      return values;
    };
  },

  seed(facts, row, { title, changed }) {
    const number = element("input", { type: "number", value: 0, min: 0, step: 1 });
    number.ariaLabel = `${title}: number of the seed`;
    const dice = button("Another", () => {
      number.value = Math.floor(Math.random() * SEEDS);
      changed();
    });
    number.addEventListener("change", changed);
    row.append(number, dice);
    return () => normal(Math.trunc(number.valueAsNumber) || 0, facts.size);
  },

  picture(facts, row, { size, resize, title, changed }) {
    const file = element("input", { type: "file", accept: "image/*" });
    file.ariaLabel = title;
    const canvas = element("canvas", { className: "thumbnail", hidden: true });
    file.addEventListener("change", async () => {
      if (!file.files.length) return;
      try {
        const picture = await readPicture(file.files[0]);
        const { width, height } = picture;
        drawSquare(canvas, picture, width, height, size, resize);
        picture.close();
        canvas.hidden = false;
      } catch {
        file.value = "";
      }
      changed();
    });
    row.append(file, canvas);
    return () => {
      if (canvas.hidden) throw new Missing(`Choose a picture: ${title}.`);
      return valuesOf(pixelsOf(canvas), facts.dtype);
    };
  },

  brush(facts, row, { size, title, paint }) {
    const painting = new Painting(facts, size);
    if (facts.kind === "Mask") {
      row.append(
        button("Paint", () => paint(painting.with(HOLE))),
        button("Erase", () => paint(painting.with(0))),
      );
    } else if (facts.classes) {
      const menu = element("select", { ariaLabel: `${title}: what to paint` });
      facts.classes.forEach((name, i) =>
        menu.append(element("option", { textContent: name, value: i })),
      );
      const choose = () => paint(painting.with(Number(menu.value)));
      menu.addEventListener("change", choose);
      row.append(menu, button("Paint", choose));
    } else {
      const number = element("input", { type: "number", value: 1, min: 0 });
      number.ariaLabel = `${title}: number of the object`;
      const choose = () => paint(painting.with(number.valueAsNumber || 0));
      number.addEventListener("change", choose);
      row.append(number, button("Paint", choose));
    }
    row.append(button("Clear", () => paint(painting.clear())));
    const values = () => {
      if (facts.kind === "Mask" && !painting.numbers.includes(HOLE)) {
        throw new Missing("Paint over what is missing, then translate.");
      }
      return painting.numbers.slice();
    };
    values.painting = painting;
    return values;
  },
};

/** Something that is not chosen or painted yet, in words. */
export class Missing extends Error {}

/** Numbers of classes, objects or a hole, painted with a round brush. */
export class Painting {
  constructor(facts, size) {
    this.size = size;
    this.facts = facts;
    this.number = 0;
    const kind = facts.dtype === "int32" ? Int32Array : Uint8Array;
    this.numbers = new kind(size * size);
  }

  with(number) {
    this.number = number;
    return this;
  }

  clear() {
    this.numbers.fill(0);
    return this;
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
    const radius = Math.max((this.size * BRUSH) / 200, 0.75);
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

  /** Takes a picture's gray as the numbers; classes by their colours too. */
  read({ data }) {
    const colours = this.facts.classes?.map((_, i) => this.colour(i)) ?? [];
    this.numbers.forEach((_, i) => {
      const [r, g, b] = data.subarray(4 * i, 4 * i + 3);
      const isGray = r === g && g === b;
      if (isGray && (!colours.length || r < colours.length)) {
        this.numbers[i] = r;
        return;
      }
      const off = colours.map(([x, y, z]) => Math.hypot(r - x, g - y, b - z));
      this.numbers[i] = off.indexOf(Math.min(...off));
    });
  }

  /** What is seen of it, an ImageData; a mask and objects let through. */
  picture() {
    const seen = new ImageData(this.size, this.size);
    const isMap = Boolean(this.facts.classes);
    this.numbers.forEach((number, i) => {
      const alpha = isMap ? 255 : number && 170;
      seen.data.set([...this.colour(number), alpha], 4 * i);
    });
    return seen;
  }

  colour(number) {
    const { palette, classes } = this.facts;
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

/**
 * Numbers of the normal distribution that a seed stands for, the same as in
 * the library: Mersenne Twister and Marsaglia's polar method, as NumPy's
 * RandomState has them for ever.
 */
export function normal(seed, count) {
  const random = twister(seed >>> 0);
  const numbers = [];
  while (numbers.length < count) {
    const [x, y] = [2 * random() - 1, 2 * random() - 1];
    const square = x * x + y * y;
    if (square >= 1 || square === 0) continue;
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    numbers.push(factor * y, factor * x);
  }
  return Float32Array.from(numbers.slice(0, count));
}

/** Mersenne Twister (Matsumoto and Nishimura, 1998): numbers from 0 to 1. */
function twister(seed) {
  const state = new Uint32Array(624);
  state[0] = seed;
  for (let i = 1; i < 624; i++) {
    const last = state[i - 1] ^ (state[i - 1] >>> 30);
    state[i] = Math.imul(1812433253, last) + i;
  }
  let at = 624;
  const next = () => {
    if (at === 624) {
      for (let i = 0; i < 624; i++) {
        const bits =
          (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff);
        state[i] =
          state[(i + 397) % 624] ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
      }
      at = 0;
    }
    let bits = state[at++];
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return (bits ^ (bits >>> 18)) >>> 0;
  };
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}

function button(text, clicked) {
  const made = element("button", { type: "button", textContent: text });
  made.addEventListener("click", clicked);
  return made;
}

function element(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
