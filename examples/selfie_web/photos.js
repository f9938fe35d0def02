// Photos: from files, dropped on the page, or from the camera.

import { get } from "./page.js";
import { readPicture, takePicture } from "./picture.js";
import { Obstacle } from "./translator.js";

const CAMERA_ERRORS = {
  NotAllowedError:
    "The camera is not allowed. Allow it for this page in the browser, or " +
    "choose a photo.",
  NotFoundError: "No camera was found. Choose a photo instead.",
  NotReadableError:
    "The camera does not answer; another program may be using it. Close " +
    "that, or choose a photo.",
};

/**
 * Makes the page's buttons and its stage take photos.
 *
 * `doBusy` is what `oneAtATime` returns; `taken` is called within it with an
 * ImageBitmap and the name that it has, and awaited before it is closed.
 */
export function offerPhotos(doBusy, taken) {
  const video = get("video");
  const stage = get("stage");

  async function give(picture, name) {
    try {
      await taken(picture, name);
    } finally {
      picture.close();
    }
  }

  function giveFile(file) {
    return doBusy(async () => {
      const picture = await readPicture(file);
      await give(picture, file.name.replace(/\.[^.]*$/, "") || "photo");
    });
  }

  for (const id of ["file", "shot"]) {
    get(id).addEventListener("change", () => {
      const [file] = get(id).files;
      get(id).value = ""; // so that the same file may be chosen again
      if (file) giveFile(file);
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
    if (file) giveFile(file);
  });

  get("insecure").hidden = self.isSecureContext;
  get("take").addEventListener("click", () => {
    if (!self.isSecureContext) get("shot").click();
    else doBusy(openCamera);
  });

  async function openCamera() {
    await startCamera(video);
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
      await give(picture, "selfie");
    }),
  );
  get("cancel").addEventListener("click", () => get("camera").close());
  get("camera").addEventListener("close", () => stopCamera(video));
}

/** Shows what the camera sees in a video; throws words where it cannot. */
export async function startCamera(video) {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "user", width: { ideal: 1280 } },
    });
  } catch (error) {
    throw new Obstacle(
      CAMERA_ERRORS[error.name] ?? `The camera failed: ${error.message}`,
    );
  }
}

/** Lets go of the camera, whose light goes out. */
export function stopCamera(video) {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}
