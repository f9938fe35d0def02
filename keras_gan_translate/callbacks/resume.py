"""Going on where the last finished epoch ended."""

from __future__ import annotations

import dataclasses
import logging
import os
import pathlib

import h5py
import keras

from keras_gan_translate import data
from keras_gan_translate.engine import state_file
from keras_gan_translate.engine.state import give_state, take_state
from keras_gan_translate.engine.state_file import Damaged
from keras_gan_translate.support.files import flush_folder, written_aside
from keras_gan_translate.support.types import Path

FILE = "last.weights.h5"
PREVIOUS = "previous.weights.h5"
INDEX = "index of leaves"  # of files of format 1

logger = logging.getLogger("keras_gan_translate")


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """A file to go on from.

    Attributes:
        path: the file.
        epoch: number of finished epochs.
        damaged: what is wrong with newer ones, in sentences.
    """

    path: pathlib.Path
    epoch: int
    damaged: tuple = ()


class Resume(keras.callbacks.Callback):
    """Run the same command again, and training goes on where it stopped.

    After every epoch one file takes the place of the last, which is kept as
    the one before: weights, replay pools, random states, all optimizers with
    their schedules, and the number of finished epochs. It is written aside,
    flushed and renamed, so that a kill at any moment leaves a whole one. When
    training begins it is restored to the last bit, and `fit` goes on with the
    next epoch in the data order that epoch would have had; `epochs` means the
    total. A checksum tells whether a file is what was written: a damaged one
    is named, and the one before is used.

    Args:
        folder: where the files lie; made if absent.

    Raises:
        ValueError: at the start of training, if no file is whole, or if one
            lacks or exceeds the model's state in any variable.

    Example:
        model.fit(dataset, epochs=100, callbacks=[Resume("runs/anime")])
    """

    def __init__(self, folder: Path):
        super().__init__()
        self.path = pathlib.Path(folder) / FILE

    @staticmethod
    def find(folder: Path) -> Checkpoint | None:
        """The newest whole checkpoint of a folder, None if there is none.

        Raises:
            ValueError: all that are there are damaged.
        """
        damaged = []
        for name in (FILE, PREVIOUS):
            path = pathlib.Path(folder) / name
            if not path.exists():
                continue
            try:
                return Checkpoint(path, **_facts(path), damaged=tuple(damaged))
            except Damaged as error:
                damaged.append(str(error))
        if damaged:
            raise ValueError(
                f"{' '.join(damaged)} There is no other checkpoint in "
                f"'{folder}'. Remove it to start afresh."
            )
        return None

    @staticmethod
    def epoch_of(folder: Path) -> int | None:
        """Number of finished epochs in a folder, None if there are none."""
        found = Resume.find(folder)
        return found and found.epoch

    def set_model(self, model):
        super().set_model(model)
        # Here, not in `on_train_begin`: `GAN.prepare`, which comes between,
        # then finds loaded what an earlier training has loaded.
        found = self.find(self.path.parent)
        self.keeps_last = found is None or not found.damaged
        if found is None:
            return
        for damage in found.damaged:
            logger.warning(
                "%s Going on from %s, after epoch %d.",
                damage,
                found.path.name,
                found.epoch,
            )
        _restore(model, found.path)
        # `fit` reads it after this callback; the trainers have no other hook.
        model._initial_epoch = found.epoch

    def on_epoch_begin(self, epoch, logs=None):
        data.resume_at(epoch)

    def on_train_end(self, logs=None):
        self.model._initial_epoch = None

    def on_epoch_end(self, epoch, logs=None):
        state = take_state(self.model)
        with written_aside(self.path) as aside:
            state_file.write(aside, state, {"epoch": epoch + 1})
            if self.keeps_last and self.path.exists():
                _keep(self.path)
        self.keeps_last = True
        flush_folder(self.path.parent)


def _keep(path):
    """Makes the last file the one before, under two names for a moment."""
    previous = path.with_name(PREVIOUS)
    with written_aside(previous) as aside:
        try:
            os.link(path, aside)
        except OSError:  # a file system without links
            os.replace(path, aside)


def _facts(path):
    if not state_file.is_of_keras(path):
        with state_file.opened(path) as (facts, _, _):
            return {"epoch": facts["epoch"]}
    try:
        with h5py.File(path, "r") as file:
            return {"epoch": int(file.attrs["epoch"])}
    except (OSError, KeyError) as error:
        raise Damaged(f"{path} cannot be read ({error}).") from error


def _restore(model, path):
    if not state_file.is_of_keras(path):
        with state_file.opened(path) as (_, index, read):
            give_state(model, index, read, path)
        return
    with h5py.File(path, "r") as file:
        _check_leaves(file, model, path)
    model.load_weights(path)


# Files of format 1, of versions before 0.2: what Keras' `save_weights` wrote.


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
    if len(found) != expected:
        raise ValueError(
            f"{path} holds the state of another model or another compile(): "
            f"{len(found)} variables, this one has {expected}. Build and "
            "compile the model as before, or remove the file."
        )
