// The camera, picture by picture: as they come, and none is queued.

import { shown } from "./page.js";
import { startCamera, stopCamera } from "./photos.js";
import { Obstacle } from "./translator.js";

const WINDOW = 2000; // ms over which the rate is told
const TOLD = 500; // ms between two tellings

/**
 * What the camera sees, picture by picture.
 *
 * `work` is called with the video, once for its newest picture, and awaited;
 * what the camera shows meanwhile is passed over. `tell` is called now and then
 * with a `Rate`, and `ended` with an error when `work` fails or the camera goes
 * away; it is off then.
 */
export class CameraLoop {
  isOn = false;
  isPaused = false;
  #video;
  #callbacks;
  #running;
  #newest = null; // the number of the picture that the video shows

  constructor(video, callbacks) {
    this.#video = video;
    this.#callbacks = callbacks;
  }

  async start() {
    await startCamera(this.#video);
    const [track] = this.#video.srcObject.getVideoTracks();
    track.addEventListener("ended", () => {
      const words = "The camera has gone away. Connect it, then go live again.";
      this.#end(new Obstacle(words));
    });
    [this.isOn, this.isPaused, this.#newest] = [true, false, null];
    this.#watch();
    this.#running = this.#run();
  }

  /** Ends it, once the picture that is worked on is done. */
  async stop() {
    this.isOn = false;
    await this.#running;
    stopCamera(this.#video);
  }

  /** Whether the camera is one that looks at who holds it. */
  get isMirror() {
    const [track] = this.#video.srcObject.getVideoTracks();
    return track.getSettings().facingMode !== "environment";
  }

  async #run() {
    const rate = new Rate();
    let [taken, told] = [null, 0];
    while (this.isOn) {
      await shown(); // what was made; the camera may have gone on meanwhile
      const number = this.#newest ?? this.#video.currentTime;
      // HAVE_CURRENT_DATA: before it there is no picture to take.
      const isNew = this.#video.readyState >= 2 && number !== taken;
      if (!this.isOn || !isNew) continue;
      if (this.isPaused) {
        rate.clear();
        continue;
      }
      taken = number;
      try {
        await this.#callbacks.work(this.#video);
      } catch (error) {
        this.#end(error);
        return;
      }
      const now = performance.now();
      rate.note(now, number);
      if (now - told > TOLD) {
        told = now;
        this.#callbacks.tell(rate);
      }
    }
  }

  #end(error) {
    if (!this.isOn) return;
    this.isOn = false;
    stopCamera(this.#video);
    this.#callbacks.ended(error);
  }

  /** Notes which picture the video shows, where the browser tells. */
  #watch = (_, facts) => {
    if (facts) this.#newest = facts.presentedFrames;
    if (this.isOn) this.#video.requestVideoFrameCallback?.(this.#watch);
  };
}

/** How many pictures a second were shown of late, and how many there were. */
export class Rate {
  #noted = []; // [time in ms, number of the camera's picture]

  note(now, number) {
    this.#noted.push([now, number]);
    while (now - this.#noted[0][0] > WINDOW) this.#noted.shift();
  }

  clear() {
    this.#noted = [];
  }

  /** Pictures a second that were shown; null until there are two. */
  get shown() {
    return this.#perSecond(this.#noted.length - 1);
  }

  /** Pictures a second that the camera gave; null where it is not known. */
  get given() {
    const [first, last] = [this.#noted[0], this.#noted.at(-1)];
    const count = first && last[1] - first[1];
    return Number.isInteger(count) ? this.#perSecond(count) : null;
  }

  #perSecond(count) {
    if (this.#noted.length < 2) return null;
    return (1000 * count) / (this.#noted.at(-1)[0] - this.#noted[0][0]);
  }
}
