// What a translator takes beside the photo: a control for each of it.
//
// translator.json tells what there is. A menu, checks, a change and how much
// of it, a seed, a second picture, or a brush that paints a mask or a map; the
// user's word stands beside each.

import { Painting } from "./painting.js";
import { drawSquare, pixelsOf, readPicture } from "./picture.js";
import { valuesOf } from "./translator.js";

const SEEDS = 2 ** 31; // that the dice throws

/**
 * Makes the controls.
 *
 * `inputs` are the facts of the fields; `size` is the pixels of a side;
 * `changed` is called when something else is chosen, `paint` with a `Painting`
 * when one is to be painted, `complain` with an error; `encode` is that of the
 * `Translator`. Returns an object of name -> a function that returns its values,
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

  seed(facts, row, options) {
    const { title, changed } = options;
    let code = null; // of a picture, if one was chosen last
    const number = element("input", { type: "number", value: 0, min: 0, step: 1 });
    number.ariaLabel = `${title}: number of the seed`;
    const reseed = () => {
      code = null;
      picture?.clear();
      changed();
    };
    const dice = button("Another", () => {
      number.value = Math.floor(Math.random() * SEEDS);
      reseed();
    });
    number.addEventListener("change", reseed);
    row.append(number, dice);
    const picture = facts.encoder_file && pictureControl(row, {
      ...options,
      title: `${title}: a picture that has it`,
      async chosen(pixels) {
        code = await options.encode(facts.encoder_file, pixels);
        changed();
      },
    });
    return () =>
      code ?? normal(Math.trunc(number.valueAsNumber) || 0, facts.size);
  },

  picture(facts, row, options) {
    const chosen = options.changed;
    const { canvas } = pictureControl(row, { ...options, chosen });
    return () => {
      if (canvas.hidden) throw new Missing(`Choose a picture: ${options.title}.`);
      return valuesOf(pixelsOf(canvas), facts.dtype, facts.channels);
    };
  },

  brush(facts, row, { size, title, paint }) {
    const painting = new Painting(facts, size);
    if (painting.isMask || painting.isLines) {
      row.append(
        button("Paint", () => paint(painting.with(painting.ink))),
        button("Erase", () => paint(painting.with(0))),
      );
    } else {
      const [control, read] = inkControl(painting, title);
      const choose = () => paint(painting.with(read()));
      control.addEventListener("change", choose);
      row.append(control, button("Paint", choose));
    }
    row.append(button("Clear", () => paint(painting.clear())));
    const values = () => {
      if (painting.isMask && painting.isBlank) {
        throw new Missing("Paint over what is missing, then translate.");
      }
      return painting.values();
    };
    values.painting = painting;
    return values;
  },
};

/** A file's picture as a square; `chosen` is called with its pixels. */
function pictureControl(row, { size, resize, title, chosen, complain }) {
  const file = element("input", { type: "file", accept: "image/*" });
  file.ariaLabel = title;
  const canvas = element("canvas", { className: "thumbnail", hidden: true });
  const clear = () => {
    file.value = "";
    canvas.hidden = true;
  };
  file.addEventListener("change", async () => {
    if (!file.files.length) return;
    try {
      const picture = await readPicture(file.files[0]);
      const { width, height } = picture;
      drawSquare(canvas, picture, width, height, size, resize);
      picture.close();
      canvas.hidden = false;
      await chosen(pixelsOf(canvas));
    } catch (error) {
      clear();
      complain(error);
    }
  });
  row.append(file, canvas);
  return { canvas, clear };
}

/** [control for what a brush paints, function that reads its number]. */
export function inkControl(painting, title) {
  const { isColours, facts } = painting;
  if (facts.classes) {
    const menu = element("select", { ariaLabel: `${title}: what to paint` });
    facts.classes.forEach((name, i) =>
      menu.append(element("option", { textContent: name, value: i })),
    );
    return [menu, () => Number(menu.value)];
  }
  if (isColours) {
    const value = `#${painting.ink.toString(16).padStart(6, "0")}`;
    const colour = element("input", { type: "color", value });
    colour.ariaLabel = `${title}: colour of the brush`;
    // Black is where there is no stroke.
    return [colour, () => parseInt(colour.value.slice(1), 16) || 0x010101];
  }
  const number = element("input", { type: "number", value: 1, min: 0 });
  number.ariaLabel = `${title}: number of the object`;
  return [number, () => Math.trunc(number.valueAsNumber) || 0];
}

/** Something that is not chosen or painted yet, in words. */
export class Missing extends Error {}

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

export function button(text, clicked) {
  const made = element("button", { type: "button", textContent: text });
  made.addEventListener("click", clicked);
  return made;
}

export function element(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
