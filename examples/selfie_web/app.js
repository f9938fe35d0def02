// The page: a photo in, its translation out, on this device; or the camera's
// pictures, as they come.

import { makeControls } from "./controls.js";
import { Live } from "./live.js";
import {
  complain,
  get,
  oneAtATime,
  save,
  saveFile,
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
import { canRecord, Recording } from "./recording.js";
import { Smoother } from "./smoothing.js";
import { Translator } from "./translator.js";

const LIVE_SIDE = 720; // pixels of the live picture, at most
const stage = get("stage");
const input = document.createElement("canvas"); // the square that goes in
const frame = document.createElement("canvas"); // the camera's, as a square
const made = document.createElement("canvas"); // its translation
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
  liveValues = null;
  smoother.clear();
  if (canTranslate() && !isPainted() && !live.isOn) translateAgain();
}

offerPhotos(doBusy, async (picture, name) => {
  await endLive(); // as a photo may be dropped on it
  photoName = name;
  return translate(picture, picture.width, picture.height);
});

async function translate(source, width, height) {
  const { size, spec, source: facts } = await opened;
  hideComparison();
  stage.classList.remove("mirrored");
  drawSquare(input, source, width, height, size, spec.resize);
  showPixels(get("before"), pixelsOf(input));
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
  const values = readControls();
  stopPainting();
  hideComparison();
  say("Translating …");
  await shown(); // the processor leaves no time for it until it is done
  const start = performance.now();
  const pixels = await translator.translate(pixelsOf(input), values);
  showPixels(get("after"), pixels);
  showComparison();
  sayTime(start, translator);
}

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

// Live

let liveValues = null; // of the controls, until they change
let recording = null;
const smoother = new Smoother();
const live = new Live(get("eye"), {
  work: translateFrame,
  tell: tellRate,
  async ended(error) {
    leaveLive();
    await saveRecording();
    complain(error);
  },
});

const LIVE = ["live-buttons", "rate", "live-switches"];

async function goLive() {
  say("The camera starts …");
  hideComparison();
  get("after").hidden = get("before").hidden = true;
  get("record").disabled = get("shoot").disabled = true;
  [photoName, liveValues] = ["live", null];
  smoother.clear();
  await live.start();
  stage.classList.toggle("mirrored", live.isMirror);
  get("buttons").hidden = true;
  for (const id of LIVE) get(id).hidden = false;
  get("record").hidden = !canRecord;
  pauseLive(false);
  get("pause").focus();
}

/** Translates what the camera shows now, and shows both. */
async function translateFrame(video) {
  const translator = await opened;
  const { spec, size } = translator;
  liveValues ??= readControls();
  const [width, height] = [video.videoWidth, video.videoHeight];
  const side = Math.min(width, height, LIVE_SIDE);
  drawSquare(frame, video, width, height, side, "cover");
  drawSquare(input, frame, side, side, size, spec.resize);
  const picture = pixelsOf(input);
  let pixels = await translator.translate(picture, liveValues);
  if (get("steady").checked) pixels = smoother.smooth(picture, pixels);
  showPixels(made, pixels);
  drawSquare(get("before"), frame, side, side, side, "stretch");
  drawSquare(get("after"), made, made.width, made.height, side, "stretch");
  if (get("after").hidden) {
    get("before").hidden = false;
    showComparison();
    get("record").disabled = get("shoot").disabled = false;
    say(`Live on this device, by ${translator.device}.`);
  }
}

function tellRate(rate) {
  if (rate.shown === null || live.isPaused) return;
  const given = rate.given === null ? "" : ` of ${Math.round(rate.given)}`;
  get("rate").textContent = `${rate.shown.toFixed(1)}${given} pictures/s`;
  tellRecording();
}

function pauseLive(isPaused) {
  live.isPaused = isPaused;
  get("pause").textContent = isPaused ? "Go on" : "Pause";
  get("rate").textContent = isPaused ? "paused" : "live";
  stage.classList.toggle("running", !isPaused);
  recording?.pause(isPaused);
}

function record() {
  if (recording) return saveRecording();
  recording = new Recording(get("after"));
  recording.pause(live.isPaused);
  get("record").textContent = "Save video";
  tellRecording();
}

function tellRecording() {
  get("recorded").hidden = !recording;
  get("recorded").textContent = recording?.length ?? "";
}

/** Saves what is recorded, if anything is. */
async function saveRecording() {
  const done = recording;
  recording = null;
  get("record").textContent = "Record";
  tellRecording();
  if (!done) return;
  const { spec } = await opened;
  saveFile(await done.stop(), `live-${spec.name}${done.suffix}`);
}

/** The camera is off; its last picture stays, as a photo would. */
function leaveLive() {
  get("buttons").hidden = false;
  for (const id of LIVE) get(id).hidden = true;
  stage.classList.remove("running");
  setBusy(false);
}

async function endLive() {
  if (!live.isOn) return;
  await live.stop();
  leaveLive();
  say("The camera is off.");
  await saveRecording();
  get("live").focus();
}

get("live").addEventListener("click", () => doBusy(goLive));
get("pause").addEventListener("click", () => pauseLive(!live.isPaused));
get("record").addEventListener("click", record);
get("end").addEventListener("click", endLive);
get("steady").addEventListener("change", () => smoother.clear());
get("shoot").addEventListener("click", savePicture);

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

async function savePicture() {
  const { spec } = await opened;
  save(get("after"), `${photoName}-${spec.name}`);
}

get("save").addEventListener("click", savePicture);
