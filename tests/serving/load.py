"""Many requests at once, a tenth of them bad, and what became of them.

    python -m tests.serving.load saved_models/anime/anime --rounds 20

starts the stand-in server and prints a line for every round.
"""

import argparse
import concurrent.futures
import itertools
import pathlib
import random
import statistics
import threading
import time

from keras_gan_translate.export.artefacts import open_artefact
from tests.serving.process import running_server
from tests.serving.traffic import Traffic, some_photos

WARM_UP = 2  # rounds, in which threads start and pools fill


def requests_of_a_round(traffic, count, seed):
    """A tenth of them bad, in an order of chance.

    Returns:
        Two lists of `Request`, the good and the bad.
    """
    chance = random.Random(seed)
    good, bad = list(traffic.good()), list(traffic.bad())
    chance.shuffle(good)
    chance.shuffle(bad)
    bad = list(itertools.islice(itertools.cycle(bad), count // 10))
    return list(itertools.islice(itertools.cycle(good), count - len(bad))), bad


def send_at_once(requests):
    """Sends all requests at the same moment, each from a thread of its own.

    Returns:
        List of seconds and list of what was wrong.
    """
    barrier = threading.Barrier(len(requests))

    def send(request):
        barrier.wait()
        return request.run()

    with concurrent.futures.ThreadPoolExecutor(len(requests)) as threads:
        seconds, wrong = zip(*threads.map(send, requests))
    return list(seconds), [words for words in wrong if words]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base_path", type=pathlib.Path)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--image-size", type=int, default=64)
    arguments = parser.parse_args()

    name = arguments.base_path.name
    artefact = open_artefact(arguments.base_path)
    photos = [
        (photo, artefact.translate(photo[None])[0])
        for photo in some_photos(40, arguments.image_size)
    ]
    memory, failures, count = [], 0, arguments.requests
    with running_server(arguments.base_path, name) as server:
        traffic = Traffic(name, photos, server.rest, server.grpc)
        for round in range(arguments.rounds):
            good, bad = requests_of_a_round(traffic, count, round)
            start = time.perf_counter()
            seconds, wrong = send_at_once(good + bad)
            took = time.perf_counter() - start
            memory.append(server.memory() / 2**20)
            failures += len(wrong)
            print(
                f"round {round}: {len(good)} good, {len(bad)} bad, "
                f"{len(wrong)} wrong, {took:.1f} s, median "
                f"{statistics.median(seconds):.2f} s, {memory[-1]:.0f} MiB",
                *wrong,
                sep="\n  ",
                flush=True,
            )
    tenth = max(1, len(memory) // 10)
    before, after = memory[WARM_UP:][:tenth], memory[-tenth:]
    print(
        f"{count * len(memory)} requests, {failures} wrong; memory "
        f"{statistics.median(before):.0f} MiB after {WARM_UP} rounds, "
        f"{statistics.median(after):.0f} MiB at the end"
    )


if __name__ == "__main__":
    main()
