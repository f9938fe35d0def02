// The page: a photo in, its translation out, on this device.

import { makeControls, Missing } from "./controls.js";
import {
  drawSquare,
  pixelsOf,
  readPicture,
  showPixels,
  takePicture,
} from "./picture.js";
import { Obstacle, Translator } from "./translator.js";

const CAMERA_ERRORS = {
  NotAllowedError:
    "The camera is not allowed. Allow it for this page in the browser, or " +
    "choose a photo.",
  NotFoundError: "No camera was found. Choose a photo instead.",
  NotReadableError:
    "The camera does not answer; another program may be using it. Close " +
    "that, or choose a photo.",
};

const get = (id) => document.getElementById(id);
const stage = get("stage");
const video = get("video");
let photoName = "photo"; // of the saved file
let isBusy = false;
let controls = {}; // name of what else the model takes -> its values
let painting = null; // what the brush paints now

// Photos may be chosen while the model is still being loaded.
const opened = Translator.open(say);
opened.then(describe, complain);

function describe({ spec, size, source, others }) {
  const direction = [...spec.direction.toUpperCase()].join(" to ");
  const isMap = source.control === "brush";
  const asked = isMap ? [source, ...others] : others;
  if (asked.length) {
    controls = makeControls(get("controls"), asked, size, spec.resize, {
      changed: () => canTranslate() && !isPainted() && translateAgain(),
      paint: startPainting,
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
  get("subtitle").textContent = `${spec.name} · ${size} by ${size} pixels`;
  const facts = {
    Name: spec.name,
    Model: `${spec.model}: ${spec.paper}`,
    Direction: direction,
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
  if (!isBusy) say("Ready.");
}

function say(text) {
  get("error").textContent = "";
  get("status").textContent = text;
}

function complain(error) {
  get("status").textContent = "";
  get("error").textContent =
    isKnown(error) ? error.message : `That failed: ${error.message}`;
  if (!isKnown(error)) console.error(error);
}

function isKnown(error) {
  return error instanceof Obstacle || error instanceof Missing;
}

function setBusy(busy) {
  isBusy = busy;
  stage.setAttribute("aria-busy", busy);
  get("spinner").hidden = !busy;
  for (const id of ["choose", "take"]) get(id).disabled = busy;
  get("again").disabled = busy || !canTranslate();
  get("save").disabled = busy || get("after").hidden;
}

/** Runs a task whose errors are shown, unless another one still runs. */
async function doBusy(task) {
  if (isBusy) return;
  setBusy(true);
  try {
    await task();
  } catch (error) {
    complain(error);
  } finally {
    setBusy(false);
  }
}

function translateFile(file) {
  return doBusy(async () => {
    let picture;
    try {
      picture = await readPicture(file);
    } catch {
      throw new Obstacle(
        `This browser cannot read “${file.name}” as a picture. JPEG, PNG ` +
          "and WebP work everywhere, HEIC only on Apple's devices.",
      );
    }
    photoName = file.name.replace(/\.[^.]*$/, "") || "photo";
    try {
      await translate(picture, picture.width, picture.height);
    } finally {
      picture.close();
    }
  });
}

async function translate(source, width, height) {
  const { size, spec, source: facts } = await opened;
  hideComparison();
  drawSquare(get("before"), source, width, height, size, spec.resize);
  get("before").hidden = false;
  if (facts.control === "brush") {
    const map = controls[facts.input].painting;
    map.read(pixelsOf(get("before")));
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
  await painted(); // the processor leaves no time for it until it is done
  const start = performance.now();
  const picture = pixelsOf(get("before"));
  const pixels = await translator.translate(picture, values);
  const seconds = (performance.now() - start) / 1000;
  showPixels(get("after"), pixels);
  showComparison();
  say(
    `Translated in ${seconds.toFixed(2)} seconds on this device, by ` +
      `${translator.device}.`,
  );
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

function painted() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, 200); // in a tab that nobody sees nothing is painted
  });
}

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

// Photos from files

for (const id of ["file", "shot"]) {
  get(id).addEventListener("change", () => {
    const [file] = get(id).files;
    get(id).value = ""; // so that the same file may be chosen again
    if (file) translateFile(file);
  });
}
get("choose").addEventListener("click", () => get("file").click());
stage.addEventListener("dragover", (event) => {
  event.preventDefault();
  stage.classList.add("over");
});
stage.addEventListener("dragleave", () => stage.classList.remove("over"));
stage.addEventListener("drop", (event) => {
  event.preventDefault();
  stage.classList.remove("over");
  const [file] = event.dataTransfer.files;
  if (file) translateFile(file);
});

// Photos from the camera

get("insecure").hidden = self.isSecureContext;
get("take").addEventListener("click", () => {
  if (!self.isSecureContext) get("shot").click();
  else doBusy(openCamera);
});

async function openCamera() {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "user", width: { ideal: 1280 } },
    });
  } catch (error) {
    throw new Obstacle(
      CAMERA_ERRORS[error.name] ?? `The camera failed: ${error.message}`,
    );
  }
  get("camera").showModal();
}

get("shutter").addEventListener("click", () =>
  doBusy(async () => {
    // HAVE_CURRENT_DATA: before it there is no picture to take.
    if (video.readyState < 2) return;
    let picture;
    try {
      picture = await takePicture(video);
    } catch (error) {
      if (!get("camera").open) return; // cancelled meanwhile
      throw new Obstacle(
        `The camera gave no picture (${error.message}). Try again, or ` +
          "choose a photo.",
      );
    } finally {
      get("camera").close();
    }
    photoName = "selfie";
    try {
      await translate(picture, picture.width, picture.height);
    } finally {
      picture.close();
    }
  }),
);
get("cancel").addEventListener("click", () => get("camera").close());
get("camera").addEventListener("close", () => {
  for (const track of video.srcObject.getTracks()) track.stop();
  video.srcObject = null;
});

// The result

get("save").addEventListener("click", async () => {
  const { spec } = await opened;
  get("after").toBlob((blob) => {
    const link = document.createElement("a");
    link.download = `${photoName}-${spec.name}.png`;
    link.href = URL.createObjectURL(blob);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(`Saved as ${link.download}.`);
  }, "image/png");
});
