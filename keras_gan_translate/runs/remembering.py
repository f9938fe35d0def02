"""A teacher's pictures, made once and kept, for students that learn on."""

import os
import pathlib

import numpy as np

from keras_gan_translate import backend, data
from keras_gan_translate.data.kinds import kind_of
from keras_gan_translate.networks import image_of
from keras_gan_translate.runs.training import VALIDATION_IMAGES, has_held_out
from keras_gan_translate.support import locks

FOLDER = "remembered"
TOLD = 200  # pictures from one line that tells of them to the next


def remember(model, config, folder, say=lambda text: None):
    """Makes pairs of photos and of what a teacher makes of them.

    Photos are augmented first, as they would be in training; held-out ones,
    up to a hundred, are not. What is there already is kept, so that whoever
    was interrupted goes on, with the same pictures.

    Args:
        model: a `Distilled` that remembers.
        config: its run's, whose data are photos.
        folder: of its run.
        say: function that is told how far it is, in words.

    Returns:
        The config of the pairs, to open as data.

    Raises:
        ValueError: as of `data.open_dataset`, or another process trains in
            the folder.
    """
    taken_over = locks.acquire(folder)
    try:
        if taken_over:
            say(taken_over)
        return _remember(model, config, folder, say)
    finally:
        locks.release(folder)


def _remember(model, config, folder, say):
    kind, source = kind_of(type(model)), config["data"]
    split = config.get("split") or "train"
    options = {
        "image_size": config.get("image_size"),
        "batch_size": config["batch_size"],
        "how": config.get("how"),
        "seed": config.get("seed"),
    }
    place = pathlib.Path(folder) / FOLDER
    photos = data.open_dataset(
        source,
        kind.name,
        split=split,
        augment=type(model).augmentation,
        **options,
    )
    _keep(model, photos, config["remember"], place, "train", say)
    if has_held_out(source, kind, split, {}):
        photos = data.open_dataset(
            source,
            kind.name,
            split="test",
            augment=False,
            shuffle=False,
            **options,
        )
        count = min(VALIDATION_IMAGES, photos.kgt_source.length)
        _keep(model, photos, count, place, "test", say)
    data.resume_at(0)
    # The direction was the teacher's.
    pairs = {"data": os.path.abspath(place), "split": "train"}
    return config | pairs | {"direction": None}


def _keep(model, photos, count, place, split, say):
    """Writes so many pairs of a split, but for those that there are."""
    data.resume_at(0)
    made, told = 0, 0
    while made < count:  # every time that they come round anew
        for batch in photos:
            images = np.asarray(batch["a"])[: count - made]
            files = [
                [place / f"{split}{side}" / f"{number:06}.png" for side in "AB"]
                for number in range(made, made + len(images))
            ]
            made += len(images)
            if not all(file.exists() for pair in files for file in pair):
                taught = backend.predict(model.teacher, images, False)
                taught = image_of(taught)
                for pair, values in zip(files, zip(images, taught)):
                    for file, value in zip(pair, values):
                        data.write_image(file, model.batch["b"].raw(value))
            if made >= count or made - told >= TOLD:
                told = made
                say(f"{made} of {count} pictures are there.")
            if made >= count:
                break
