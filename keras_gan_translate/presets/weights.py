"""Weights of translators: read from a folder, and made smaller."""

import io
import warnings
import zipfile

import h5py
import numpy as np

from keras_gan_translate.engine import counting
from keras_gan_translate.export.keras_file import check_keras_file
from keras_gan_translate.losses.perceptual import VGGFeatures
from keras_gan_translate.support.files import check_archive
from keras_gan_translate.support.untrusted import MIB, explained

WEIGHTS = "model.weights.h5"  # inside of a `.keras` file
# A model with its discriminators is at most so many times as large as its
# translators.
UNSTORED = 50


def load_translators(create, folder, described_by):
    """A model with its translators' weights, read from a folder.

    Args:
        create: function without arguments that makes the model, untrained.
        folder: holds a `.keras` file of each network, by its name.
        described_by: the file that `create` knows the model from.

    Returns:
        The model.

    Raises:
        ValueError: a file is missing or damaged, or holds other weights.
    """
    _check_sizes(create, folder, described_by)
    model = create()
    for name in model.translator_networks:
        path = folder / f"{name}.keras"
        check_archive(path)
        try:
            # Keras only warns where some lack.
            with warnings.catch_warnings():
                warnings.simplefilter("error", UserWarning)
                getattr(model, name).load_weights(path)
        except (ValueError, OSError, KeyError, UserWarning) as error:
            raise ValueError(
                f"{path} does not hold the weights of the model that "
                f"{described_by} describes: {error}"
            ) from error
    return model


def described(path):
    """Within it a model is made as a file describes it, or an error says why.

    Args:
        path: of the file.
    """
    return explained(path, "description of a model", keep=(ValueError,))


def keep_directions(model, directions):
    """Leaves a model those of its translators whose weights there are.

    Args:
        model: a `GAN`.
        directions: their names; None for all.
    """
    there = directions or model.directions
    model.translators = {
        direction: translator
        for direction, translator in model.translators.items()
        if direction in there
    }


def store_in_half(path):
    """Rounds the weights of a `.keras` file to float16; Keras reads it.

    Args:
        path: of the file, which is written anew.
    """
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    half = io.BytesIO()
    with (
        h5py.File(io.BytesIO(parts[WEIGHTS])) as before,
        h5py.File(half, "w") as after,
    ):

        def copy(name, item):
            if isinstance(item, h5py.Dataset):
                value = item[()]
                if item.dtype == np.float32:
                    value = value.astype("float16")
                copied = after.create_dataset(name, data=value)
            else:
                copied = after.require_group(name)
            copied.attrs.update(item.attrs)

        before.visititems(copy)
        after.attrs.update(before.attrs)
    parts[WEIGHTS] = half.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in parts.items():
            archive.writestr(name, value)


def _check_sizes(create, folder, described_by):
    """Refuses files of weights that lie, before any model is made."""

    def sizes():
        model = create()
        # What it perceives with is as large as VGG, whatever the model.
        seen_with = [
            variable
            for layer in model._flatten_layers()
            if isinstance(layer, VGGFeatures)
            for variable in layer.variables
        ]
        return {
            name: counting.bytes_of(getattr(model, name).variables)
            for name in model.translator_networks
        }, counting.bytes_of(model.variables) - counting.bytes_of(seen_with)

    with described(described_by):
        needed, total = counting.without_memory(sizes)
    held = 0
    for name, most in needed.items():
        file = folder / f"{name}.keras"
        if file.exists():
            most_stored = int(1.1 * most) + MIB
            try:
                check_keras_file(file, most_stored, weights_only=True)
            except ValueError as error:
                if isinstance(error.__cause__, zipfile.BadZipFile):
                    check_archive(file)  # which knows what helps
                raise
            held += file.stat().st_size
            counting.check_needs(file, most, file.stat().st_size)
    # Of what only training needs nothing is stored here.
    counting.check_needs(described_by, total, UNSTORED * held)
