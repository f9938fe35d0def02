"""Going on where training stopped, at the very image."""

from __future__ import annotations

import concurrent.futures
import logging
import pathlib
import threading
import time

import keras

from keras_gan_translate import backend, data
from keras_gan_translate.callbacks.checkpoint import (
    FILE,
    PREVIOUS,
    find,
    find_together,
    keep,
    restore,
)
from keras_gan_translate.engine import state_file
from keras_gan_translate.engine.faults import NotFinite
from keras_gan_translate.engine.state import not_finite, num_bytes, take_state
from keras_gan_translate.support import locks
from keras_gan_translate.support.files import (
    check_room,
    clear_asides,
    flush_folder,
    written_aside,
)
from keras_gan_translate.support.messages import shorten
from keras_gan_translate.support.pace import Pace
from keras_gan_translate.support.signals import Signals
from keras_gan_translate.support.types import Path

SHARE = 0.02  # of the time, that saving takes at most
CREDIT = 10.0  # seconds of saving that short trainings may have, too
BESIDE = 0.05  # of a processor, that the thread that writes takes at most

logger = logging.getLogger("keras_gan_translate")


class Resume(keras.callbacks.Callback):
    """Run the same command again, and training goes on where it stopped.

    A checkpoint holds weights, replay pools, random states, all optimizers
    with their schedules, running means, and the place in the data. It is
    written after every epoch, and within an epoch after `minutes`, by a
    thread from a copy of the state while training goes on, with rests, so that
    steps do not become longer; by its own measure saving never takes more
    than 2 % of the time. When training begins, the last is restored to the
    last bit, and `fit` goes on with the image that would have been next;
    `epochs` means the total.

    Nothing is lost: files are written aside, flushed and renamed, so that a
    kill at any moment leaves a whole one. The last two are kept, and a
    checksum tells whether they are what was written: a damaged one is named
    and the one before is used. SIGTERM and Ctrl-C save the current step
    first. What is not finite is never saved. A second trainer on the folder
    is refused. Of several hosts number 0 writes, and all read.

    Args:
        folder: where the files lie; made if absent.
        minutes: time from one checkpoint within an epoch to the next.
        steps: number of steps from one to the next, whatever they cost.

    Raises:
        ValueError: at the start of training, if no file is whole, if one
            lacks or exceeds the model's state in any variable, or another
            process trains in the folder.
        OSError: there is no room for what training would have to save.

    Example:
        model.fit(dataset, epochs=100, callbacks=[Resume("runs/anime")])
    """

    def __init__(
        self, folder: Path, minutes: float = 10.0, steps: int | None = None
    ):
        super().__init__()
        self.path = pathlib.Path(folder) / FILE
        self.minutes, self.steps = minutes, steps
        self.epoch = self.step = 0
        self.saved = None  # (epoch, step) of the newest checkpoint
        self.spent = 0.0  # seconds of saving
        self.began = self.last = time.monotonic()
        self.means = None  # of losses, where training goes on in an epoch
        self.validating = None  # what validation changes, as it was before
        self.pool, self.writing = None, None
        self.hurried = threading.Event()  # somebody waits for the thread
        self.signals = Signals()

    find = staticmethod(find)
    find_together = staticmethod(find_together)
    restore = staticmethod(restore)

    @staticmethod
    def epoch_of(folder: Path) -> int | None:
        """Number of finished epochs in a folder, None if there are none."""
        found = Resume.find(folder)
        return found and found.epoch

    # The beginning.

    def set_model(self, model):
        super().set_model(model)
        self.writes = backend.host_index() == 0
        taken_over = locks.acquire(self.path.parent) if self.writes else None
        try:
            if taken_over:
                logger.warning(taken_over)
            if self.writes:
                clear_asides(self.path.parent)
                self._check_room()
            # Here, not in `on_train_begin`: `GAN.prepare`, which comes
            # between, then finds loaded what an earlier training has loaded.
            self._go_back_to(find_together(self.path.parent))
        except BaseException:
            locks.release(self.path.parent)
            raise
        self.pool = concurrent.futures.ThreadPoolExecutor(1)

    def _check_room(self):
        """There are two checkpoints, and the next one aside."""
        there = sum(self.path.with_name(n).exists() for n in (FILE, PREVIOUS))
        check_room(self.path, (3 - there) * num_bytes(self.model))

    def _go_back_to(self, found):
        model = self.model
        self.keeps_last = found is None or not found.damaged
        self.saved = self.means = None
        if found is None:
            return
        for damage in found.damaged:
            logger.warning(
                "%s Going on from %s, %s.", damage, found.path.name, found.place
            )
        restore(model, found)
        if found.step:
            # `fit` sets them to zero before the epoch begins.
            model.loss_means.slots = {n: i for i, n in enumerate(found.slots)}
            self.means = backend.copies(model, model.loss_means.variables)
        self.saved = found.epoch, found.step
        model.data_order = max(model.data_order, found.order)
        model.batches_to_pass = found.step
        # `fit` reads it after this callback; the trainers have no other hook.
        model._initial_epoch = found.epoch

    def on_train_begin(self, logs=None):
        self.signals.install()
        self.epoch, self.step = self.saved or (0, 0)
        self.began = self.last = time.monotonic()
        if self.saved is None:
            self._save()  # what going back leads to, and proof of the room

    def on_epoch_begin(self, epoch, logs=None):
        passed = self.model.batches_to_pass
        self.epoch, self.step = epoch, passed
        data.resume_at(epoch)
        source = self.model.training_source
        if source is not None:
            source.resume_at(epoch, passed, self.model.data_order)
        if self.means is not None:
            for one, value in zip(self.model.loss_means.variables, self.means):
                one.assign(value)
            self.means = None

    # When to save.

    def on_train_batch_end(self, batch, logs=None):
        self.step = batch + 1
        self._look_at_writing()
        if backend.asked_to_stop():
            self.signals.ask()
        if self.signals.caught is not None:
            self._save_and_stop()
        elif self.steps:
            if self.step % self.steps == 0:
                self._save()
        elif (
            time.monotonic() - self.last >= 60.0 * self.minutes
            and self._may_save()
            and self.writing is None
        ):
            self._save()

    def on_test_begin(self, logs=None):
        # Keras validates within an epoch: this is where it stands then.
        changing = [
            *self.model.non_trainable_variables,
            *self.model.loss_means.variables,
        ]
        values = backend.copies(self.model, changing)
        self.validating = dict(zip(map(id, changing), values))

    def on_test_batch_end(self, batch, logs=None):
        if self.signals.caught is not None and self.validating is not None:
            self._save_and_stop()

    def on_test_end(self, logs=None):
        self.validating = None

    def on_epoch_end(self, epoch, logs=None):
        self.epoch, self.step = epoch + 1, 0
        self._look_at_writing()
        if self.signals.caught is not None:
            self._save_and_stop()
        elif self.steps or self._may_save():
            self._save()

    def on_train_end(self, logs=None):
        self._look_at_writing(wait=True)
        if self.saved != (self.epoch, self.step):
            self._save()
            self._look_at_writing(wait=True)

    def release(self):
        """Gives back what training took; `GAN.fit` calls it in any case."""
        self.signals.release()
        if self.pool is not None:
            self.hurried.set()
            self.pool.shutdown()
            self.pool = self.writing = None
            locks.release(self.path.parent)
            self.model.batches_to_pass = 0
            self.model._initial_epoch = None

    def _may_save(self):
        """Whether saving takes as little time as it may."""
        passed = time.monotonic() - self.began
        return self.spent <= SHARE * passed + CREDIT

    # How to save.

    def _save(self):
        if not self.writes:
            return
        begun = time.monotonic()
        self._look_at_writing(wait=True)
        state = take_state(self.model, self.validating)
        means = self.model.loss_means
        facts = {
            "epoch": self.epoch,
            "step": self.step,
            "order": self.model.data_order,
            "slots": list(means.slots),
        }
        self.last = time.monotonic()
        self.spent += self.last - begun
        self.hurried.clear()
        self.writing = self.pool.submit(self._write, state, facts)

    def _save_and_stop(self):
        if not self.writes:
            # It trains on until host 0, which cannot without it, has saved.
            backend.ask_to_stop()
            return
        self._save()
        self._look_at_writing(wait=True)
        self.signals.stop()

    def _look_at_writing(self, wait=False):
        """Raises here what the thread that writes has raised."""
        if wait:
            self.hurried.set()
        if self.writing is not None and (wait or self.writing.done()):
            writing, self.writing = self.writing, None
            writing.result()

    def _write(self, state, facts):
        begun, pace = time.monotonic(), Pace(BESIDE, self.hurried)
        bad = not_finite(state, pace.rest)
        place = facts["epoch"], facts["step"]
        if bad:
            raise NotFinite(
                f"After {place[1]} steps of epoch {place[0] + 1} these are "
                f"infinite or not numbers: {shorten(bad)}. They were not "
                f"saved: {self.path} is of before.",
                place,
            )
        needed = sum(array.nbytes for array in state.values())
        with written_aside(self.path, needed) as aside:
            state_file.write(aside, state, facts, pace.rest)
            if self.keeps_last and self.path.exists():
                keep(self.path)
        self.keeps_last, self.saved = True, place
        flush_folder(self.path.parent)
        self.spent += time.monotonic() - begun - pace.rested
