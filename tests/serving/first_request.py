"""How long the first request waits, with the warm-up requests and without.

    python -m tests.serving.first_request saved_models/anime/anime

starts the stand-in server twice, the second time without the export's
warm-up requests, and sends requests to it one after another.
"""

import argparse
import pathlib
import shutil
import statistics
import tempfile

from keras_gan_translate.export.artefacts import open_artefact
from keras_gan_translate.export.saved_model import EXTRA, WARM_UP
from tests.serving.process import running_server
from tests.serving.traffic import Traffic, some_photos


def seconds_of_requests(base_path, requests, photo):
    """Seconds of every request, each of the same image file over REST."""
    name = base_path.name
    photos = [(photo, open_artefact(base_path).translate(photo[None])[0])]
    with running_server(base_path, name) as server:
        traffic = Traffic(name, photos, server.rest, server.grpc)
        request = next(traffic.good())
        seconds, wrong = zip(*[request.run() for _ in range(requests)])
    if any(wrong):
        raise RuntimeError(f"A request failed: {max(wrong)}.")
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base_path", type=pathlib.Path)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--image-size", type=int, default=256)
    arguments = parser.parse_args()

    (photo,) = some_photos(1, arguments.image_size)
    with tempfile.TemporaryDirectory() as folder:
        cold = pathlib.Path(folder, arguments.base_path.name)
        shutil.copytree(arguments.base_path, cold)
        for file in cold.glob(f"*/{EXTRA}/{WARM_UP}"):
            file.write_bytes(b"")  # no records
        for words, path in ("with", arguments.base_path), ("without", cold):
            first, *others = seconds_of_requests(
                path, arguments.requests, photo
            )
            median = statistics.median(others)
            print(
                f"{words} warm-up requests: the first took {first:.3f} s, "
                f"{first / median:.2f} of the median of the next "
                f"{len(others)}, {median:.3f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
