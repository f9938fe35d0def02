"""Kills and signals at random moments; resumed runs are bit-equal.

    python -m tests.long.interruptions --kills 50 --inside 50 --signals 50

Row 4 of the issue, rows 1, 2 and 18 of the acceptance list.
"""

import argparse
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np

from keras_gan_translate.callbacks import Resume
from keras_gan_translate.engine import state_file
from tests.long.training import EPOCHS, SAVED_EVERY, STEPS

ALL = EPOCHS * STEPS
LEAVES = 33  # arrays in a checkpoint of the toy, about


def start(folder, log, *numbers):
    words = [sys.executable, "-m", "tests.long.training", folder, log, *numbers]
    return subprocess.Popen(
        list(map(str, words)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def lines(log):
    """{step: losses} of a log whose last line may be half; as lists."""
    found = {}
    text = log.read_text() if log.exists() else ""
    for line in text.split("\n")[:-1]:
        step, _, losses = line.partition(" ")
        found.setdefault(int(step), []).append(losses)
    return found


def leaves(folder):
    with state_file.opened(folder / "last.weights.h5") as (_, index, read):
        return {entry["name"]: read(i) for i, entry in enumerate(index)}


def place(folder):
    found = Resume.find(folder)
    return found.epoch * STEPS + found.step if found else 0


def interrupt(kind, folder, log, rng):
    """Runs the training and stops it; (steps done before, ends well)."""
    begun = place(folder)
    if kind == "inside":
        process = start(folder, log, 0, 0, rng.randrange(1, 3 * LEAVES))
    elif kind == "signal":
        number = rng.choice([signal.SIGTERM, signal.SIGINT])
        at = rng.randrange(begun + 1, ALL)
        process = start(folder, log, at, int(number))
    else:
        known = log.stat().st_size if log.exists() else 0
        process = start(folder, log)
        while process.poll() is None and (
            not log.exists() or log.stat().st_size == known
        ):
            time.sleep(0.002)  # until the first step is done
        time.sleep(rng.random() * 0.5)
        process.kill()
    _, errors = process.communicate()
    code = process.returncode
    if kind == "signal":
        expected = 143 if number == signal.SIGTERM else -signal.SIGINT
        good = code == expected and place(folder) == at
        if not good:
            print(f"  wanted {expected} at {at}: {code}, {place(folder)}")
            print(errors[-500:])
        return good
    return code in (-signal.SIGKILL, 0)


def main():
    parser = argparse.ArgumentParser()
    for name in ("kills", "inside", "signals"):
        parser.add_argument(f"--{name}", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    kinds = (
        ["kill"] * options.kills
        + ["inside"] * options.inside
        + ["signal"] * options.signals
    )
    rng.shuffle(kinds)
    base = pathlib.Path(tempfile.mkdtemp())
    whole = base / "whole"
    start(whole, base / "whole.log").communicate()
    reference, expected = lines(base / "whole.log"), leaves(whole)
    assert len(reference) == ALL
    good, lost, runs, equal, number = dict.fromkeys(kinds, 0), [], 0, 0, 0
    while number < len(kinds):
        runs += 1
        folder, log = base / f"run{runs}", base / f"run{runs}.log"
        while number < len(kinds) and place(folder) < ALL - 1:
            kind = kinds[number]
            fine = interrupt(kind, folder, log, rng)
            number += 1
            done, resumed = max(lines(log), default=0), place(folder)
            lost.append(done - resumed)
            good[kind] += fine
            print(
                number, kind, "after", done, "goes on at", resumed, flush=True
            )
        start(folder, log).communicate()
        seen, last = lines(log), leaves(folder)
        same = seen.keys() == reference.keys() and all(
            losses == reference[step][0]
            for step, several in seen.items()
            for losses in several
        )
        same = same and all(
            np.array_equal(last[name], expected[name]) for name in expected
        )
        equal += same
        print(f"run {runs}: {'bit-equal' if same else 'DIFFERENT'}", flush=True)
        shutil.rmtree(folder)
    print(
        f"{sum(good.values())} of {len(kinds)} interruptions as promised "
        f"({good}); {equal} of {runs} runs bit-equal in every loss and weight;"
        f" steps lost at most {max(lost)}, a checkpoint every {SAVED_EVERY}"
    )
    shutil.rmtree(base)
    sys.exit(sum(good.values()) != len(kinds) or equal != runs)


if __name__ == "__main__":
    main()
