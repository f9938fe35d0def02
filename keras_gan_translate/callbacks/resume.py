"""Going on where the last finished epoch ended."""

from __future__ import annotations

import os
import pathlib

import h5py
import keras

from keras_gan_translate import data
from keras_gan_translate.support.types import Path

FILE = "last.weights.h5"
INDEX = "index of leaves"


class Resume(keras.callbacks.Callback):
    """Run the same command again, and training goes on where it stopped.

    After every epoch one file takes the place of the last: weights, replay
    pools, random states, all optimizers with their schedules, and the number
    of finished epochs. It is written aside, flushed and renamed, so that a
    kill at any moment leaves the previous one whole. When training begins it
    is restored to the last bit, and `fit` goes on with the next epoch in the
    data order that epoch would have had; `epochs` means the total.

    Args:
        folder: where the file lies; made if absent.

    Raises:
        ValueError: at the start of training, if the file lacks or exceeds
            the model's state in any variable.

    Example:
        model.fit(dataset, epochs=100, callbacks=[Resume("runs/anime")])
    """

    def __init__(self, folder: Path):
        super().__init__()
        self.path = pathlib.Path(folder) / FILE

    @staticmethod
    def epoch_of(folder: Path) -> int | None:
        """Number of finished epochs in a folder, None if there are none."""
        path = pathlib.Path(folder) / FILE
        if not path.exists():
            return None
        return int(_open(path).attrs["epoch"])

    def set_model(self, model):
        super().set_model(model)
        # Here, not in `on_train_begin`: `GAN.prepare`, which comes between,
        # then finds loaded what an earlier training has loaded.
        if not self.path.exists():
            return
        with _open(self.path) as file:
            epoch = int(file.attrs["epoch"])
            _check_leaves(file, model, self.path)
        model.load_weights(self.path)
        # `fit` reads it after this callback; the trainers have no other hook.
        model._initial_epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        data.resume_at(epoch)

    def on_train_end(self, logs=None):
        self.model._initial_epoch = None

    def on_epoch_end(self, epoch, logs=None):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        aside = self.path.with_name("aside-" + self.path.name)
        self.model.save_weights(aside)
        with h5py.File(aside, "a") as file:
            file.attrs["epoch"] = epoch + 1
            # A dataset: attributes end at 64 kB.
            file[INDEX] = "\n".join(_leaves(file))
        with open(aside, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(aside, self.path)
        _flush_folder(self.path.parent)


def _open(path):
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise ValueError(
            f"{path} cannot be read ({error}). Remove it to start afresh."
        ) from error


def _leaves(file):
    """'path shape' of every array in a weights file, sorted."""
    leaves = []

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and name != INDEX:
            leaves.append(f"{name} {list(item.shape)}")

    file.visititems(visit)
    return sorted(leaves)


def _check_leaves(file, model, path):
    """Every variable of the model is in the file, and nothing else is."""
    found = _leaves(file)
    written = file[INDEX].asstr()[()].split("\n") if INDEX in file else []
    missing = sorted(set(written) - set(found))
    surplus = sorted(set(found) - set(written))
    if missing or surplus:
        raise ValueError(
            f"{path} is damaged. Missing: {missing}. Surplus: {surplus}. "
            "Remove it to start afresh."
        )
    # Running means of losses start anew with every epoch and are left out.
    state = model.variables + model.optimizer.variables
    expected = len({id(variable) for variable in state})
    factors = len(getattr(model.optimizer, "factors", ()))
    if len(found) not in (expected, expected - factors):
        raise ValueError(
            f"{path} holds the state of another model or another compile(): "
            f"{len(found)} variables, this one has {expected}. Build and "
            "compile the model as before, or remove the file."
        )


def _flush_folder(folder):
    """Makes a rename survive a power cut, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
