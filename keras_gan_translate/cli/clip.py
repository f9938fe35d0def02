"""Video files on the command line."""

import time


def translate_clip(job, translate, note):
    """Translates a video file and tells how fast it is.

    Args:
        job: dict of the paths `input` and `output`; gets the number of
            `frames` and `frames_per_second`.
        translate: as in `video.translate_video`.
        note: function of a text that is shown while it works.

    Raises:
        ImportError: PyAV is missing.
        ValueError: as of `video.translate_video`.
    """
    from keras_gan_translate.inference.video import translate_video

    start = time.monotonic()

    def on_frame(done, total):
        rate = done / (time.monotonic() - start)
        count = f"{done} of {total}" if total else f"{done}"
        job.update(frames=done, frames_per_second=round(rate, 2))
        note(f"frame {count}, {rate:.2g} frames per second")

    translate_video(translate, job["input"], job["output"], on_frame)
