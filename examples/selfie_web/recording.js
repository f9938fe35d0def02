// What a canvas shows, recorded into a file on this device.

// The first that the browser writes. Phones play the former everywhere.
const TYPES = [
  "video/mp4;codecs=avc1.42E01F",
  "video/mp4",
  "video/webm;codecs=vp9",
  "video/webm",
];
const BITS = 6_000_000; // a second

/** Whether this browser records at all. */
export const canRecord =
  Boolean(self.MediaRecorder) &&
  "captureStream" in HTMLCanvasElement.prototype &&
  TYPES.some((type) => MediaRecorder.isTypeSupported(type));

/** A recording of a canvas, whose size stays; it begins at once, and is silent. */
export class Recording {
  #recorder;
  #parts = [];
  #stream;
  #before = 0; // ms until the last pause
  #since = performance.now(); // its end; null in one

  constructor(canvas) {
    this.#stream = canvas.captureStream();
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const options = { mimeType, videoBitsPerSecond: BITS };
    this.#recorder = new MediaRecorder(this.#stream, options);
    this.#recorder.addEventListener("dataavailable", ({ data }) => {
      this.#parts.push(data);
    });
    this.#recorder.start(1000); // ms of a part, of which the disk holds many
  }

  /** ".mp4" or ".webm". */
  get suffix() {
    return this.#recorder.mimeType.startsWith("video/mp4") ? ".mp4" : ".webm";
  }

  /** How long it is, such as "1:07". */
  get length() {
    const last = this.#since === null ? 0 : performance.now() - this.#since;
    const seconds = Math.floor((this.#before + last) / 1000);
    const rest = String(seconds % 60).padStart(2, "0");
    return `${Math.floor(seconds / 60)}:${rest}`;
  }

  /** Leaves out what comes, until it is called with false. */
  pause(isPaused) {
    if (isPaused === (this.#since === null)) return;
    if (isPaused) {
      this.#before += performance.now() - this.#since;
      this.#recorder.pause();
    } else {
      this.#recorder.resume();
    }
    this.#since = isPaused ? null : performance.now();
  }

  /** Ends it; returns the file, a Blob. */
  async stop() {
    const { mimeType } = this.#recorder;
    if (this.#recorder.state !== "inactive") {
      const stopped = new Promise((resolve) =>
        this.#recorder.addEventListener("stop", resolve, { once: true }),
      );
      this.#recorder.stop();
      await stopped;
    }
    for (const track of this.#stream.getTracks()) track.stop();
    return new Blob(this.#parts, { type: mimeType });
  }
}
