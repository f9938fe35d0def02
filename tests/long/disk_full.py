"""A disk that fills up during a save; needs the right to mount a tmpfs.

    python -m tests.long.disk_full --rounds 10

Row 6 of the issue, row 8 of the acceptance list.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

import keras
import numpy as np

from keras_gan_translate.callbacks import Resume
from keras_gan_translate.engine import state_file
from tests.toys import Toy, batch, network

SIZE = 8  # MiB of the disk; a checkpoint takes about 1


class Wide(Toy):
    """A generator of some size."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        image = keras.Input((None, None, 3))
        x = keras.layers.Conv2D(1500, 3, padding="same")(image)
        x = network(1500, 3, "inner")(x)
        self.generator = keras.Model(image, x, name="generator")


def fill(folder, left):
    """Fills a disk but for some bytes."""
    free = shutil.disk_usage(folder).free
    (folder / "filling").write_bytes(bytes(max(0, free - left)))


def leaves(folder):
    with state_file.opened(folder / "last.weights.h5") as (_, index, read):
        return {entry["name"]: read(i) for i, entry in enumerate(index)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    disk = pathlib.Path(tempfile.mkdtemp())
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(disk)]
    if subprocess.run(mount).returncode:
        sys.exit("not measured: no right to mount a tmpfs")
    kept = told = 0
    try:
        run = disk / "run"
        model = Wide()
        model.compile()
        model.fit(batch(), epochs=1, verbose=0, callbacks=[Resume(run)])
        size = (run / "last.weights.h5").stat().st_size
        for number in range(rounds):
            before = leaves(run)
            # Half of the rounds fill up while the file is being written: what
            # looks before is told that there is room.
            write = state_file.write

            def filled(path, *args, left=int(size * number / rounds)):
                fill(disk, left)
                write(path, *args)

            if number % 2:
                state_file.write = filled
            else:
                fill(disk, int(size * number / rounds))
            again = Wide()
            again.compile()
            try:
                again.fit(batch(), epochs=9, verbose=0, callbacks=[Resume(run)])
            except OSError as error:
                told += "MiB" in str(error) and "free" in str(error)
                print(error, flush=True)
            finally:
                state_file.write = write
            (disk / "filling").unlink()
            after = leaves(run)
            kept += all(np.array_equal(after[n], before[n]) for n in before)
            kept -= any(path.name[0] == "." for path in run.iterdir())
        print(f"{kept} of {rounds} last checkpoints survived, {told} told")
    finally:
        subprocess.run(["umount", "-l", str(disk)])
        disk.rmdir()
    sys.exit(kept != rounds or told != rounds)


if __name__ == "__main__":
    main()
