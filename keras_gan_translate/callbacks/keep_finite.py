"""Noticing that losses are no numbers any more, and going back."""

from __future__ import annotations

import logging
import time

import keras
import numpy as np
from keras import ops

from keras_gan_translate import backend
from keras_gan_translate.callbacks.resume import Resume
from keras_gan_translate.engine.faults import GRADIENT, NotFinite
from keras_gan_translate.support.messages import shorten

FILE = "diagnosis.txt"
ADVICE = (
    "Try smaller steps (--clipnorm 1, or a smaller learning rate), a smaller "
    "--loss-weight, --precision float32, or look at the files of the batch."
)

logger = logging.getLogger("keras_gan_translate")


class KeepFinite(keras.callbacks.Callback):
    """Notices within a step that a loss or a gradient is infinite or NaN.

    Training then goes back to the last checkpoint of `resume`, none of which
    holds such numbers, and tries again with the data in another order; or it
    stops with an error that says what happened and what to try. It stands
    first among the callbacks, so that nothing else is written before.

    With float16 gradients may overflow: such a step is skipped, and the loss
    scale halved, but to no less than 1. After `skips` of them in a row of one
    player, training stops.

    Args:
        resume: the `Resume` among the callbacks; None stops at once. Its
            folder gets `diagnosis.txt`.
        retries: how often it goes back before it stops. Once a checkpoint
            lies behind the place where it happened, it counts anew.
        skips: number of steps of one player.

    Raises:
        NotFinite: while training, a `ValueError`.

    Example:
        resume = Resume("runs/anime")
        model.fit(dataset, callbacks=[KeepFinite(resume), resume])
    """

    def __init__(
        self, resume: Resume | None = None, retries: int = 3, skips: int = 100
    ):
        super().__init__()
        self.resume, self.retries, self.skips = resume, retries, skips
        self.gone_back = 0
        self.place = None  # of the last fault: (epoch, batch)

    def on_train_begin(self, logs=None):
        self.skipped = dict.fromkeys(self.model.players, 0)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch, self.before, self.waiting = epoch, 0.0, None

    def on_train_batch_end(self, batch, logs=None):
        # Looking at the step before does not wait for this one.
        waiting = self.waiting
        self.waiting = batch, self.model.step_faults, logs
        if waiting is not None:
            self._look(*waiting)

    def on_epoch_end(self, epoch, logs=None):
        if self.waiting is not None:
            self._look(*self.waiting)
            self._look_at_weights(self.waiting[0])

    def goes_back(self, fault: NotFinite) -> bool:
        """Whether training shall begin again at the last checkpoint.

        Args:
            fault: what was noticed.

        Returns:
            True.

        Raises:
            NotFinite: it is of no use; says what to try.
        """
        if backend.host_index() and not fault.final:
            self.model.data_order += 1
            return True  # host 0 knows when it is of no use
        saved = self.resume and self.resume.saved
        if saved and self.place and saved > self.place:
            self.gone_back = 0
        self.place = fault.place
        possible = self.resume is not None and not fault.final
        if possible and self.gone_back < self.retries:
            self.gone_back += 1
            self.model.data_order += 1
            words = (
                f"{fault} Going back to the last checkpoint, with the data in "
                f"another order ({self.gone_back} of {self.retries})."
            )
            self._write(words)
            logger.warning(words)
            return True
        tried = f" {self.gone_back} other orders did not help."
        words = f"{fault}{tried if self.gone_back else ''} {ADVICE}"
        self._write(words)
        raise NotFinite(words, fault.place, final=True) from fault

    def _look(self, batch, counts, logs):
        counts = ops.convert_to_numpy(counts)
        seen, bad = counts - self.before
        self.before = counts
        slots = self.model.faults.slots
        if not bad.any() and not any(self.skipped.values()):
            return
        scaled = {p for p in self.model.players if self._scales(p)}
        for player in scaled:
            slot = slots.get(f"{player}_{GRADIENT}")
            if slot is not None and seen[slot]:
                good = bad[slot] < seen[slot]
                skipped = 0 if good else self.skipped[player] + bad[slot]
                self.skipped[player] = int(skipped)
                if skipped >= self.skips:
                    raise NotFinite(
                        f"{self._where(batch)}: {int(skipped)} steps of "
                        f"{player!r} in a row had infinite gradients in "
                        "float16 and were skipped, although the scale of its "
                        "loss is down to 1. The last checkpoint is of before. "
                        "mixed_bfloat16 has the range of float32.",
                        (self.epoch, batch),
                        final=True,
                    )
        names = [
            name
            for name, slot in slots.items()
            if bad[slot] and self._player_of(name) not in scaled
        ]
        if names:
            raise NotFinite(
                f"{self._where(batch)}: {self._describe(names, logs)} became "
                f"infinite or no number.{self._files(batch)}",
                (self.epoch, batch),
            )

    def _look_at_weights(self, batch):
        """After the last step of an epoch there is none that would notice."""
        for name in self.model.translator_networks:
            weights = getattr(self.model, name).weights
            total = sum(ops.sum(ops.cast(w, "float32")) for w in weights)
            if not np.isfinite(float(ops.convert_to_numpy(total))):
                raise NotFinite(
                    f"{self._where(batch)}: weights of {name} became infinite "
                    f"or no numbers.{self._files(batch)}",
                    (self.epoch, batch),
                )

    def _scales(self, player):
        return isinstance(
            self.model.optimizer[player], keras.optimizers.LossScaleOptimizer
        )

    def _player_of(self, name):
        owners = [p for p in self.model.players if name.startswith(f"{p}_")]
        return max(owners, key=len, default=None)

    def _where(self, batch):
        return f"Epoch {self.epoch + 1}, step {batch + 1}"

    def _describe(self, names, logs):
        """What became infinite: losses by name, else gradients."""
        losses = [n for n in names if not n.endswith(f"_{GRADIENT}")]
        if losses:
            return f"the loss {shorten(losses)}"
        player = self._player_of(names[0])
        weighted = {}
        for name, value in (logs or {}).items():
            if self._player_of(name) == player:
                loss = name.removeprefix(f"{player}_")
                weight = self.model.loss_weight(player, loss)
                weighted[loss] = float(weight) * float(value)
        largest = max(weighted, key=lambda n: abs(weighted[n]), default=None)
        if largest is None:
            return f"the gradient of {player!r}"
        return (
            f"the gradient of {player!r}, whose largest loss is "
            f"{player}_{largest}, {weighted[largest]:.3g} with its weight,"
        )

    def _files(self, batch):
        source = self.model.training_source
        if source is None:
            return ""
        epoch = self.epoch + (self.model.data_order << 32)
        return f" The batch: {', '.join(source.files_of(epoch, batch))}."

    def _write(self, words):
        if self.resume is None or backend.host_index():
            return
        path = self.resume.path.with_name(FILE)
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S %z')}  {words}\n")
