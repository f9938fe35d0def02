// The page: a photo in, its translation out, on this device.

import { makeControls } from "./controls.js";
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
import { offerPhotos } from "./photos.js";
import {
  canvasOf,
  drawSquare,
  pixelsOf,
  sampleSquare,
  showPixels,
} from "./picture.js";
import { Translator } from "./translator.js";

const stage = get("stage");
let photoName = "photo"; // of the saved file
let isBusy = false;
let controls = {}; // name of what else the model takes -> its values
let painting = null; // what the brush paints now

// Photos may be chosen while the model is still being loaded.
const opened = Translator.open(say);
opened.then(describe, complain);

function describe(translator) {
  const { spec, size, source, others } = translator;
  const isMap = source.control === "brush";
  const asked = isMap ? [source, ...others] : others;
  if (asked.length) {
    controls = makeControls(get("controls"), asked, size, spec.resize, {
      changed: () => canTranslate() && !isPainted() && translateAgain(),
      paint: startPainting,
      encode: (...picture) => translator.encode(...picture),
      complain,
    });
    get("controls").hidden = get("again").hidden = false;
  }
  if (isMap) {
    get("take").hidden = true;
    get("choose").textContent = "Choose a map";
    startPainting(controls[source.input].painting);
  }
  get("again").disabled = !canTranslate();
  document.title = `${spec.name}: translate a photo`;
  tellFacts(translator);
  if (!isBusy) say("Ready.");
}

function setBusy(busy) {
  isBusy = busy;
  stage.setAttribute("aria-busy", busy);
  get("spinner").hidden = !busy;
  for (const id of ["choose", "take"]) get(id).disabled = busy;
  get("again").disabled = busy || !canTranslate();
  get("save").disabled = busy || get("after").hidden;
}

const doBusy = oneAtATime(setBusy);

offerPhotos(doBusy, (picture, name) => {
  photoName = name;
  return translate(picture, picture.width, picture.height);
});

async function translate(source, width, height) {
  const { size, spec, source: facts } = await opened;
  hideComparison();
  drawSquare(get("before"), source, width, height, size, spec.resize);
  get("before").hidden = false;
  if (facts.control === "brush") {
    const map = controls[facts.input].painting;
    map.read(sampleSquare(canvasOf(source, width, height), size, spec.resize));
    startPainting(map);
  }
  if (isPainted()) {
    get("status").textContent = "Paint, then press “Translate”.";
    const brush = Object.values(controls).find((values) => values.painting);
    if (!painting) startPainting(brush.painting);
  } else {
    await translateShown();
  }
}

/** Translates the photo that is shown, as the controls say. */
async function translateShown() {
  const translator = await opened;
  const values = {};
  for (const [name, read] of Object.entries(controls)) values[name] = read();
  stopPainting();
  hideComparison();
  say("Translating …");
  await shown(); // the processor leaves no time for it until it is done
  const start = performance.now();
  const picture = pixelsOf(get("before"));
  const pixels = await translator.translate(picture, values);
  showPixels(get("after"), pixels);
  showComparison();
  sayTime(start, translator);
}

function translateAgain() {
  return doBusy(translateShown);
}

function canTranslate() {
  return !get("before").hidden;
}

function isPainted() {
  return Object.values(controls).some((values) => values.painting);
}

get("again").addEventListener("click", translateAgain);

// The brush

function startPainting(chosen) {
  if (!chosen) return;
  painting = chosen;
  hideComparison();
  get("after").hidden = true;
  showPainting();
}

function stopPainting() {
  painting = null;
  get("paint").hidden = true;
}

function showPainting() {
  showPixels(get("paint"), painting.picture());
  get("paint").hidden = false;
  if (painting.facts.input === "images") {
    // The map is what is translated, and seen before its translation.
    showPixels(get("before"), painting.picture());
    get("before").hidden = false;
  }
  get("again").disabled = isBusy || !canTranslate();
}

let brushAt = null; // where the brush was last, from 0 to 1

function paintTo(event) {
  const box = get("paint").getBoundingClientRect();
  const x = (event.clientX - box.left) / box.width;
  const to = [x, (event.clientY - box.top) / box.height];
  painting.stroke(brushAt ?? to, to);
  brushAt = to;
  showPainting();
}

get("paint").addEventListener("pointerdown", (event) => {
  event.stopPropagation();
  if (!painting || isBusy) return;
  get("paint").setPointerCapture(event.pointerId);
  brushAt = null;
  paintTo(event);
});
get("paint").addEventListener("pointermove", (event) => {
  if (painting && get("paint").hasPointerCapture(event.pointerId)) {
    paintTo(event);
  }
});

// Before and after

const COMPARED = ["after", "edge", "before-tag", "after-tag", "comparison"];

function hideComparison() {
  for (const id of COMPARED) get(id).hidden = true;
  get("empty").hidden = true;
  stage.classList.remove("compared");
}

function showComparison() {
  for (const id of COMPARED) get(id).hidden = false;
  stage.classList.add("compared");
  split(50);
}

/** Puts the edge between before and after, in percent from the left. */
function split(percent) {
  const slider = get("slider");
  slider.value = percent;
  stage.style.setProperty("--split", `${slider.value}%`);
  slider.setAttribute(
    "aria-valuetext",
    `${100 - slider.value} percent of the translation`,
  );
}

function splitAt(event) {
  const box = stage.getBoundingClientRect();
  split(((event.clientX - box.left) / box.width) * 100);
}

get("slider").addEventListener("input", () => split(get("slider").value));
stage.addEventListener("pointerdown", (event) => {
  if (!stage.classList.contains("compared")) return;
  stage.setPointerCapture(event.pointerId);
  splitAt(event);
});
stage.addEventListener("pointermove", (event) => {
  if (stage.hasPointerCapture(event.pointerId)) splitAt(event);
});

// The result

get("save").addEventListener("click", async () => {
  const { spec } = await opened;
  save(get("after"), `${photoName}-${spec.name}`);
});
