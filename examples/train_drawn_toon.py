"""A long training on drawn faces: photos become toons, and toons photos.

python examples/train_drawn_toon.py --out runs/drawn_toon

The same command again goes on where a killed training stopped, at most ten
minutes before; `--minutes` ends it earlier, and the next call goes on.
`--pairs ab` and `--pairs ba` then show the best generators the true
counterparts. `--export saved_models/drawn_toon` writes what was learned as a
preset with its exports, and trains no more.
"""

import argparse
import json
import pathlib

import keras
import numpy as np
from PIL import Image, ImageFilter
from staged_training import (
    DIRECTIONS,
    export_direction,
    keep_best,
    read_best,
    read_state,
    read_weights,
    train_stages,
    write_picture,
)

import keras_gan_translate as kgt
from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_truth import (
    PARSING_CLASSES,
    parsing_map,
)
from keras_gan_translate.metrics import psnr
from keras_gan_translate.networks import image_of
from keras_gan_translate.support.files import write_text, written_aside
from keras_gan_translate.support.pictures import draw_grid

MODEL = {"filters": 16, "num_blocks": 2}
IMAGE_SIZE = 128
# Light U-GAT-IT takes any size: what is learned on small images in half of
# the time carries over, and a step costs a fraction there. A toon has no
# place for the clouds behind a photo; a heavy cycle loss in the end would
# hide them in it as a pattern. Learning rates fall linearly from the first to
# the second number; large images come with fewer steps, and shorter averages.
STAGES = (
    {
        "until": 13_400,  # steps, all stages together
        "image_size": 64,
        "batch_size": 2,
        "cycle": 10.0,
        "learning_rate": (7e-4, 3.5e-4),
        "ema_momentum": 0.999,
    },
    {
        "until": 27_000,
        "image_size": IMAGE_SIZE,
        "batch_size": 1,
        "cycle": 5.0,
        "learning_rate": (7e-4, 0.0),
        "ema_momentum": 0.998,
    },
)
LOSS_WEIGHTS = {"adversarial": 1.0, "identity": 40.0, "cam": 1.0}
# Where a toon's line is to be its pair alone says; see docs/results.md.
PAIRED = {"epochs": 8, "steps": 500, "batch_size": 4, "learning_rate": 1e-3}
NUM_FACES = 4000  # photos, and as many toons of other faces
NUM_HELD_OUT = 64
VALIDATION, TEST = 10_000_000, 20_000_000  # the first faces held out
BLACK = 90  # of 255: outlines and pupils are darker in every channel
# What is coloured, and its class in the map of a face.
REGIONS = {"hair": "hair", "shirt": "cloth", "background": "background"}


def main():
    """Trains, or exports what is trained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--out", default="runs/drawn_toon")
    parser.add_argument("--faces", type=int, default=NUM_FACES)
    parser.add_argument("--pairs", choices=DIRECTIONS)
    parser.add_argument("--export", metavar="FOLDER")
    arguments = parser.parse_args()
    out = pathlib.Path(arguments.out)
    if arguments.pairs:
        train_with_pairs(out, arguments.pairs, arguments.faces)
    elif arguments.export:
        export(out, pathlib.Path(arguments.export))
    else:
        train(out, 60 * arguments.minutes, arguments.faces)


def train(out, seconds, num_faces):
    """Trains all stages, or for a time by the clock.

    Beside what `train_stages` writes, these are sample-PIXELS.png, and
    best_ab.keras and best_ba.keras, the averaged generators that did best on
    the validation faces at the full size.

    Args:
        out: folder, made if absent.
        seconds: wall-clock time of this call.
        num_faces: of either domain.
    """
    out.mkdir(parents=True, exist_ok=True)
    steps = read_state(out)["steps"]
    keras.utils.set_random_seed(steps)
    random = np.random.default_rng(steps)
    # Unpaired: the toons are of other faces than the photos.
    (photos,) = kgt.data.synthetic_faces(
        num_faces, IMAGE_SIZE, styles=("photo",)
    )
    (toons,) = kgt.data.synthetic_faces(
        num_faces,
        IMAGE_SIZE,
        start=max(num_faces, NUM_FACES),
        styles=("toon",),
    )
    held_out = kgt.data.synthetic_faces(
        NUM_HELD_OUT, IMAGE_SIZE, start=VALIDATION
    )

    def material(size):
        a, b, *pairs = (
            shrink(images, size) for images in (photos, toons, *held_out)
        )

        def draw(count, random):
            return {
                "a": draw_batch(a, count, random),
                "b": draw_batch(b, count, random),
            }

        return draw, pairs

    def evaluate(model, pairs, state):
        return evaluate_pairs(model, pairs, state, out)

    # The discriminators of 64 pixels see 142: the whole of 128.
    model = kgt.UGATIT(STAGES[0]["image_size"], **MODEL)
    train_stages(
        model, STAGES, LOSS_WEIGHTS, out, seconds, material, evaluate, random
    )


def shrink(images, size):
    """Images reduced by a whole factor, uint8."""
    factor = images.shape[1] // size
    if factor == 1:
        return images
    return np.stack(
        [np.asarray(Image.fromarray(x).reduce(factor)) for x in images]
    )


def draw_batch(images, batch_size, random):
    """Images drawn by lot, half of them mirrored."""
    batch = images[random.integers(len(images), size=batch_size)]
    mirrored = random.random(batch_size) < 0.5
    return np.where(mirrored[:, None, None, None], batch[:, :, ::-1], batch)


class Pairs(keras.utils.PyDataset):
    """Batches of faces and their truths, drawn by lot, half of them mirrored.

    Args:
        images: uint8 array (N, H, W, 3), of which translations are made.
        truth: the same, the translations.
    """

    def __init__(self, images, truth):
        super().__init__()
        self.arrays, self.epoch = (images, truth), 0

    def __len__(self):
        return PAIRED["steps"]

    def __getitem__(self, index):
        seed = (self.epoch, index)
        return tuple(
            # Equal lots for both.
            as_floats(
                draw_batch(x, PAIRED["batch_size"], np.random.default_rng(seed))
            )
            for x in self.arrays
        )


def as_floats(images):
    """uint8 images as networks take them, float32 in [-1, 1]."""
    return np.float32(images) / 127.5 - 1


def train_with_pairs(out, direction, num_faces):
    """Shows the best generator of a direction the true counterparts.

    Writes paired_DIRECTION.keras; a call that was killed goes on with the
    epoch that it was in.

    Args:
        out: folder of the training.
        direction: one of `DIRECTIONS`.
        num_faces: how many pairs there are.
    """
    network = kgt.UGATIT(IMAGE_SIZE, **MODEL).translator(direction)
    network.set_weights(read_best(out)[1][direction])
    there = 1 if direction == "ab" else -1
    pairs = kgt.data.synthetic_faces(num_faces, IMAGE_SIZE)[::there]
    held_out = kgt.data.synthetic_faces(
        NUM_HELD_OUT, IMAGE_SIZE, start=VALIDATION
    )[::there]
    data = Pairs(*pairs)

    def begin(epoch, logs):
        data.epoch = epoch

    generator = keras.Model(network.inputs, image_of(network.output))
    epochs = PAIRED["epochs"]
    rate = keras.optimizers.schedules.CosineDecay(
        PAIRED["learning_rate"], epochs * len(data)
    )
    generator.compile(keras.optimizers.Adam(rate), "mae")
    generator.fit(
        data,
        epochs=epochs,
        shuffle=False,
        validation_data=tuple(map(as_floats, held_out)),
        validation_batch_size=8,
        verbose=2,
        callbacks=[
            keras.callbacks.LambdaCallback(on_epoch_begin=begin),
            keras.callbacks.BackupAndRestore(str(out / f"paired-{direction}")),
        ],
    )
    with written_aside(out / f"paired_{direction}.keras") as aside:
        network.save(aside)


def evaluate_pairs(model, pairs, state, out):
    """Draws a grid, keeps the best; returns the PSNR of both directions."""
    photos, toons = pairs
    translations = {
        "ab": model.translate(photos),
        "ba": model.translate(toons, direction="ba"),
    }
    scores = {
        "ab": float(psnr(translations["ab"], toons).mean()),
        "ba": float(psnr(translations["ba"], photos).mean()),
    }
    size = photos.shape[1]
    if size == IMAGE_SIZE and sum(scores.values()) > state["best"]:
        state["best"] = sum(scores.values())
        keep_best(model, out, state, {"psnr": scores})
    grid = draw_grid(
        [
            (title, images[first : first + 8])
            for first in (0, 8)
            for title, images in (
                ("photo", photos),
                ("translated", translations["ab"]),
                ("toon", toons),
                ("back", translations["ba"]),
            )
        ]
    )
    kgt.data.write_image(out / f"sample-{size}.png", grid)
    return {"psnr": scores}


def export(out, folder):
    """Writes the best generators as a preset, measured on unseen faces.

    The weights are rounded to half precision first, so that all files hold
    the same numbers. Beside those of the preset lie an export of either
    direction in ab/ and ba/, and results.json; drawn_toon.png comes into the
    training's folder.

    Args:
        out: folder of the training.
        folder: where to write; made if absent. An earlier preset is replaced.
    """
    photos, toons = kgt.data.synthetic_faces(
        NUM_HELD_OUT, IMAGE_SIZE, start=TEST
    )
    best, weights = read_best(out)
    model = kgt.UGATIT(IMAGE_SIZE, **MODEL)
    for direction in DIRECTIONS:
        paired = out / f"paired_{direction}.keras"
        if paired.exists():
            weights[direction] = read_weights(paired)
        model.translator(direction).set_weights(weights[direction])
    model.save_to_preset(folder, "float16")
    model = kgt.UGATIT.from_preset(folder)
    results = {"steps": best["steps"], "minutes": best["seconds"] / 60}
    told = {}
    for direction, (title, images, truth) in {
        "ab": ("photo to toon", photos, toons),
        "ba": ("toon to photo", toons, photos),
    }.items():
        results[direction] = measure(model, direction, images, truth)
        print(direction, json.dumps(results[direction], indent=2))
        told[f"{direction}, {title}, PSNR in dB"] = ", ".join(
            f"{name} {score:.1f}"
            for name, score in results[direction]["psnr"].items()
        )
        export_direction(
            model,
            direction,
            folder,
            images,
            name=f"drawn-toon-{direction}",
            origin="drawn faces that were held out",
            licence="none: drawn by code",
            training=describe(results, direction),
        )
    write_text(folder / "results.json", json.dumps(results, indent=2) + "\n")
    command = "python examples/train_drawn_toon.py --out runs/drawn_toon"
    paired = PAIRED["epochs"] * PAIRED["steps"]
    model.save_to_preset(
        folder,
        "float16",
        {
            "description": "Drawn faces: photos become toons with black "
            "outlines, and toons photos.",
            "licence": "apache-2.0",
            "data": f"{NUM_FACES} photos and as many toons of other faces; in "
            "the end the true toons of these photos, too. All drawn by code of "
            "this library, `kgt.data.synthetic_faces`. No person is in them.",
            "command": [
                command,
                f"{command} --pairs ab",
                f"{command} --pairs ba",
                f"{command} --export saved_models/drawn_toon",
            ],
            "results": {
                "steps": f"{best['steps']}, then {paired} with pairs",
                "on": f"{NUM_HELD_OUT} drawn faces that were held out",
                **told,
            },
            "limits": [
                "It has seen drawn faces only. Of a real photo `kgt translate "
                "--faces` gives it the faces, as large as it knows them; in a "
                "whole photo small faces lose their features. Neither was "
                "measured.",
            ],
        },
    )
    back = model.translate(toons, direction="ba")
    grid = draw_grid(
        [
            (title, images[first : first + 4])
            for first in (0, 4)
            for title, images in (
                ("photo", photos),
                ("translated", model.translate(photos)),
                ("true toon", toons),
                ("back to photo", back),
            )
        ]
    )
    write_picture(out / "drawn_toon.png", grid)


def describe(results, direction):
    """What the card of an export says of the training, a dict."""
    return {
        "config": {
            "model": "ugatit",
            **MODEL,
            "image_size": IMAGE_SIZE,
            "loss_weights": LOSS_WEIGHTS,
            "stages": json.dumps(STAGES),
            "paired": json.dumps(PAIRED),
            "faces": NUM_FACES,
            "steps": results["steps"],
            "minutes": round(results["minutes"]),
        },
        "results": [
            {"epoch": 1, "psnr": results[direction]["psnr"]["trained"]}
        ],
    }


def measure(model, direction, images, truth):
    """PSNR in dB, and the error of mean colours in steps of 255.

    Args:
        model: a `GAN`.
        direction: one of `DIRECTIONS`.
        images: uint8 array (N, H, W, 3).
        truth: the same, what they are translated to at best.

    Returns:
        Dict of `psnr`, and of `colors` in the regions of `label_regions`.
    """
    # The mean of other faces, as a translator would have it that looks at
    # nothing.
    (others,) = kgt.data.synthetic_faces(
        200, IMAGE_SIZE, styles=("toon" if direction == "ab" else "photo",)
    )
    mean = np.rint(others.mean(axis=0)).astype("uint8")
    candidates = {
        "doing nothing": images,
        "mean image": np.broadcast_to(mean, truth.shape),
        "trained": model.translate(images, direction=direction),
    }
    scores = {
        name: psnr(translated, truth) for name, translated in candidates.items()
    }
    if direction == "ab":
        # What PSNR asks for, and where it is lost: see docs/results.md.
        moved = np.roll(truth, 1, axis=2)
        near_lines = np.stack([find_lines(toon) for toon in truth])[..., None]
        corrected = np.where(near_lines, truth, candidates["trained"])
        scores["truth moved by a pixel"] = psnr(moved, truth)
        scores["trained with the truth's lines"] = psnr(corrected, truth)
    result = {
        "psnr": {name: float(np.mean(score)) for name, score in scores.items()},
        "worst_face": float(np.min(scores["trained"])),
        "best_face": float(np.max(scores["trained"])),
        "colors": {},
    }
    labels = [label_regions(TEST + i) for i in range(len(images))]
    for name, translated in candidates.items():
        errors = {region: [] for region in REGIONS}
        for image, target, label in zip(translated, truth, labels):
            for i, region in enumerate(REGIONS):
                where = label == i
                if where.sum() > 20:
                    difference = image[where].mean(0) - target[where].mean(0)
                    errors[region].append(np.abs(difference).mean())
        result["colors"][name] = {
            region: float(np.mean(error)) for region, error in errors.items()
        }
    return result


def find_lines(toon):
    """Where a toon is black, and one pixel around: bool array (H, W)."""
    dark = Image.fromarray(255 * (toon.max(-1) < BLACK).astype("uint8"))
    return np.asarray(dark.filter(ImageFilter.MaxFilter(3))) > 0


def label_regions(index):
    """Where hair, shirt and background of a face are, and nothing else.

    Args:
        index: of the face.

    Returns:
        uint8 array (H, W) of indices into `REGIONS`, 255 elsewhere and at
        outlines.
    """
    face = draw_face(index, extras=False)
    classes = parsing_map(face, IMAGE_SIZE, style="toon")
    labels = np.full(classes.shape, 255, "uint8")
    for label, name in enumerate(REGIONS.values()):
        inside = classes == PARSING_CLASSES.index(name)
        # Five pixels wide, outlines have a colour of their own.
        kept = ImageFilter.MinFilter(5)
        inside = Image.fromarray(255 * inside.astype("uint8")).filter(kept)
        labels[np.asarray(inside) > 0] = label
    return labels


if __name__ == "__main__":
    main()
