"""Versions published while a model is served, the exporter killed in some.

    python -m tests.long.publishing --versions 30 --killed 10 --rate 20

Row 5 of "What comes from strangers". Requests go to the stand-in server all
the time, by REST and by gRPC in turns; each answer has to be that of one of
the two models which are published in turns. Killed exporters die at a random
moment of their writing. Slow machines reach a lower rate, which is told:
requests wait for their turn, none is left out.
"""

import argparse
import itertools
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import keras

from keras_gan_translate import create_model
from tests.export.files import SIZE, artefact
from tests.serving.process import ROOT, running_server
from tests.serving.traffic import Traffic, are_equal, encode, some_photos

SEEDS = 5, 6
AT_ONCE = 8  # requests on their way
# Writes a version of the model of a seed for each line that it reads.
EXPORTER = """
import sys
from keras_gan_translate.export import saved_model
from keras_gan_translate.export.network import translator_network
from tests.export.files import spec_of
from tests.long.publishing import model_of
for line in sys.stdin:
    model = model_of(int(line))
    print("begins", flush=True)
    saved_model.write(translator_network(model), spec_of(model), sys.argv[1])
    print("written", flush=True)
"""


def model_of(seed):
    """A tiny model with the weights of a seed."""
    keras.utils.set_random_seed(seed)
    return create_model("cyclegan", image_size=SIZE, filters=4, num_blocks=1)


class Asking:
    """Requests at a rate, until it is left."""

    def __init__(self, traffic, photo, answers, rate):
        self.sends = itertools.cycle([traffic.rest_files, traffic.grpc_files])
        self.file, self.answers = encode(photo), answers
        self.pause, self.ended = 1 / rate, threading.Event()
        self.lock, self.due = threading.Lock(), time.monotonic()
        self.seconds, self.wrong, self.last = [], [], None
        self.threads = [
            threading.Thread(target=self._ask) for _ in range(AT_ONCE)
        ]

    def _ask(self):
        while not self.ended.is_set():
            with self.lock:  # one after the other takes the next moment
                send = next(self.sends)
                now = time.monotonic()
                self.due = max(self.due + self.pause, now - 1)
                wait = self.due - now
            if wait > 0:
                time.sleep(wait)
            began = time.monotonic()
            try:
                status, images = send([self.file])
            except Exception as error:  # no answer at all
                status, images = type(error).__name__, str(error)
            seconds = time.monotonic() - began
            known = status is None and any(
                are_equal(images, [answer]) for answer in self.answers
            )
            with self.lock:
                self.seconds.append(seconds)
                if known:
                    self.last = images
                else:
                    self.wrong.append(f"{status}: {str(images)[:200]}")

    def __enter__(self):
        self.began = time.monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        self.took = time.monotonic() - self.began

    def sees(self, answer, patience=120):
        """Waits until the answer of a version comes; whether it does."""
        for _ in range(10 * patience):
            if self.last is not None and are_equal(self.last, [answer]):
                return True
            time.sleep(0.1)
        return False


class Exporter:
    """A process that writes versions, and another one when it is killed."""

    def __init__(self, path):
        self.path, self.process = path, None

    def begin(self, seed):
        """Lets it write, and returns once it begins."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-c", EXPORTER, str(self.path)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
            )
        self.process.stdin.write(f"{seed}\n")
        self.process.stdin.flush()
        self._read("begins")

    def finish(self):
        self._read("written")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def _read(self, word):
        line = self.process.stdout.readline().strip()
        if line != word:
            raise RuntimeError(f"The exporter said {line!r}, not {word!r}.")


def versions(path):
    """{number: names of its files} of the versions that are there."""
    return {
        int(version.name): {
            str(file.relative_to(version))
            for file in version.rglob("*")
            if file.stat().st_size
        }
        for version in path.iterdir()
        if version.name.isdecimal()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", type=int, default=30)
    parser.add_argument("--killed", type=int, default=10)
    parser.add_argument("--rate", type=float, default=20, help="per second")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.killed >= options.versions:
        parser.error("some version has to be written: fewer killed, please.")
    chance = random.Random(options.seed)
    # Not the first: moments are drawn from how long the last one took.
    later = range(1, options.versions)
    killed = set(chance.sample(later, options.killed))
    (photo,) = some_photos(1)
    answers = [model_of(seed).translate(photo) for seed in SEEDS]
    unseen = 0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "tiny"
        shutil.copytree(artefact("tiny"), path)
        exporter, took = Exporter(path), None
        with running_server(path) as server:
            traffic = Traffic("tiny", [], server.rest, server.grpc)
            with Asking(traffic, photo, answers, options.rate) as asking:
                for i in range(options.versions):
                    # Another one than is served: that is of the first seed.
                    which = len(versions(path)) % len(SEEDS)
                    exporter.begin(SEEDS[which])
                    began = time.monotonic()
                    if i in killed:
                        time.sleep(chance.uniform(0, took))
                        exporter.kill()
                    else:
                        exporter.finish()
                        took = time.monotonic() - began
                        unseen += not asking.sees(answers[which])
                    print(
                        f"version {i + 1} of {options.versions}"
                        f"{', killed' if i in killed else ''}: "
                        f"{len(asking.seconds)} requests, "
                        f"{len(asking.wrong)} failed",
                        flush=True,
                    )
            alive = server.is_alive()
        written = versions(path)
        half = [n for n, files in written.items() if files != written[1]]
    seconds = sorted(asking.seconds)
    for words in asking.wrong[:10]:
        print(words)
    print(
        f"{len(seconds)} requests in {asking.took:.0f} s, "
        f"{len(seconds) / asking.took:.1f} a second; {len(asking.wrong)} "
        f"failed; median {1e3 * seconds[len(seconds) // 2]:.0f} ms, slowest "
        f"{1e3 * seconds[-1]:.0f} ms; {options.versions} versions, "
        f"{len(killed)} killed, {len(written) - 1} whole, {len(half)} half "
        f"written; {unseen} never answered; server alive: {alive}"
    )
    return 0 if alive and not (asking.wrong or unseen or half) else 1


if __name__ == "__main__":
    sys.exit(main())
