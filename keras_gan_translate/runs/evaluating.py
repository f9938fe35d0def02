"""Measuring a run or two folders, and the protocol that is told with it."""

from __future__ import annotations

import dataclasses
import inspect
import json
import pathlib
import time

import numpy as np

from keras_gan_translate import data
from keras_gan_translate.callbacks import Evaluate
from keras_gan_translate.data.kinds import find_kind, origin_of
from keras_gan_translate.metrics.flicker import flicker
from keras_gan_translate.metrics.judge import judge, judge_question
from keras_gan_translate.metrics.questions import ask
from keras_gan_translate.runs.configs import data_options, source_of
from keras_gan_translate.runs.run import Run
from keras_gan_translate.support.files import write_text
from keras_gan_translate.support.messages import shorten
from keras_gan_translate.support.version import __version__

FILE = "evaluation.json"
SPLITS = ("test", "val", "train")
WHILE_TRAINING = 100  # images of each field, at most


def evaluate_run(
    folder,
    source=None,
    split=None,
    count=500,
    which="best",
    features=None,
    distance=None,
    seed=0,
):
    """Measures a run's translations of images, held out if there are any.

    Args:
        folder: a run folder.
        source: data as of `data.open_dataset`; the run's own if None.
        split: "test", "val" or "train"; None for the first that there is.
        count: images of each field, at most.
        which: "best" or "last" of the run's checkpoints.
        features: `metrics.Features`, or None.
        distance: a `metrics.LPIPS`, or None.
        seed: of all lots.

    Returns:
        Dict for JSON, which is also written to `evaluation.json` in the
        folder: `protocol`, and `questions`, a list of dicts of `name`,
        numbers of images, and `scores`, a list of `metrics.Score` as dicts.

    Raises:
        ValueError: nothing is trained there, or there are no such data.
    """
    run = Run(folder)
    model = run.model(which)
    examples, found, warning = read_examples(
        model, run.config, source, split, count
    )
    aligned = find_kind(model.data).aligned
    start = time.monotonic()
    questions = [
        _judged(question, features, distance, seed)
        for question in ask(model, examples, aligned)
    ]
    result = {
        "run": str(run.folder),
        "model": run.config["model"],
        "which": which,
        "epochs": len(run.results),
        "protocol": _protocol(features, distance, seed)
        | {
            "data": str(source or source_of(run.config)),
            "split": found,
            "warning": warning,
            "images": f"{model.image_size} pixels"
            if model.image_size
            else "of any size",
        },
        "questions": questions,
        "seconds": round(time.monotonic() - start, 1),
    }
    write_text(run.folder / FILE, json.dumps(result, indent=2) + "\n")
    return result


def evaluate_folders(
    real,
    fake,
    source=None,
    features=None,
    distance=None,
    count=None,
    frames=False,
    seed=0,
):
    """Measures the images of a folder against those of another.

    Where both folders have the same file names, the real image of a name is
    taken for the truth of the fake one, if their sizes agree.

    Args:
        real: folder of real images.
        fake: folder of others.
        source: folder of what the fake ones were translated from, with their
            file names; or None.
        features: `metrics.Features`, or None.
        distance: a `metrics.LPIPS`, or None.
        count: images of each folder, at most; all of them if None.
        frames: whether the folders hold the frames of a clip, `real` before
            it was translated: their flicker is measured, too.
        seed: of all lots.

    Returns:
        Dict as of `evaluate_run`, without a file.

    Raises:
        ValueError: a folder is missing, empty, or holds what is no image.
    """
    paths = {"real": _names(real), "fake": _names(fake)}
    if source is not None:
        paths["source"] = _names(source)
    names = sorted(paths["fake"])[:count]
    images = {
        "fake": [data.read_image(paths["fake"][name]) for name in names],
        "real": [
            data.read_image(paths["real"][name])
            for name in sorted(paths["real"])[:count]
        ],
    }
    if source is not None:
        lacking = [name for name in names if name not in paths["source"]]
        if lacking:
            raise ValueError(
                f"'{source}' lacks the sources of {shorten(lacking)} in "
                f"'{fake}': they have the same file names."
            )
        images["source"] = [data.read_image(paths["source"][n]) for n in names]
    if all(name in paths["real"] for name in names):
        truth = [data.read_image(paths["real"][name]) for name in names]
        shapes = {image.shape for image in truth + images["fake"]}
        if len(shapes) == 1:
            images["truth"] = truth
    images = {key: _stacked(value) for key, value in images.items()}
    scores = judge(**images, features=features, distance=distance, seed=seed)
    question = {
        "name": pathlib.Path(fake).name,
        "made": len(images["fake"]),
        "real": len(images["real"]),
        "scores": [dataclasses.asdict(score) for score in scores],
    }
    if frames:
        question["scores"] += _flicker(images["fake"], images["real"])
    return {
        "protocol": _protocol(features, distance, seed)
        | {
            "real": str(real),
            "fake": str(fake),
            "split": "the folders as they are",
            "warning": "",
            "images": "of their own sizes",
        },
        "questions": [question],
    }


def scores_while_training(config, model):
    """The callbacks that measure a run while it trains, as its config says.

    Args:
        config: dict as `Run.config`; `evaluate_every` is a number of epochs,
            or None for never, `evaluate_features` words for
            `metrics.open_features`.
        model: a `GAN`.

    Returns:
        List of one `Evaluate`, or of none.

    Raises:
        ValueError: there are no such features.
    """
    if not config.get("evaluate_every"):
        return []
    examples, _, _ = read_examples(model, config, count=WHILE_TRAINING)
    words = config.get("evaluate_features") or "random"
    return [
        Evaluate(
            examples,
            find_kind(model.data).aligned,
            config["evaluate_every"],
            None if words == "none" else words,
        )
    ]


def read_examples(model, config, source=None, split=None, count=500):
    """The raw examples of a split, each once, as dict by the model's fields.

    Args:
        model: a `GAN`.
        config: dict as `Run.config`.
        source: as of `evaluate_run`.
        split: as of `evaluate_run`.
        count: examples at most.

    Returns:
        (dict of arrays, the split, a warning or "")
    """
    kind = find_kind(model.data)
    known = inspect.signature(type(model)).parameters
    options = data_options(config, kind, known) | kind.of_model(model)
    own = source is None
    source = source_of(config) if own else source
    split = split or _held_out(kind, source, options)
    if kind.resizes:
        options["how"] = config.get("how")
    dataset = data.open_dataset(
        source,
        kind.name,
        split=split,
        image_size=config.get("image_size"),
        augment=False,
        shuffle=False,
        seed=config.get("seed"),
        **options,
    )
    groups = dataset.kgt_source.groups
    lengths = {
        key: len(values) for group in groups for key, values in group.items()
    }
    taken = {name: [] for name in model.batch}
    for i, batch in enumerate(dataset.take(min(count, len(dataset)))):
        for name, field in model.batch.items():
            # A smaller domain comes round again.
            if i < lengths.get(name, len(dataset)):
                taken[name] += list(field.raw(np.asarray(batch[name])))
    warning = ""
    trained_on = config.get("split") or "train"
    if own and split == trained_on:
        warning = "measured on images that the model was trained with"
    return {k: np.stack(v) for k, v in taken.items()}, split, warning


def _held_out(kind, source, options):
    """The first of `SPLITS` that the data have, as a word."""
    if origin_of(source)[0] != "folders":
        return SPLITS[0]
    train = _files(kind, source, "train", options)
    for split in SPLITS[:2]:
        files = _files(kind, source, split, options)
        if files and not files & train:
            return split
    if train:
        return "train"
    return next(
        (s for s in SPLITS if _files(kind, source, s, options)), SPLITS[-1]
    )


def _files(kind, source, split, options):
    try:
        return kind.find(source, split, **options).paths
    except ValueError:  # not that split
        return set()


def _judged(question, features, distance, seed):
    scores = judge_question(
        question, features=features, distance=distance, seed=seed
    )
    return {
        "name": question.name,
        "made": len(question.fake),
        "real": 0 if question.real is None else len(question.real),
        "scores": [dataclasses.asdict(score) for score in scores],
    }


def _protocol(features, distance, seed):
    return {
        "features": features.name if features else "none",
        "resize": features.resize if features else "none",
        "distance": distance.name if distance else "none",
        "intervals": "95%, bootstrap over images",
        "seed": seed,
        "version": __version__,
    }


def _flicker(frames, source):
    whole = [isinstance(x, np.ndarray) for x in (frames, source)]
    if not all(whole) or frames.shape[:3] != source.shape[:3]:
        raise ValueError(
            "Frames of a clip and of its source are as many, and of one size."
        )
    return [
        {
            "name": "flicker",
            "value": flicker(frames, source),
            "low": None,
            "high": None,
            "better": "lower",
            "nothing": flicker(source, source),
            "note": "of pixels that are still in the source, in steps of 255",
        }
    ]


def _names(folder):
    """Name without its suffix -> path, of the images of a folder."""
    paths = data.list_images(folder)
    if not paths:
        raise ValueError(f"There are no images in '{folder}'.")
    folder = pathlib.Path(folder)
    return {str(p.relative_to(folder).with_suffix("")): p for p in paths}


def _stacked(images):
    """One array of images of one size; the list as it is of others."""
    shapes = {image.shape for image in images}
    return np.stack(images) if len(shapes) == 1 else images
