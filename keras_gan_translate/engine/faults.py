"""Losses and gradients that are not numbers any more."""

import keras
import numpy as np
from keras import ops

from keras_gan_translate.engine.loss_means import Sometimes

GRADIENT = "gradient"  # a player's: no loss is called so


class NotFinite(ValueError):
    """Training has left the numbers: a loss, a gradient or a weight.

    Attributes:
        place: (epoch, batch in it), from 0, that it was seen in.
        final: going back would lead here again.
    """

    def __init__(self, words, place, final=False):
        super().__init__(words)
        self.place, self.final = place, final


class Faults(keras.metrics.Metric):
    """Counts on the device how often what was seen, and was not finite.

    Nothing waits for it: a step returns the counts of the epoch so far, and
    who reads them a step later finds them there.
    """

    capacity = 64

    def __init__(self, name="faults"):
        super().__init__(name=name)
        self.slots = {}
        # Row 0: how often it was looked at; row 1: how often not finite.
        self.counts = self.add_variable(
            (2, self.capacity), "zeros", name="counts"
        )

    def note_losses(self, losses):
        """Looks at one step's losses: scalars, or `Sometimes`."""
        pairs = {
            name: loss if isinstance(loss, Sometimes) else Sometimes(loss, 1.0)
            for name, loss in losses.items()
        }
        self._note(pairs)

    def note_gradients(self, player, gradients):
        """Looks at the gradients of one player's step: a list of tensors."""
        # A sum of what is not finite is not finite, and costs one pass.
        sums = [
            ops.sum(ops.cast(getattr(one, "values", one), "float32"))
            for one in gradients
            if one is not None
        ]
        name = f"{player}_{GRADIENT}"
        self._note({name: Sometimes(ops.sum(ops.stack(sums)), 1.0)})

    def result(self):
        return {}

    def _note(self, pairs):
        for name in pairs:
            self.slots.setdefault(name, len(self.slots))
        slots = [self.slots[name] for name in pairs]
        mask = np.zeros((len(slots), self.capacity), "float32")
        mask[range(len(slots)), slots] = 1.0
        values = ops.stack([ops.stop_gradient(v) for v, _ in pairs.values()])
        seen = ops.stack([ops.cast(w, "float32") for _, w in pairs.values()])
        bad = ops.cast(ops.logical_not(ops.isfinite(values)), "float32")
        counts = ops.matmul(ops.stack([seen, seen * bad]), mask)
        self.counts.assign_add(counts)
