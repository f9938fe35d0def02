// The camera live: translated on the stage, paused, recorded.

import { cut, paste, Photo } from "./aligning.js";
import { CameraLoop } from "./camera.js";
import { complain, get, save, saveFile, say, shown } from "./page.js";
import { drawSquare, pixelsOf, showPixels } from "./picture.js";
import { canRecord, Recording } from "./recording.js";
import { Smoother } from "./smoothing.js";

const SIDE = 720; // pixels of the square that is shown, at most
// For so many pictures in a row a face may be out of sight before the whole
// picture is translated.
const PATIENCE = 3;
// What is to be seen while it is live only.
const SHOWN = ["eye", "live-buttons", "rate", "steady-switch"];

/**
 * Makes the page's "Go live" work.
 *
 * `page` has `opened`, a promise of the `Translator`; `finder`, a function that
 * returns the `FaceFinder` or null; `doBusy`, `setBusy` and `readControls`; and
 * is told when it has `begun`, is first `shown`, with the place of the face from
 * 0 to 1, and has `ended`, with the last picture as a canvas. Returns { isOn,
 * changed, end }.
 */
export function offerLive(page) {
  const stage = get("stage");
  // The camera's picture, what goes in of it, and what comes out.
  const [frame, input, made] = Array.from({ length: 3 }, () =>
    document.createElement("canvas"),
  );
  const smoother = new Smoother();
  const loop = new CameraLoop(get("eye"), {
    work: translate,
    tell: tellRate,
    async ended(error) {
      await leave();
      complain(error);
    },
  });
  let values = null; // of the controls, until they change
  let [face, unseen] = [null, 0]; // the last one, and since how many pictures
  let told = null; // what is translated, as it was told last
  let recording = null;

  async function begin() {
    say("The camera starts …");
    await loop.start();
    page.begun();
    changed();
    told = null;
    stage.classList.toggle("mirrored", loop.isMirror);
    get("buttons").hidden = true;
    get("switches").hidden = false;
    for (const id of SHOWN) get(id).hidden = false;
    get("record").hidden = !canRecord;
    get("record").disabled = get("shoot").disabled = true;
    pause(false);
    get("pause").focus();
  }

  /** Translates what the camera shows now, and shows both. */
  async function translate(video) {
    const translator = await page.opened;
    const [width, height] = [video.videoWidth, video.videoHeight];
    const side = Math.min(width, height, SIDE);
    drawSquare(frame, video, width, height, side, "cover");
    const photo = new Photo(frame);
    const seen = await look(photo);
    if (seen) cut(photo, seen, translator.size, input);
    else {
      const { size, spec } = translator;
      drawSquare(input, frame, side, side, size, spec.resize);
    }
    values ??= page.readControls();
    const picture = pixelsOf(input);
    let pixels = await translator.translate(picture, values);
    if (get("steady").checked) pixels = smoother.smooth(picture, pixels);
    showPixels(made, pixels);
    const [before, after] = [get("before"), get("after")];
    drawSquare(before, frame, side, side, side, "stretch");
    if (seen) {
      drawSquare(after, frame, side, side, side, "stretch");
      paste(after, seen, made);
    } else {
      drawSquare(after, made, made.width, made.height, side, "stretch");
    }
    if (after.hidden) {
      before.hidden = false;
      get("record").disabled = get("shoot").disabled = false;
      page.shown(seen ? seen.middle[0] / side : 0.5);
    }
    tell(translator, seen);
  }

  /** The face to translate, or null for the whole picture. */
  async function look(photo) {
    const finder = page.finder();
    if (!finder || !get("face").checked) return null;
    const seen = await finder.follow(photo, face);
    const was = face;
    if (seen) {
      face = was && get("steady").checked ? seen.steadied(was) : seen;
      unseen = 0;
    } else if (++unseen >= PATIENCE) {
      face = null;
    }
    if (Boolean(was) !== Boolean(face)) smoother.clear();
    return face;
  }

  /** Says what is translated, whenever that is something else. */
  function tell(translator, seen) {
    let what = "Live";
    if (seen) {
      what = "Live: one face is translated; all else is the camera’s own";
    } else if (page.finder() && get("face").checked) {
      what = "Live: no face is seen, so the whole picture is translated";
    }
    const words = `${what}. On this device, by ${translator.device}.`;
    if (words !== told) say((told = words));
  }

  function tellRate(rate) {
    if (rate.shown === null || loop.isPaused) return;
    const given = rate.given === null ? "" : ` of ${Math.round(rate.given)}`;
    get("rate").textContent = `${rate.shown.toFixed(1)}${given} pictures/s`;
    tellRecording();
  }

  function pause(isPaused) {
    loop.isPaused = isPaused;
    get("pause").textContent = isPaused ? "Go on" : "Pause";
    get("rate").textContent = isPaused ? "paused" : "live";
    stage.classList.toggle("running", !isPaused);
    recording?.pause(isPaused);
  }

  function record() {
    if (recording) return saveRecording();
    recording = new Recording(get("after"));
    recording.pause(loop.isPaused);
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
    await shown(); // so that the last picture is in it
    const { spec } = await page.opened;
    saveFile(await done.stop(), `live-${spec.name}${done.suffix}`);
  }

  async function leave() {
    const isShown = !get("after").hidden;
    get("buttons").hidden = false;
    get("switches").hidden = !page.finder();
    for (const id of SHOWN) get(id).hidden = true;
    stage.classList.remove("running");
    if (isShown) page.ended(frame);
    page.setBusy(false);
    await saveRecording();
  }

  async function end() {
    if (!loop.isOn) return;
    await loop.stop();
    say("The camera is off.");
    await leave();
    get("live").focus();
  }

  function changed() {
    [values, face, unseen] = [null, null, 0];
    smoother.clear();
  }

  get("live").addEventListener("click", () => page.doBusy(begin));
  get("pause").addEventListener("click", () => pause(!loop.isPaused));
  get("record").addEventListener("click", record);
  get("end").addEventListener("click", end);
  get("steady").addEventListener("change", () => smoother.clear());
  get("shoot").addEventListener("click", async () => {
    const { spec } = await page.opened;
    save(get("after"), `live-${spec.name}`);
  });

  return {
    get isOn() {
      return loop.isOn;
    },
    changed,
    end,
  };
}
