"""What the long trainings of the weights that ship have in common.

A training has stages, in which the images' size, the batch, the learning
rate, the moving average and weights of losses are others, and it goes on where
it was killed. What it learned becomes a preset with its exports.
"""

import json
import shutil
import time

import h5py
import keras
import numpy as np
from PIL import Image

from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.support.files import write_text, written_aside

DIRECTIONS = ("ab", "ba")
EVALUATE = 600  # seconds between two checkpoints


def read_state(out):
    """How far a training is.

    Args:
        out: its folder, a `pathlib.Path`.

    Returns:
        Dict of `seconds`, `steps`, `stage`, and of what `evaluate` added;
        zeros where there is no training yet.
    """
    last = out / "last.weights.h5"
    if not last.exists():
        return {"seconds": 0.0, "steps": 0, "stage": 0, "best": 0.0}
    with h5py.File(last) as file:
        return json.loads(file.attrs["state"])


def train_stages(
    model, stages, loss_weights, out, seconds, material, evaluate, random
):
    """Trains all stages, or for a time by the clock.

    Writes last.weights.h5, from which training goes on, and log.jsonl, a line
    for every checkpoint.

    Args:
        model: a `GAN`, not compiled, whose networks take images of any size.
        stages: dicts, one after the other, of `until`, a number of steps, all
            stages together; `image_size`; `batch_size`; `learning_rate`, the
            first and the last, linear in between; `ema_momentum`; and of
            losses' weights.
        loss_weights: dict of those that hold in all stages.
        out: folder of the training, a `pathlib.Path`.
        seconds: wall-clock time of this call.
        material: function of an image size; returns a function of a number of
            examples and `random` that draws a batch, and what `evaluate`
            takes.
        evaluate: function of the model, what `material` returned for it, and
            the state; returns figures for the log, a dict.
        random: NumPy generator of all lots.
    """
    last = out / "last.weights.h5"
    state = read_state(out)
    start, before = time.monotonic(), state["seconds"]
    for i in range(state["stage"], len(stages)):
        stage = stages[i]
        began = stages[i - 1]["until"] if i else 0
        if i != state["stage"]:
            keep_averages(model)
        model.image_size = stage["image_size"]
        model.loss_weights = model.loss_weights | loss_weights
        model.loss_weights |= {
            name: stage[name] for name in model.loss_weights if name in stage
        }
        model.compile(
            Adam(stage["learning_rate"][0], l2=1e-4),
            ema_momentum=stage["ema_momentum"],
        )
        if last.exists() and i == state["stage"]:
            model.load_weights(last)
        draw, held_out = material(stage["image_size"])
        state["stage"] = i
        checkpoint = time.monotonic()
        while state["steps"] < stage["until"]:
            share = (state["steps"] - began) / (stage["until"] - began)
            rate = np.interp(share, (0, 1), stage["learning_rate"])
            for player in model.players:
                model.optimizer[player].learning_rate = float(rate)
            logs = model.train_on_batch(
                draw(stage["batch_size"], random), return_dict=True
            )
            state["steps"] += 1
            now = time.monotonic()
            ends = now - start > seconds
            finished = state["steps"] == stage["until"]
            if ends or finished or now - checkpoint > EVALUATE:
                state["seconds"] = before + now - start
                figures = evaluate(model, held_out, state)
                _save(out, model, state, figures, logs)
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


def keep_best(model, out, state, figures):
    """Writes the averaged generators, best_DIRECTION.keras, and best.json."""
    with model.averaged_weights():
        for direction in DIRECTIONS:
            with written_aside(out / f"best_{direction}.keras") as aside:
                model.translator(direction).save(aside)
    write_text(out / "best.json", json.dumps(state | figures))


def read_best(out):
    """What `keep_best` wrote.

    Returns:
        (dict of the state and figures, dict from direction to the list of
        the generator's weights).
    """
    best = json.loads((out / "best.json").read_text(encoding="utf-8"))
    return best, {
        direction: read_weights(out / f"best_{direction}.keras")
        for direction in DIRECTIONS
    }


def read_weights(path):
    """Weights of a network in a `.keras` file."""
    return keras.saving.load_model(path).get_weights()


def export_direction(
    model, direction, folder, images, *, name, origin, licence, training
):
    """Exports one direction of a preset into a folder of its own.

    Args:
        model: the preset.
        direction: one of its directions.
        folder: of the preset, a `pathlib.Path`.
        images: uint8 array, which the export is compared on.
        name: of the artefacts.
        origin: of the images, in words.
        licence: of the images, in words.
        training: as of `export_translator`.
    """
    shutil.rmtree(folder / direction, ignore_errors=True)
    model.export_translator(
        folder / direction,
        direction,
        precisions=("float16",),
        images=list(images),
        origin=origin,
        name=name,
        licence=licence,
        threads=(),  # times are those of a machine, not of weights
        training=training,
    )


def write_picture(path, image):
    """Writes a picture of 256 colours, a third of the bytes.

    Args:
        path: of a .png file, a `pathlib.Path`.
        image: uint8 array (H, W, 3).
    """
    picture = Image.fromarray(image)
    palette = picture.quantize(256, kmeans=3)
    picture = picture.quantize(palette=palette)
    with written_aside(path) as aside:
        picture.save(aside, optimize=True)


def _save(out, model, state, figures, logs):
    """Writes a checkpoint, aside and then renamed, and a line of the log."""
    with written_aside(out / "last.weights.h5") as aside:
        model.save_weights(aside)
        with h5py.File(aside, "a") as file:
            file.attrs["state"] = json.dumps(state)
    line = {"size": model.image_size} | figures | state
    line |= {name: round(float(value), 4) for name, value in logs.items()}
    with open(out / "log.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)
