"""A small training that is interrupted: `python -m tests.long.training`.

Logs the loss of every step, to the last bit, and what a callback can do to
its own process.
"""

import os
import pathlib
import signal
import sys

import keras
import numpy as np

from keras_gan_translate import data
from keras_gan_translate.callbacks import KeepFinite, Resume
from keras_gan_translate.engine import state_file
from tests.toys import Toy

EPOCHS, STEPS, SAVED_EVERY = 10, 30, 20


class Log(keras.callbacks.Callback):
    """Writes 'step loss loss ...' for each; sends itself a signal."""

    def __init__(self, path, at, number):
        super().__init__()
        self.file = open(path, "a", buffering=1)
        self.at, self.number = at, number

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        step = self.epoch * STEPS + batch + 1
        losses = " ".join(float(logs[name]).hex() for name in sorted(logs))
        self.file.write(f"{step} {losses}\n")
        if step == self.at:
            os.kill(os.getpid(), self.number)


def die_within_a_save(which):
    """Kills the process at the n-th array that it writes from now on."""
    write, count = state_file.write, [0]

    class Leaves(dict):
        def items(self):
            for item in super().items():
                count[0] += 1
                if count[0] == which:
                    os.kill(os.getpid(), signal.SIGKILL)
                yield item

    state_file.write = lambda path, leaves, *others: write(
        path, Leaves(leaves), *others
    )


def main(folder, log, at=0, number=0, within=0):
    """Trains on, in a folder, to the end."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    keras.utils.set_random_seed(5)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    if within:
        die_within_a_save(within)
    random = np.random.default_rng(0)
    a, b = (random.integers(0, 256, (n, 72, 72, 3), "uint8") for n in (60, 41))
    dataset = data.from_arrays(a, b, image_size=64, batch_size=2, seed=3)
    model = Toy()
    model.compile(total_steps=EPOCHS * STEPS, ema_momentum=0.9)
    resume = Resume(folder, steps=SAVED_EVERY)
    callbacks = [KeepFinite(resume), Log(log, at, number), resume]
    model.fit(dataset, epochs=EPOCHS, verbose=0, callbacks=callbacks)


if __name__ == "__main__":
    folder, log, *numbers = sys.argv[1:]
    main(pathlib.Path(folder), pathlib.Path(log), *map(int, numbers))
