"""Two hosts are one; a host is killed, and the same commands go on.

    KERAS_BACKEND=jax python -m tests.long.hosts --kills 10

Two processes that train together over the loopback interface give the losses
and the weights of one. Then one of them gets SIGKILL or SIGTERM at a random
moment, again and again: all end within a minute, the others in words, host 0
with its step saved on SIGTERM; and both commands, started again, go on. The
last time one process goes on alone.
"""

import argparse
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import numpy as np

EPOCHS, STEPS, SAVED_EVERY = 3, 20, 5
SECONDS = 60  # until all hosts have ended, when one is lost


def train(folder, log, hosts=1, index=0, port=0, dies_at=0):
    """Trains a toy on, to the end; on one of several hosts, or alone."""
    import keras

    import keras_gan_translate as kgt
    from tests.toys import Stateful

    class Log(keras.callbacks.Callback):
        """Writes 'step loss loss ...' of each step; may kill its process."""

        def on_epoch_begin(self, epoch, logs=None):
            self.epoch = epoch

        def on_train_batch_end(self, batch, logs=None):
            step = self.epoch * STEPS + batch + 1
            losses = " ".join(float(logs[name]).hex() for name in sorted(logs))
            with open(log, "a") as file:
                file.write(f"{step} {losses}\n")
            if step == dies_at:
                os.kill(os.getpid(), signal.SIGKILL)

    address = f"127.0.0.1:{port}" if hosts > 1 else None
    with kgt.devices(hosts=hosts, host_index=index, coordinator=address):
        keras.utils.set_random_seed(5)
        draws = np.random.default_rng(0)
        count = 4 * STEPS
        a, b = (
            draws.integers(0, 256, (n, 12, 12, 3), "uint8")
            for n in (count, count - 5)
        )
        dataset = kgt.data.from_arrays(a, b, image_size=8, batch_size=4, seed=3)
        model = Stateful()
        model.compile(keras.optimizers.SGD(1e-2), ema_momentum=0.9)
        resume = kgt.callbacks.Resume(folder, steps=SAVED_EVERY)
        callbacks = [kgt.callbacks.KeepFinite(resume), Log(), resume]
        model.fit(dataset, epochs=EPOCHS, verbose=0, callbacks=callbacks)


def start(base, name, hosts, dies_at=()):
    """Starts the processes of a training; they write into `base / name`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    dies_at = {index: 0 for index in range(hosts)} | dict(dies_at)
    return [
        subprocess.Popen(
            [sys.executable, "-m", "tests.long.hosts", "--train"]
            + [str(base / name), str(base / f"{name}.{index}.log")]
            + [str(n) for n in (hosts, index, port, dies_at[index])],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for index in range(hosts)
    ]


def ended(processes):
    """Waits for all: their exit codes, and what they said."""
    said = [process.communicate()[1] for process in processes]
    return [process.returncode for process in processes], said


def losses(log):
    """{step: losses} of a log; of steps that were repeated, the last."""
    lines = pathlib.Path(log).read_text().split("\n")[:-1]
    rows = (line.split(" ") for line in lines)
    return {int(step): list(map(float.fromhex, row)) for step, *row in rows}


def leaves(folder):
    """{name: array} of the last checkpoint."""
    from keras_gan_translate.engine import state_file

    path = pathlib.Path(folder) / "last.weights.h5"
    with state_file.opened(path) as (_, index, read):
        return {entry["name"]: read(i) for i, entry in enumerate(index)}


def apart(one, other):
    """The largest relative difference between two logs' losses."""
    assert one.keys() == other.keys()
    return max(
        abs(x - y) / max(abs(x), 1e-3)
        for step in one
        for x, y in zip(one[step], other[step], strict=True)
    )


def end_one(base, name, rng):
    """Ends a host at a random moment; seconds until all have, and if well."""
    processes = start(base, name, 2)
    log = base / f"{name}.0.log"
    known = log.stat().st_size if log.exists() else 0
    while all(process.poll() is None for process in processes) and (
        not log.exists() or log.stat().st_size == known
    ):
        time.sleep(0.01)
    time.sleep(rng.random())
    victim = rng.choice([0, 1])
    number = rng.choice([signal.SIGKILL, signal.SIGTERM])
    processes[victim].send_signal(number)
    began = time.monotonic()
    codes, said = ended(processes)
    seconds = time.monotonic() - began
    words = [text.splitlines()[-1:] for text in said]
    print(
        f"  {number.name} of host {victim}: {seconds:.1f} s, {codes}, {words}"
    )
    if number == signal.SIGTERM:  # host 0 saves, whoever it was sent to
        return seconds, codes[0] in (0, 143)
    other = 1 - victim
    in_words = "host is gone" in said[other] or "unhealthy" in said[other]
    return seconds, in_words or codes[other] == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--train", nargs=6, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train:
        folder, log, *numbers = options.train
        train(folder, log, *map(int, numbers))
        return 0
    rng = random.Random(options.seed)
    base = pathlib.Path(tempfile.mkdtemp())
    for name, hosts in (("one", 1), ("two", 2)):
        codes, said = ended(start(base, name, hosts))
        assert not any(codes), said
    one, two = losses(base / "one.0.log"), losses(base / "two.0.log")
    far = apart(one, two)
    same = sum(one[step] == two[step] for step in one)
    print(f"two hosts and one: {far:.1e} apart, {same} of {len(one)} equal")
    good, slowest = 0, 0.0
    for _ in range(options.kills):
        seconds, well = end_one(base, "killed", rng)
        slowest = max(slowest, seconds)
        good += seconds < SECONDS and well
    shutil.copytree(base / "killed", base / "alone")
    codes, said = ended(start(base, "killed", 2))
    assert not any(codes), said
    codes, said = ended(start(base, "alone", 1))
    assert not any(codes), said
    expected = leaves(base / "two")
    equal = all(
        np.array_equal(array, expected[name])
        for name, array in leaves(base / "killed").items()
    )
    alone = max(
        np.abs(array.astype("float64") - expected[name]).max(initial=0.0)
        for name, array in leaves(base / "alone").items()
    )
    print(
        f"{good} of {options.kills} ends of a host ended all as promised, "
        f"the slowest after {slowest:.1f} s; the training that was killed is "
        f"{'bit-equal' if equal else 'NOT equal'} to the one that was not; "
        f"one host that went on alone is {alone:.1e} apart in its weights"
    )
    shutil.rmtree(base)
    return int(good != options.kills or not equal or far > 1e-5)


if __name__ == "__main__":
    sys.exit(main())
