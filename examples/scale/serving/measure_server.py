r"""How long a served model takes for a request: alone, and under load.

    python measure_server.py photo.jpg --model anime --sizes 256,512 \
      --out times.json
    python measure_server.py photo.jpg --model anime --rate 6 --seconds 60

Asks a TensorFlow Serving, or the load balancer before several, over REST.
First come requests that are alone, of every size; what they took goes into
`times.json`, which `load_model.py` reads. With `--rate` requests are then sent
at moments of chance, whether or not earlier ones are answered, as people do;
the seconds count from the moment at which a request should have been sent.
Needs Pillow and NumPy, and `load_model.py` beside it.
"""

import argparse
import base64
import concurrent.futures
import http.client
import io
import json
import pathlib
import sys
import time
import urllib.parse

import numpy as np
from load_model import Load, percentiles, read_mix
from PIL import Image, ImageOps

TIMEOUT = 300  # seconds
AT_ONCE = 512  # open requests, more than a server should ever have


def bodies_of(photo, sizes, together=(1,)):
    """Size -> images together -> body of a request.

    Args:
        photo: path of an image.
        sizes: pixels of a side.
        together: counts of images in a request.
    """
    image = ImageOps.exif_transpose(Image.open(photo)).convert("RGB")
    bodies = {}
    for size in sizes:
        file = io.BytesIO()
        ImageOps.fit(image, (size, size)).save(file, "JPEG", quality=95)
        value = {"b64": base64.b64encode(file.getvalue()).decode()}
        bodies[str(size)] = {
            count: json.dumps(
                {
                    "signature_name": "serving_bytes",
                    "instances": count * [value],
                }
            ).encode()
            for count in together
        }
    return bodies


class Server:
    """A served model.

    Args:
        url: "http://host:port".
        model: its name.
    """

    def __init__(self, url, model):
        address = urllib.parse.urlsplit(url)
        if address.scheme != "http" or not address.hostname:
            raise ValueError(f"--url is http://HOST:PORT. Received: {url}")
        self.host, self.port = address.hostname, address.port or 80
        self.path = f"{address.path.rstrip('/')}/v1/models/{model}"

    def seconds(self, body=None, since=None):
        """Seconds of a request; an error in words if it is refused.

        Args:
            body: bytes; None asks for the model's status and nothing else.
            since: moment of `time.perf_counter` from which they count.
        """
        since = time.perf_counter() if since is None else since
        link = http.client.HTTPConnection(self.host, self.port, TIMEOUT)
        try:
            if body is None:
                link.request("GET", self.path)
            else:
                link.request("POST", f"{self.path}:predict", body)
            response = link.getresponse()
            answer = response.read()
        finally:
            link.close()
        if response.status != 200:
            words = answer[:500].decode(errors="replace")
            raise RuntimeError(f"{response.status} of {self.path}: {words}")
        return time.perf_counter() - since

    def alone(self, bodies, repeats):
        """Seconds of requests, one after the other.

        Returns:
            Size -> images together -> list of seconds.
        """
        seconds = {s: {n: [] for n in of_size} for s, of_size in bodies.items()}
        # By turns, so that a slow minute meets all alike.
        for _ in range(repeats):
            for size, of_size in bodies.items():
                for count, body in of_size.items():
                    seconds[size][count].append(self.seconds(body))
        return seconds

    def away(self, repeats):
        """List of the seconds in which the server does nothing."""
        return [self.seconds() for _ in range(repeats)]

    def under_load(self, bodies, requests):
        """Seconds of requests that come when they come.

        Args:
            bodies: as of `bodies_of`; one image each is sent.
            requests: (seconds of arrival, sizes), as of `Load.requests`.

        Returns:
            Array of seconds.
        """
        start = time.perf_counter() + 0.1
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as threads:
            sent = []
            for moment, size in zip(*requests):
                due = start + moment
                time.sleep(max(0.0, due - time.perf_counter()))
                body = bodies[str(size)][1]
                sent.append(threads.submit(self.seconds, body, due))
            return np.array([one.result() for one in sent])


def whole_numbers(text):
    """'256,512' as a list."""
    return [int(part) for part in text.split(",")]


def main():
    """Reads the command line and does what it says."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("photo", type=pathlib.Path)
    parser.add_argument("--model", required=True, help="name it is served as")
    parser.add_argument("--url", default="http://localhost:8501")
    parser.add_argument("--sizes", type=whole_numbers, default=[256])
    parser.add_argument("--together", type=whole_numbers, default=[1])
    parser.add_argument("--repeats", type=int, default=20, help="alone")
    parser.add_argument("--rate", type=float, help="requests per second")
    parser.add_argument("--seconds", type=float, default=60, help="of load")
    parser.add_argument("--burstiness", type=float, default=1.0)
    parser.add_argument("--mix", type=read_mix, help="default: all alike")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=pathlib.Path, help="JSON file")
    options = parser.parse_args()
    try:
        server = Server(options.url, options.model)
        bodies = bodies_of(options.photo, options.sizes, {1, *options.together})
        server.alone(bodies, 1)
        facts = {
            "seconds": server.alone(bodies, options.repeats),
            "away": server.away(options.repeats),
        }
        print(f"the server's status: {words(facts['away'])}")
        for size, of_size in facts["seconds"].items():
            for count, seconds in of_size.items():
                print(f"{size} pixels, {count} together: {words(seconds)}")
        if options.rate:
            mix = options.mix or dict.fromkeys(bodies, 1.0)
            load = Load(options.rate, mix, options.burstiness)
            count = max(1, round(options.rate * options.seconds))
            requests = load.requests(count, np.random.default_rng(options.seed))
            seconds = server.under_load(bodies, requests)
            facts["load"] = {"rate": options.rate} | percentiles(seconds)
            print(f"{count} requests, {options.rate:g}/s: {words(seconds)}")
    except (OSError, RuntimeError, ValueError) as error:
        sys.exit(str(error))
    if options.out:
        options.out.write_text(json.dumps(facts, indent=1))


def words(seconds):
    """Percentiles in words."""
    figures = percentiles(seconds).items()
    return ", ".join(f"{name} {value:.3f} s" for name, value in figures)


if __name__ == "__main__":
    main()
