"""What `fit` shows: means of the epoch, by name."""

import typing

import keras
import numpy as np
from keras import ops

SUM = "loss of "  # before a player's name: its slot


class Sometimes(typing.NamedTuple):
    """A loss that counts only where its player has had its turn.

    Attributes:
        value: scalar.
        weight: 1.0 where it counts, else 0.0.
    """

    value: object
    weight: object


class LossMeans(keras.metrics.Metric):
    """Running means of whatever losses a step reports, by name.

    Names become known when a step is traced, too late to create variables
    under JAX: the variables are two vectors, and names are slots of them.
    "loss" is the sum of the means of the players' weighted sums.
    """

    capacity = 64

    def __init__(self, name="loss_means"):
        super().__init__(name=name)
        self.slots = {}
        self.totals = self.add_variable(
            (self.capacity,), "zeros", name="totals"
        )
        self.counts = self.add_variable(
            (self.capacity,), "zeros", name="counts"
        )

    def update(self, losses, sums):
        """Adds one step's losses; returns the means of the same names.

        Args:
            losses: dict of scalars, or of `Sometimes`.
            sums: dict of the players' weighted sums of them, the same.

        Returns:
            Dict of scalars, with "loss".
        """
        losses = losses | {
            SUM + player: value for player, value in sums.items()
        }
        for name in losses:
            self.slots.setdefault(name, len(self.slots))
        if len(self.slots) > self.capacity:
            raise ValueError(
                f"A model reports {self.capacity} losses at most. Received: "
                f"{sorted(self.slots)}."
            )
        slots = [self.slots[name] for name in losses]
        mask = np.zeros((len(slots), self.capacity), "float32")
        mask[range(len(slots)), slots] = 1.0
        pairs = [
            loss if isinstance(loss, Sometimes) else Sometimes(loss, 1.0)
            for loss in losses.values()
        ]
        values = ops.stack([ops.stop_gradient(v) for v, _ in pairs])
        weights = ops.stack([ops.cast(w, "float32") for _, w in pairs])
        # Not a product with the mask: one NaN would make all of them NaN.
        values = ops.where(mask > 0.0, (values * weights)[:, None], 0.0)
        self.totals.assign_add(ops.sum(values, axis=0))
        self.counts.assign_add(ops.matmul(weights, mask))
        means = self.totals / ops.maximum(self.counts, 1.0)
        return _with_total({name: means[self.slots[name]] for name in losses})

    def result(self):
        counts = ops.convert_to_numpy(self.counts)
        totals = ops.convert_to_numpy(self.totals)
        return _with_total(
            {
                name: float(totals[slot] / counts[slot])
                for name, slot in self.slots.items()
                if counts[slot]
            }
        )


def _with_total(means):
    """The means, and their total in the place of the players' sums."""
    shown = {k: v for k, v in means.items() if not k.startswith(SUM)}
    sums = [v for k, v in means.items() if k.startswith(SUM)]
    return {"loss": sum(sums)} | shown if sums else shown
