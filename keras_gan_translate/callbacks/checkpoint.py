"""The files that training goes on from: which are whole, and their state."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import time

import h5py
import keras

from keras_gan_translate import backend
from keras_gan_translate.engine import state_file
from keras_gan_translate.engine.state import give_state
from keras_gan_translate.engine.state_file import Damaged
from keras_gan_translate.support.files import written_aside
from keras_gan_translate.support.types import Path

FILE = "last.weights.h5"
PREVIOUS = "previous.weights.h5"
INDEX = "index of leaves"  # of files of format 1
PATIENCE = 60.0  # seconds until a file of one host is seen by another


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """A file to go on from.

    Attributes:
        path: the file.
        epoch: number of finished epochs.
        step: number of finished batches of the epoch that is not.
        order: number of the data's order; see `GAN.data_order`.
        slots: names of the losses whose running means it holds.
        damaged: what is wrong with newer ones, in sentences.
    """

    path: pathlib.Path
    epoch: int
    step: int = 0
    order: int = 0
    slots: tuple = ()
    damaged: tuple = ()

    @property
    def place(self):
        """Where training goes on, in words."""
        if not self.step:
            return f"after epoch {self.epoch}" if self.epoch else "at the start"
        return f"in epoch {self.epoch + 1}, after {self.step} of its steps"


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


def find_together(folder: Path) -> Checkpoint | None:
    """As `find`; on several hosts the one that host 0 has found.

    Raises:
        ValueError: also if another host does not see it.
    """
    if backend.host_index() == 0:
        found = find(folder)
        backend.told(found and list(_place(found)))
        return found
    place = backend.told(None)
    if place is None:
        return None
    until = time.monotonic() + PATIENCE
    while True:
        found = find(folder)
        if found and list(_place(found)) == place:
            return found
        if time.monotonic() > until:
            there = found.place if found else "nowhere"
            raise ValueError(
                f"Host 0 goes on after {place[0]} epochs and {place[1]} "
                f"steps; the checkpoint that this host sees in '{folder}' "
                f"goes on {there}. All hosts need the same run folder, on "
                "a disk that they share."
            )
        time.sleep(1.0)


def restore(model: keras.Model, found: Checkpoint) -> None:
    """Gives a compiled model the state of a checkpoint, to the last bit.

    Raises:
        ValueError: it is the state of another model; nothing is changed.
    """
    path = found.path
    if not state_file.is_of_keras(path):
        with state_file.opened(path) as (_, index, read):
            give_state(model, index, read, path)
        return
    with h5py.File(path, "r") as file:
        _check_leaves(file, model, path)
    model.load_weights(path)


def keep(path):
    """Makes the last file the one before, under two names for a moment."""
    previous = path.with_name(PREVIOUS)
    with written_aside(previous) as aside:
        try:
            os.link(path, aside)
        except OSError:  # a file system without links
            os.replace(path, aside)


def _place(found):
    return found.epoch, found.step, found.order


def _facts(path):
    if not state_file.is_of_keras(path):
        with state_file.opened(path) as (facts, _, _):
            names = [field.name for field in dataclasses.fields(Checkpoint)]
            return {name: facts[name] for name in names if name in facts}
    try:
        with h5py.File(path, "r") as file:
            return {"epoch": int(file.attrs["epoch"])}
    except (OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise Damaged(f"{path} cannot be read ({error}).") from error


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
    factors = len(getattr(model.optimizer, "factors", ()))
    if len(found) not in (expected, expected - factors):
        raise ValueError(
            f"{path} holds the state of another model or another compile(): "
            f"{len(found)} variables, this one has {expected}. Build and "
            "compile the model as before, or remove the file."
        )
