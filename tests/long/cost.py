"""What noticing and saving cost.

    python -m tests.long.cost --image-size 256

Rows 1 and 4 of the issue. The shortest step with and without looking for
what is not finite, in turns, because other processes only make steps longer;
and the steps in which a checkpoint is written beside the others.
"""

import argparse
import pathlib
import statistics
import tempfile
import time

import keras
import numpy as np

from keras_gan_translate import CycleGAN
from keras_gan_translate.callbacks import Resume
from keras_gan_translate.engine.faults import Faults


class Clock(keras.callbacks.Callback):
    """The time of every step, and whether a checkpoint came before."""

    def __init__(self, resume=None):
        super().__init__()
        self.resume, self.times, self.after = resume, [], []

    def on_train_batch_begin(self, batch, logs=None):
        self.after.append(self.resume is not None and self.resume.writing)
        self.begun = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        # What a step returns is fetched, so that it has really ended.
        [float(value) for value in logs.values()]
        self.times.append(time.perf_counter() - self.begun)


def train(options, looking, folder=None):
    kept = Faults.note_losses, Faults.note_gradients
    if not looking:
        Faults.note_losses = Faults.note_gradients = lambda *args: None
    try:
        model = CycleGAN(image_size=options.image_size)
        model.compile()
        random = np.random.default_rng(0)
        size = options.image_size
        data = {
            name: random.uniform(-1, 1, (options.steps, size, size, 3))
            for name in "ab"
        }
        data = {name: x.astype("float32") for name, x in data.items()}
        resume = folder and Resume(folder, steps=options.every)
        clock = Clock(resume)
        model.fit(
            data,
            batch_size=1,
            shuffle=False,
            verbose=0,
            callbacks=[clock, *([resume] if resume else [])],
        )
    finally:
        Faults.note_losses, Faults.note_gradients = kept
    return clock


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--image-size", type=int, default=256)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--every", type=int, default=40, help="steps from save to save"
    )
    options = parser.parse_args()
    shortest = {False: [], True: []}
    for _ in range(options.rounds):
        for looking in shortest:
            times = train(options, looking).times[5:]
            shortest[looking].append(min(times))
    without, with_it = min(shortest[False]), min(shortest[True])
    print(
        f"CycleGAN at {options.image_size}, batch 1, "
        f"{keras.backend.backend()}: a step takes {1e3 * without:.2f} ms, with "
        f"looking {1e3 * with_it:.2f} ms, {100 * (with_it / without - 1):+.2f} "
        f"%; all: {shortest}"
    )
    with tempfile.TemporaryDirectory() as folder:
        clock = train(options, True, pathlib.Path(folder))
    pairs = list(zip(clock.times, clock.after))[9:]
    during = [t for t, after in pairs if after]
    others = [t for t, after in pairs if not after]
    if during and others:
        ratio = statistics.median(during) / statistics.median(others) - 1
        print(
            f"steps while a checkpoint is written: {100 * ratio:+.2f} % "
            f"({len(during)} of them, {len(others)} others)"
        )


if __name__ == "__main__":
    main()
