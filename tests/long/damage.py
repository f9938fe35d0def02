"""Flips and cuts of the newest checkpoint: all are noticed.

    python -m tests.long.damage --count 200

Row 3 of the issue, row 19 of the acceptance list. Each damaged file is
resumed from as training does; what is restored must be the one before.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile

import numpy as np

from keras_gan_translate.callbacks import Resume
from keras_gan_translate.engine.state import take_state
from tests.damage import damages
from tests.toys import Toy, batch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp())
    model = Toy()
    model.compile(ema_momentum=0.9)
    model.fit(batch(), epochs=3, verbose=0, callbacks=[Resume(folder)])
    path = folder / "last.weights.h5"
    content = path.read_bytes()
    path.unlink()
    resume = Resume(folder)
    resume.set_model(model)
    resume.release()
    before = take_state(model)
    noticed = right = 0
    for what, changed in damages(content, options.count, options.seed):
        path.write_bytes(changed)
        for variable in model.variables + model.optimizer.variables:
            variable.assign(np.zeros(variable.shape))
        resume = Resume(folder)
        resume.set_model(model)
        resume.release()
        found = Resume.find(folder)
        noticed += len(found.damaged) == 1 and found.epoch == 2
        state = take_state(model)
        same = all(
            np.array_equal(state[name], before[name])
            for name in before
            if "loss_means" not in name
        )
        right += same
        if not same:
            print("DIFFERENT after", what)
    print(
        f"{noticed} of {options.count} flips and cuts noticed; {right} resumed"
        f" from the checkpoint before, bit-equal; {len(content):,} bytes"
    )
    shutil.rmtree(folder)
    sys.exit(noticed != options.count or right != options.count)


if __name__ == "__main__":
    main()
