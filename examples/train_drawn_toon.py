"""A long training on drawn faces: photos become toons, and toons photos.

python examples/train_drawn_toon.py --out runs/drawn_toon

The same command again goes on where a killed training stopped, at most ten
minutes before; `--minutes` ends it earlier, and the next call goes on.
`--export saved_models/drawn_toon` writes what was learned as a preset with its
exports, and trains no more.
"""

import argparse
import json
import pathlib
import shutil
import time

import h5py
import keras
import numpy as np
from PIL import Image, ImageFilter

import keras_gan_translate as kgt
from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_truth import (
    PARSING_CLASSES,
    parsing_map,
)
from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.metrics import psnr
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
        "until": 40_000,
        "image_size": IMAGE_SIZE,
        "batch_size": 1,
        "cycle": 5.0,
        "learning_rate": (7e-4, 0.0),
        "ema_momentum": 0.998,
    },
)
LOSS_WEIGHTS = {"adversarial": 1.0, "identity": 40.0, "cam": 1.0}
NUM_FACES = 4000  # photos, and as many toons of other faces
NUM_HELD_OUT = 64
VALIDATION, TEST = 10_000_000, 20_000_000  # the first faces held out
EVALUATE = 600  # seconds between two checkpoints
DIRECTIONS = ("ab", "ba")
# What is coloured, and its class in the map of a face.
REGIONS = {"hair": "hair", "shirt": "cloth", "background": "background"}


def main():
    """Trains, or exports what is trained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--out", default="runs/drawn_toon")
    parser.add_argument("--faces", type=int, default=NUM_FACES)
    parser.add_argument("--export", metavar="FOLDER")
    arguments = parser.parse_args()
    out = pathlib.Path(arguments.out)
    if arguments.export:
        export(out, pathlib.Path(arguments.export))
    else:
        train(out, 60 * arguments.minutes, arguments.faces)


def train(out, seconds, num_faces):
    """Trains all stages, or for a time by the clock.

    Writes log.jsonl, a line for every checkpoint; last.weights.h5, from
    which training goes on; sample-PIXELS.png; and best_ab.keras and
    best_ba.keras, the averaged generators that did best on the validation
    faces at the full size.

    Args:
        out: folder, made if absent.
        seconds: wall-clock time of this call.
        num_faces: of either domain.
    """
    out.mkdir(parents=True, exist_ok=True)
    last = out / "last.weights.h5"
    state = {"seconds": 0.0, "steps": 0, "stage": 0, "best": 0.0}
    if last.exists():
        with h5py.File(last) as file:
            state = json.loads(file.attrs["state"])
    start = time.monotonic()
    before = state["seconds"]
    keras.utils.set_random_seed(state["steps"])
    random = np.random.default_rng(state["steps"])
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
    model = kgt.UGATIT(STAGES[0]["image_size"], **MODEL)
    for i in range(state["stage"], len(STAGES)):
        stage = STAGES[i]
        began = STAGES[i - 1]["until"] if i else 0
        if i != state["stage"]:
            keep_averages(model)
        # The discriminators of 64 pixels see 142: the whole of 128.
        model.image_size = stage["image_size"]
        model.loss_weights = LOSS_WEIGHTS | {"cycle": stage["cycle"]}
        model.compile(
            Adam(stage["learning_rate"][0], l2=1e-4),
            ema_momentum=stage["ema_momentum"],
        )
        if last.exists() and i == state["stage"]:
            model.load_weights(last)
        a, b, *pairs = (
            shrink(images, stage["image_size"])
            for images in (photos, toons, *held_out)
        )
        state["stage"] = i
        checkpoint = time.monotonic()
        while state["steps"] < stage["until"]:
            share = (state["steps"] - began) / (stage["until"] - began)
            rate = np.interp(share, (0, 1), stage["learning_rate"])
            for player in model.players:
                model.optimizer[player].learning_rate = float(rate)
            batch = {
                "a": draw_batch(a, stage["batch_size"], random),
                "b": draw_batch(b, stage["batch_size"], random),
            }
            logs = model.train_on_batch(batch, return_dict=True)
            state["steps"] += 1
            now = time.monotonic()
            ends = now - start > seconds
            finished = state["steps"] == stage["until"]
            if ends or finished or now - checkpoint > EVALUATE:
                state["seconds"] = before + now - start
                save(out, model, pairs, state, logs)
                model.reset_metrics()
                checkpoint = time.monotonic()
            if ends:
                return


def keep_averages(model):
    """Lets the generators' moving averages take the place of weights."""
    with model.averaged_weights():
        weights = {
            direction: model.translator(direction).get_weights()
            for direction in DIRECTIONS
        }
    for direction in DIRECTIONS:
        model.translator(direction).set_weights(weights[direction])


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


def save(out, model, pairs, state, logs):
    """Writes a checkpoint, every file aside and then renamed."""
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
        with model.averaged_weights():
            for direction in DIRECTIONS:
                with written_aside(out / f"best_{direction}.keras") as aside:
                    model.translator(direction).save(aside)
        write_text(out / "best.json", json.dumps(state | {"psnr": scores}))
    with written_aside(out / "last.weights.h5") as aside:
        model.save_weights(aside)
        with h5py.File(aside, "a") as file:
            file.attrs["state"] = json.dumps(state)
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
    line = {"size": size, "psnr": scores} | state
    line |= {name: round(float(value), 4) for name, value in logs.items()}
    with open(out / "log.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)


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
    best = json.loads((out / "best.json").read_text(encoding="utf-8"))
    model = kgt.UGATIT(IMAGE_SIZE, **MODEL)
    for direction in DIRECTIONS:
        trained = keras.saving.load_model(out / f"best_{direction}.keras")
        model.translator(direction).set_weights(trained.get_weights())
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
        shutil.rmtree(folder / direction, ignore_errors=True)
        export_direction(model, direction, folder, images, results)
    write_text(folder / "results.json", json.dumps(results, indent=2) + "\n")
    command = "python examples/train_drawn_toon.py --out runs/drawn_toon"
    model.save_to_preset(
        folder,
        "float16",
        {
            "description": "Drawn faces: photos become toons with black "
            "outlines, and toons photos.",
            "licence": "apache-2.0",
            "data": f"{NUM_FACES} photos and as many toons of other faces, "
            "all drawn by code of this library: `kgt.data.synthetic_faces`. "
            "No person is in them.",
            "command": [
                command,
                f"{command} --export saved_models/drawn_toon",
            ],
            "results": {
                "steps": best["steps"],
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
    # 256 colours: a third of the bytes.
    picture = Image.fromarray(grid)
    palette = picture.quantize(256, kmeans=3)
    picture = picture.quantize(palette=palette)
    with written_aside(out / "drawn_toon.png") as aside:
        picture.save(aside, optimize=True)


def export_direction(model, direction, folder, images, results):
    """Exports one direction of the preset into a folder of its own."""
    model.export_translator(
        folder / direction,
        direction,
        precisions=("float16",),
        images=list(images),
        origin="drawn faces that were held out",
        name=f"drawn-toon-{direction}",
        licence="none: drawn by code",
        threads=(),  # times are those of a machine, not of weights
        training={
            "config": {
                "model": "ugatit",
                **MODEL,
                "image_size": IMAGE_SIZE,
                "loss_weights": LOSS_WEIGHTS,
                "stages": json.dumps(STAGES),
                "faces": NUM_FACES,
                "steps": results["steps"],
                "minutes": round(results["minutes"]),
            },
            "results": [
                {"epoch": 1, "psnr": results[direction]["psnr"]["trained"]}
            ],
        },
    )


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
