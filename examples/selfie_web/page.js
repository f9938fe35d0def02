// What the pages have in common: words, errors, facts, saving.

import { Missing } from "./controls.js";
import { Obstacle } from "./translator.js";

export const get = (id) => document.getElementById(id);

export function say(text) {
  get("error").textContent = "";
  get("status").textContent = text;
}

export function complain(error) {
  const isKnown = error instanceof Obstacle || error instanceof Missing;
  get("status").textContent = "";
  get("error").textContent =
    isKnown ? error.message : `That failed: ${error.message}`;
  if (!isKnown) console.error(error);
}

/**
 * A function that runs a task whose errors are shown, unless another one
 * still runs. `setBusy` is called with true and false.
 */
export function oneAtATime(setBusy) {
  let isBusy = false;
  return async (task) => {
    if (isBusy) return;
    isBusy = true;
    setBusy(true);
    try {
      await task();
    } catch (error) {
      complain(error);
    } finally {
      isBusy = false;
      setBusy(false);
    }
  };
}

/** Shows what a translator is. */
export function tellFacts({ spec, size }) {
  get("subtitle").textContent = `${spec.name} · ${size} by ${size} pixels`;
  const facts = {
    Name: spec.name,
    Model: `${spec.model}: ${spec.paper}`,
    Direction: [...spec.direction.toUpperCase()].join(" to "),
    Picture: `${size} by ${size} pixels in, ${size * spec.scale} out`,
    "Licence of the training data": spec.licence,
    "Made with": `keras-gan-translate ${spec.version}`,
  };
  for (const [name, value] of Object.entries(facts)) {
    for (const [tag, text] of [
      ["dt", name],
      ["dd", value],
    ]) {
      const element = document.createElement(tag);
      element.textContent = text;
      get("facts").append(element);
    }
  }
}

/** Says how long it took; `first` is said before. */
export function sayTime(start, translator, first = "") {
  const seconds = (performance.now() - start) / 1000;
  say(
    `${first}Translated in ${seconds.toFixed(2)} seconds on this device, by ` +
      `${translator.device}.`,
  );
}

/** Waits until what was changed is seen. */
export function shown() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, 200); // in a tab that nobody sees nothing is painted
  });
}

/** Saves what a canvas holds as a .png file. */
export function save(canvas, name) {
  canvas.toBlob((blob) => saveFile(blob, `${name}.png`), "image/png");
}

/** Saves a Blob as a file among the downloads. */
export function saveFile(blob, name) {
  const link = document.createElement("a");
  link.download = name;
  link.href = URL.createObjectURL(blob);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  say(`Saved as ${name}.`);
}
