"""Video files on the command line."""

import time


def translate_clip(job, shrink, translate, note, smooth=False, flicker=False):
    """Translates a video file and tells how fast it is.

    Args:
        job: dict of the paths `input` and `output`; gets the number of
            `frames`, `frames_per_second` and, with `flicker`, that of the
            source and of what was made: a dict, see `FlickerMeter`.
        shrink: function from a frame to what of it is translated.
        translate: function from that, uint8 (H, W, 3), to an image.
        note: function of a text that is shown while it works.
        smooth: whether what stands still is averaged over time.
        flicker: whether it is measured.

    Raises:
        ImportError: PyAV is missing.
        ValueError: as of `video.translate_video`.
    """
    from keras_gan_translate.inference.smoothing import Smoother
    from keras_gan_translate.inference.video import translate_video
    from keras_gan_translate.metrics import FlickerMeter

    start = time.monotonic()
    smoother, meter = Smoother(), FlickerMeter()

    def on_frame(done, total):
        rate = done / (time.monotonic() - start)
        count = f"{done} of {total}" if total else f"{done}"
        job.update(frames=done, frames_per_second=round(rate, 2))
        note(f"frame {count}, {rate:.2g} frames per second")

    def work(frame):
        source = shrink(frame)
        made = {"translated": translate(source)}
        if smooth:
            made["smoothed"] = smoother(source, made["translated"])
        if flicker:
            meter.add(source, **made)
        return made.get("smoothed", made["translated"])

    translate_video(work, job["input"], job["output"], on_frame)
    if flicker:
        measured = meter.result()
        job["flicker"] = measured and {
            name: round(value, 2) for name, value in measured.items()
        }


def tell_flicker(job):
    """What a clip's flicker is, in a line."""
    measured = job["flicker"]
    if measured is None:
        return f"'{job['input']}' has no two frames to measure flicker of."
    values = ", ".join(f"{name} {value}" for name, value in measured.items())
    return f"Flicker of '{job['output']}', in steps of 255: {values}."
