"""Training for a given time instead of a number of steps."""

from __future__ import annotations

import time

import keras


class TimeLimit(keras.callbacks.Callback):
    """Ends training after a given time, with a schedule to match.

    The learning rates of all players stay as compiled for the first half of
    the time, then fall linearly to zero, epoch by epoch: the papers' schedule
    by the clock, on a machine of any speed. Use short epochs.

    Args:
        seconds: wall-clock time, tracing and compiling included. At least one
            epoch is trained.

    Raises:
        ValueError: while training, if an optimizer has a schedule already.
    """

    def __init__(self, seconds: float):
        super().__init__()
        self.seconds = seconds

    @property
    def elapsed(self):
        """Share of the time that is over, in [0, 1]."""
        return min(1.0, (time.monotonic() - self.start) / self.seconds)

    def on_train_begin(self, logs=None):
        self.start = time.monotonic()
        self.rates = {}
        for player, optimizer in self.model.optimizer.players.items():
            config = optimizer.get_config()
            if isinstance(config.get("learning_rate"), dict):
                raise ValueError(
                    "TimeLimit sets the learning rate, but the optimizer of "
                    f"{player!r} has a schedule of its own: compile with an "
                    "optimizer whose learning_rate is a number."
                )
            self.rates[player] = float(optimizer.learning_rate)

    def on_epoch_begin(self, epoch, logs=None):
        factor = min(1.0, 2.0 * (1.0 - self.elapsed))
        for player, rate in self.rates.items():
            self.model.optimizer[player].learning_rate = rate * factor

    def on_train_batch_end(self, batch, logs=None):
        if self.elapsed >= 1.0:
            self.model.stop_training = True
