// The page: a photo in, its translation out, on this device; or the camera's
// pictures, as they come.

import { Photo } from "./aligning.js";
import { makeControls } from "./controls.js";
import { FaceFinder, translateFaces } from "./faces.js";
import { offerLive } from "./live.js";
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

const MOST_PIXELS = 4096 * 4096; // that a canvas has on every phone
const stage = get("stage");
const input = document.createElement("canvas"); // the square that goes in
let photo = null; // the whole one, a `Photo`
let photoName = "photo"; // of the saved file
let finder = null; // of faces, where the model is for photos
let faces = null; // that are translated; null where none was looked for yet
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
      changed,
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
  // A face that is enlarged and put back would be what it was.
  if (spec.faces && spec.scale === 1 && !isMap && !isPainted()) {
    finder = new FaceFinder(translator);
    get("switches").hidden = get("face-switch").hidden = false;
  }
  get("live").hidden = isMap || isPainted() || !self.isSecureContext;
  get("live").disabled = isBusy;
  get("again").disabled = !canTranslate();
  document.title = `${spec.name}: translate a photo`;
  tellFacts(translator);
  if (!isBusy) say("Ready.");
}

function setBusy(busy) {
  isBusy = busy;
  stage.setAttribute("aria-busy", busy);
  get("spinner").hidden = !busy;
  for (const id of ["choose", "take", "live"]) get(id).disabled = busy;
  get("again").disabled = busy || !canTranslate();
  get("save").disabled = busy || get("after").hidden;
}

const doBusy = oneAtATime(setBusy);

function changed() {
  live.changed();
  if (canTranslate() && !isPainted() && !live.isOn) translateAgain();
}

offerPhotos(doBusy, async (picture, name) => {
  if (live.isOn) {
    await live.end(); // a photo was dropped on it
    setBusy(true);
  }
  photoName = name;
  return translate(picture, picture.width, picture.height);
});

async function translate(source, width, height) {
  const { size, spec, source: facts } = await opened;
  stage.classList.remove("mirrored");
  photo = new Photo(canvasOf(source, width, height, MOST_PIXELS));
  if (facts.control === "brush") {
    const map = controls[facts.input].painting;
    map.read(sampleSquare(photo.canvas, size, spec.resize));
    await showPhoto();
    startPainting(map);
  } else {
    await showPhoto();
  }
  if (isPainted()) {
    get("status").textContent = "Paint, then press “Translate”.";
    const brush = Object.values(controls).find((values) => values.painting);
    if (!painting) startPainting(brush.painting);
  } else {
    await translateShown();
  }
}

/** Shows the photo: as a square, or the whole of it if it has faces. */
async function showPhoto() {
  const { size, spec } = await opened;
  hideComparison();
  faces = [];
  drawSquare(input, photo.canvas, photo.width, photo.height, size, spec.resize);
  showPixels(get("before"), pixelsOf(input));
  get("before").hidden = false;
  if (finder && get("face").checked) {
    say("Looking for faces …");
    await shown();
    faces = await finder.find(photo);
  }
  if (faces.length) showPixels(get("before"), pixelsOf(photo.canvas));
  setShape(faces.length ? photo.width / photo.height : 1);
}

/** Translates the photo that is shown, as the controls say. */
async function translateShown() {
  const translator = await opened;
  const values = readControls();
  if (!faces && !isPainted()) await showPhoto(); // as after the camera
  stopPainting();
  hideComparison();
  say("Translating …");
  await shown(); // the processor leaves no time for it until it is done
  const start = performance.now();
  const work = (square) => translator.translate(pixelsOf(square), values);
  if (faces?.length) {
    showPixels(get("after"), pixelsOf(photo.canvas));
    await translateFaces(photo, faces, translator.size, work, get("after"));
  } else {
    showPixels(get("after"), await work(input));
  }
  showComparison(faces?.length ? faces[0].middle[0] / photo.width : 0.5);
  sayTime(start, translator, whatIsTranslated());
}

function whatIsTranslated() {
  if (!finder || !get("face").checked) return "";
  if (!faces.length) return "No face was found: this is the whole picture. ";
  const count = faces.length === 1 ? "One face" : `${faces.length} faces`;
  return `${count} found; all else is the photo’s own. `;
}

get("face").addEventListener("change", () => {
  live.changed();
  if (!photo || live.isOn) return;
  doBusy(async () => {
    await showPhoto();
    await translateShown();
  });
});

/** What the controls say: name of what the model takes -> typed array. */
function readControls() {
  const read = ([name, values]) => [name, values()];
  return Object.fromEntries(Object.entries(controls).map(read));
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

const live = offerLive({
  opened,
  finder: () => finder,
  doBusy,
  setBusy,
  readControls,
  begun() {
    hideComparison();
    get("after").hidden = get("before").hidden = true;
    setShape(1);
  },
  shown: showComparison,
  ended(picture) {
    // Its last picture stays, as a photo would.
    [photo, photoName, faces] = [new Photo(picture), "live", null];
  },
});

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

/** The stage is so much wider than high. */
function setShape(ratio) {
  stage.style.setProperty("--ratio", ratio);
}

const COMPARED = ["after", "edge", "before-tag", "after-tag", "comparison"];

function hideComparison() {
  for (const id of COMPARED) get(id).hidden = true;
  get("empty").hidden = true;
  stage.classList.remove("compared");
}

/** Shows both, with the edge at a place from 0 to 1 of the picture. */
function showComparison(place = 0.5) {
  for (const id of COMPARED) get(id).hidden = false;
  stage.classList.add("compared");
  const part = Math.min(0.9, Math.max(0.1, place));
  split(Math.round(100 * (stage.matches(".mirrored") ? 1 - part : part)));
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

async function savePicture() {
  const { spec } = await opened;
  save(get("after"), `${photoName}-${spec.name}`);
}

get("save").addEventListener("click", savePicture);
