"""Flicker of a translator, before and after smoothing, on drawn clips.

    python -m tests.metrics.flicker_of_clips

The clips are faces of the drawn world, whose motion is known, with the noise
of a camera. Beside flicker along that motion and along the one that is
estimated, what `translate --flicker` does, stands how near the result is to a
translation without noise: of all pixels, and of those that change there, which
an average that smears would spoil.
"""

import argparse
import pathlib

import numpy as np

from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_clips import CLIPS, clip
from keras_gan_translate.export.artefacts import open_artefact
from keras_gan_translate.inference.smoothing import Smoother
from keras_gan_translate.metrics import FlickerMeter, flicker

MODEL = pathlib.Path(__file__).parents[2] / "saved_models" / "drawn_toon"
MODEL = MODEL / "ab" / "drawn-toon-ab-float16.tflite"
CHANGED = 12  # levels by which a pixel of the clean translation changes
HEADER = """| clip | noise | flicker of | along known motion | along estimated \
motion | PSNR to no noise | where it changes |
|---|---|---|---|---|---|---|"""


def psnr(one, other):
    square = np.mean((one.astype(float) - other) ** 2)
    return 10 * np.log10(255**2 / square) if square else np.inf


def rows(model, kind, frames, noises, seed):
    """Lines of the table for a kind of clip."""
    size = min(model.image_size)
    moving = clip(draw_face(seed, extras=False), kind, frames, size)
    known = {"flow": moving.flow, "visible": moving.visible}
    clean = np.stack([model.translate(frame) for frame in moving.frames])
    changes = np.abs(np.diff(clean.astype(int), axis=0)).max(-1) > CHANGED
    random = np.random.default_rng(seed)
    for noise in noises:
        noisy = moving.frames + random.normal(0, noise, moving.frames.shape)
        source = np.clip(noisy, 0, 255).round().astype("uint8")
        made = np.stack([model.translate(frame) for frame in source])
        smoother, meter = Smoother(), FlickerMeter()
        smooth = np.stack([smoother(*pair) for pair in zip(source, made)])
        for frame, one, other in zip(source, made, smooth):
            meter.add(frame, translated=one, smoothed=other)
        clips = {"source": source, "translated": made, "smoothed": smooth}
        for name, estimated in meter.result().items():
            along = flicker(clips[name], **known)
            near = ["", ""]
            if name != "source":
                pair = clips[name][1:], clean[1:]
                near = [
                    f"{psnr(*pair):.1f} dB",
                    f"{psnr(*(x[changes] for x in pair)):.1f} dB",
                ]
            cells = [kind, noise, name, f"{along:.2f}", f"{estimated:.2f}"]
            yield "| " + " | ".join(map(str, cells + near)) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=str(MODEL))
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--noises", type=float, nargs="+", default=[2, 4])
    parser.add_argument("--seed", type=int, default=3)
    arguments = parser.parse_args()
    model = open_artefact(arguments.model)
    print(HEADER)
    for kind in CLIPS:
        for line in rows(
            model, kind, arguments.frames, arguments.noises, arguments.seed
        ):
            print(line, flush=True)


if __name__ == "__main__":
    main()
