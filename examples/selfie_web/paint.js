// The page on which one paints: a map, of which the model makes a picture, or
// a hole in a photo and what shall be in it. On this device.

import { element, inkControl, makeControls, Missing } from "./controls.js";
import {
  complain,
  get,
  oneAtATime,
  save,
  say,
  sayTime,
  shown,
  tellFacts,
} from "./page.js";
import { Painting } from "./painting.js";
import { offerPhotos } from "./photos.js";
import {
  canvasOf,
  drawSquare,
  fillIn,
  pixelsOf,
  sampleSquare,
  showPixels,
  squareOf,
} from "./picture.js";
import { Obstacle, Translator } from "./translator.js";

const DELAY = 350; // milliseconds from a stroke to its translation
const STEPS = 60; // that can be undone
const SHARPEST = 1024; // pixels of a side of a photo, as it is shown
const OBJECTS = 1000; // what is added to the numbers of painted objects

const stage = get("stage");
let translator = null; // until it is loaded
let isMap = false; // whether a map is painted, and no photo opened
let layers = []; // what is painted, each a Painting with `canvas`, `title`
let active = null; // the layer under the brush
let controls = {}; // name of what is not painted -> its values
let photo = null; // a canvas of the photo's own size
let square = null; // where it goes into the model's
let finished = null; // the photo as the model fills it
let name = "painting"; // of the saved files

const opened = Translator.open(say);
opened.then(describe).catch(complain);

function describe(loaded) {
  translator = loaded;
  const { source, others, spec, size } = translator;
  isMap = source.control === "brush";
  const brushed = [source, ...others].filter(
    ({ control }) => control === "brush",
  );
  if (!brushed.length) {
    throw new Obstacle(
      `Nothing is painted for ${spec.name}. \`kgt web\` serves a page for it.`,
    );
  }
  layers = brushed.map((facts) => makeLayer(facts, size));
  const rest = others.filter(({ control }) => control !== "brush");
  controls = makeControls(get("controls"), rest, size, spec.resize, {
    changed: translateSoon,
    encode: (...picture) => translator.encode(...picture),
    complain,
  });
  get("controls").hidden = !rest.length;
  get("layer-choice").hidden = layers.length < 2;
  const title = isMap ? "Paint a picture" : "Edit a photo";
  get("title").textContent = title;
  document.title = `${spec.name}: ${title.toLowerCase()}`;
  tellFacts(translator);
  choose(layers[0]);
  get("keep").hidden = isMap;
  if (isMap) {
    get("take").hidden = true;
    get("save-map").hidden = false;
    get("choose").textContent = "Open a map";
    stage.classList.add("ready");
    get("awaited").textContent = "Paint, and see the picture here.";
  }
  layers.forEach(show);
  refresh();
  say("Ready.");
}

// Layers and what the brush does

function makeLayer(facts, size) {
  const layer = new Painting(facts, size);
  layer.title = titleOf(layer);
  layer.canvas = element("canvas", { id: `layer-${facts.input}` });
  get("layers").append(layer.canvas);
  const radio = element("input", { type: "radio", name: "layer" });
  radio.checked = !get("layer-choice").children.length; // the first
  radio.addEventListener("change", () => choose(layer));
  const chip = element("label", { className: "chip" });
  chip.append(radio, layer.title);
  get("layer-choice").append(chip);
  return layer;
}

function titleOf({ facts, isMask, isLines, isColours, isObjects }) {
  if (isMask) return "Hole";
  if (isLines) return "Lines";
  if (isColours) return "Colour";
  if (isObjects) return "Objects";
  return facts.option ?? "Map";
}

function choose(layer) {
  active = layer;
  get("width").value = layer.width;
  get("inks").replaceChildren();
  get("inks").removeAttribute("role");
  if (layer.isMap) showClasses(layer);
  else if (layer.isColours || layer.isObjects) {
    const [control, read] = inkControl(layer, layer.title);
    layer.ink = read();
    control.addEventListener("input", () => {
      layer.ink = read();
      if (toolOf() === "eraser") useTool("brush");
    });
    get("inks").append(control);
  }
  // Objects lie over the map and are seen only while they are painted.
  for (const { isObjects, canvas } of layers) {
    canvas.hidden = isObjects && !active.isObjects;
  }
  refresh();
}

function showClasses(layer) {
  get("inks").setAttribute("role", "radiogroup");
  get("inks").setAttribute("aria-label", `${layer.title}: class`);
  layer.facts.classes.forEach((className, i) => {
    const radio = element("input", { type: "radio", name: "ink", value: i });
    radio.checked = i === layer.ink;
    radio.addEventListener("change", () => {
      layer.ink = i;
      if (toolOf() === "eraser") useTool("brush");
    });
    const swatch = element("span", { className: "swatch" });
    swatch.style.background = `rgb(${layer.colour(i).join(" ")})`;
    const chip = element("label", { className: "chip" });
    chip.append(radio, swatch, className);
    get("inks").append(chip);
  });
}

function toolOf() {
  return document.querySelector('input[name="tool"]:checked').value;
}

function useTool(tool) {
  document.querySelector(`input[name="tool"][value="${tool}"]`).checked = true;
}

get("width").addEventListener("input", () => {
  if (active) active.width = get("width").valueAsNumber;
});

function show(layer) {
  showPixels(layer.canvas, layer.picture());
}

// The pointer

let brushAt = null; // where it was last, from 0 to 1
let before = null; // the numbers when the stroke began

function placeOf(event) {
  const box = stage.getBoundingClientRect();
  return [
    (event.clientX - box.left) / box.width,
    (event.clientY - box.top) / box.height,
  ];
}

function paintTo(place) {
  active.stroke(brushAt ?? place, place);
  brushAt = place;
}

function canPaint() {
  return active && (isMap || photo);
}

stage.addEventListener("pointerdown", (event) => {
  if (!canPaint() || event.button || before) return;
  event.preventDefault();
  stage.setPointerCapture(event.pointerId);
  before = active.numbers.slice();
  active.with(toolOf() === "eraser" ? 0 : active.ink);
  if (toolOf() === "fill") active.fill(placeOf(event));
  else paintTo(placeOf(event));
  show(active);
});
stage.addEventListener("pointermove", (event) => {
  showBrush(event);
  if (!before || !stage.hasPointerCapture(event.pointerId)) return;
  if (toolOf() === "fill") return;
  const events = event.getCoalescedEvents?.() ?? [];
  for (const each of events.length ? events : [event]) paintTo(placeOf(each));
  show(active);
});
stage.addEventListener("lostpointercapture", () => {
  if (!before) return;
  const [layer, numbers] = [active, before];
  before = brushAt = null;
  remember(() => swapNumbers(layer, numbers));
  changed();
});
stage.addEventListener("pointerleave", () => {
  get("brush").hidden = true;
});

/** Shows how large the brush is where it is. */
function showBrush(event) {
  const [x, y] = placeOf(event);
  const ring = get("brush");
  ring.hidden = !canPaint() || toolOf() === "fill";
  ring.style.left = `${100 * x}%`;
  ring.style.top = `${100 * y}%`;
  ring.style.width = ring.style.height = `${active?.width}%`;
}

// Undo

let done = []; // functions that swap what is with what was
let undone = [];

function remember(swap) {
  done.push(swap);
  done = done.slice(-STEPS);
  undone = [];
}

function swapNumbers(layer, numbers) {
  const now = layer.numbers.slice();
  layer.numbers.set(numbers);
  numbers.set(now);
  show(layer);
}

function step(from, to) {
  if (before || !from.length) return;
  const swap = from.pop();
  swap();
  to.push(swap);
  changed();
}

get("undo").addEventListener("click", () => step(done, undone));
get("redo").addEventListener("click", () => step(undone, done));
get("clear").addEventListener("click", () => {
  const kept = layers.map((layer) => layer.numbers.slice());
  for (const layer of layers) show(layer.clear());
  remember(() => layers.forEach((layer, i) => swapNumbers(layer, kept[i])));
  changed();
});
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  if (event.target.matches?.('input[type="number"]')) return;
  const key = event.key.toLowerCase();
  const isRedo = key === "y" || (key === "z" && event.shiftKey);
  if (key !== "z" && key !== "y") return;
  event.preventDefault();
  if (isRedo) step(undone, done);
  else step(done, undone);
});

/** After everything that changes what would be translated. */
function changed() {
  finished = null;
  refresh();
  translateSoon();
}

function refresh() {
  const isPainted = layers.some((layer) => !layer.isBlank);
  get("undo").disabled = !done.length;
  get("redo").disabled = !undone.length;
  get("clear").disabled = !isPainted;
  get("again").disabled = !canPaint();
  get("part").disabled = isPainted;
  get("keep").disabled = !finished;
  get("save").disabled = isMap ? get("after").hidden : !finished;
  get("save-map").disabled = !active;
}

// Photos and maps

const doBusy = oneAtATime((isBusy) => {
  for (const id of ["choose", "take"]) get(id).disabled = isBusy;
});

offerPhotos(doBusy, async (picture, itsName) => {
  await opened;
  const { width, height } = picture;
  const canvas = canvasOf(picture, width, height);
  if (isMap) {
    const [map] = layers;
    const kept = map.numbers.slice();
    map.read(sampleSquare(canvas, map.size, translator.spec.resize));
    remember(() => swapNumbers(map, kept));
    show(map);
  } else {
    setPhoto(canvas);
    for (const layer of layers) show(layer.clear());
    [done, undone] = [[], []];
  }
  name = itsName;
  changed();
});

/** Puts a canvas before the model, as its `part` says. */
function setPhoto(canvas) {
  photo = canvas;
  finished = null;
  const { size, spec } = translator;
  const { width, height } = photo;
  const how = [spec.resize, get("part").valueAsNumber / 100];
  square = squareOf(width, height, size, ...how);
  drawSquare(get("before"), photo, width, height, size, ...how);
  drawShown(get("photo"), photo);
  get("photo").hidden = false;
  awaitHole();
  stage.classList.add("ready");
  get("part-choice").hidden = spec.resize !== "cover" || width === height;
}

function awaitHole() {
  get("result").hidden = true;
  get("awaited").hidden = false;
  get("awaited").textContent = "Paint over what shall be filled.";
}

/** Draws the square of a photo that the model gets, but sharper. */
function drawShown(canvas, whole) {
  const { size, spec } = translator;
  const { width, height } = whole;
  const [, , w, h] = square.from;
  const side = Math.min(SHARPEST, Math.max(size, Math.floor(Math.min(w, h))));
  const part = get("part").valueAsNumber / 100;
  drawSquare(canvas, whole, width, height, side, spec.resize, part);
}

get("part").addEventListener("input", () => {
  setPhoto(photo);
  [done, undone] = [[], []]; // what they painted lay elsewhere
  refresh();
});

get("keep").addEventListener("click", () => {
  let kept = { photo: finished, numbers: layers.map(() => null) };
  const swap = () => {
    const numbers = layers.map((layer) => layer.numbers.slice());
    const now = { photo, numbers };
    setPhoto(kept.photo);
    layers.forEach((layer, i) => {
      if (kept.numbers[i]) layer.numbers.set(kept.numbers[i]);
      else layer.clear();
      show(layer);
    });
    kept = now;
  };
  swap();
  remember(swap);
  changed();
});

// Translation

let timer = 0;
let isRunning = false;
let isWanted = false; // once more, of what was painted meanwhile

function translateSoon() {
  clearTimeout(timer);
  if (!get("live").checked) return;
  timer = setTimeout(() => translate(false), DELAY);
}

get("again").addEventListener("click", () => translate(true));

/** Translates what is painted; says what is lacking if it is `asked` to. */
async function translate(asked) {
  clearTimeout(timer);
  if (isRunning || before) {
    isWanted = isRunning;
    if (before) translateSoon();
    return;
  }
  if (!canPaint()) return;
  isRunning = true;
  try {
    do {
      isWanted = false;
      await translateOnce();
    } while (isWanted);
  } catch (error) {
    if (error instanceof Missing && !isMap) awaitHole();
    if (asked || !(error instanceof Missing)) complain(error);
    else say(error.message);
  } finally {
    isRunning = false;
    get("spinner").hidden = true;
    get("view").ariaBusy = false;
    refresh();
  }
}

async function translateOnce() {
  const values = valuesOfAll();
  const hole = layers.find((layer) => layer.isMask)?.numbers.slice() ?? null;
  const [itsPhoto, itsSquare] = [photo, square];
  const { source } = translator;
  const picture = isMap ? values[source.input] : pixelsOf(get("before"));
  get("view").ariaBusy = true;
  get("spinner").hidden = false;
  say("Translating …");
  await shown(); // the processor leaves no time for it until it is done
  const start = performance.now();
  const pixels = await translator.translate(picture, values);
  if (photo !== itsPhoto || square !== itsSquare) return;
  showPixels(get("after"), pixels);
  get("awaited").hidden = true;
  if (isMap) get("after").hidden = false;
  else {
    const kept = hole && keepsKnown(picture, pixels, hole) ? hole : null;
    finished = fillIn(photo, square, translator.size, get("after"), kept);
    drawShown(get("result"), finished);
    get("result").hidden = false;
  }
  sayTime(start, translator);
  refresh();
}

/** What goes into the model beside a photo, or words for what is lacking. */
function valuesOfAll() {
  const values = {};
  for (const [input, read] of Object.entries(controls)) values[input] = read();
  for (const layer of layers) {
    if (layer.isMask && layer.isBlank) {
      throw new Missing("Paint over what shall be filled.");
    }
    if (layer.isMask && !layer.numbers.includes(0)) {
      throw new Missing(
        "The hole is the whole picture: nothing is known to fill it from. " +
          "Erase some of it.",
      );
    }
    values[layer.facts.input] = layer.values();
    const [map] = layers;
    if (layer.isObjects && map.isMap) {
      // Where no object is painted, every class is one.
      layer.numbers.forEach((number, i) => {
        const object = number ? OBJECTS + number : map.numbers[i];
        values[layer.facts.input][i] = object;
      });
    }
  }
  return values;
}

/** Whether what a model made has the known pixels of its picture. */
function keepsKnown(picture, made, hole) {
  if (made.width !== picture.width) return false;
  return hole.every(
    (number, i) =>
      number ||
      [0, 1, 2].every((k) => {
        const at = 4 * i + k;
        return Math.abs(picture.data[at] - made.data[at]) <= 1; // rounding
      }),
  );
}

// What is saved

get("save").addEventListener("click", () =>
  save(isMap ? get("after") : finished, `${name}-${translator.spec.name}`),
);
get("save-map").addEventListener("click", () => {
  const canvas = element("canvas", {});
  showPixels(canvas, layers[0].pixels());
  save(canvas, `${name}-map`);
});
