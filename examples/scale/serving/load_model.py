r"""How long requests wait, and how many replicas it takes that they do not.

    pip install "keras-gan-translate[sizing]"
    python measure_server.py photo.jpg --model anime --sizes 256,512 \
      --out times.json
    python load_model.py times.json --mix 256:0.8,512:0.2 --rate 6 --p95 2

The first line measures how long a request takes that is alone; the second
lets requests arrive at a load balancer and its replicas, in a simulation by
SimPy, and says how long they are under way: with one replica more in every
row, until nineteen of twenty are back in two seconds.

A replica works on some requests at once (`--slots`, of TensorFlow Serving
`--rest_api_num_threads`), the others wait in the order in which they came.
Requests that are worked on side by side share the processor evenly: `--lanes`
of them run as fast as if they were alone. That is one where a request alone
has all cores of the replica, which is TensorFlow's way, and the number of
cores with `--tensorflow_intra_op_parallelism=1`. With `--batch` a replica
puts images of the same size together, as `--enable_batching` does.
"""

import argparse
import dataclasses
import functools
import itertools
import json
import math
import pathlib
import sys

import numpy as np

REQUESTS = 20_000  # simulated
WARM_UP = 0.1  # share of them, while queues fill
BALANCES = ("least", "random", "round robin")
IDLE = 0.005  # utilisation at which more replicas change nothing


@dataclasses.dataclass(frozen=True)
class Load:
    """Requests of one image each.

    Attributes:
        rate: requests per second.
        mix: size -> share of the requests.
        burstiness: squared coefficient of variation of the times between
            them: 0 is a clock, 1 are people who know nothing of each other
            (Poisson), more comes in bursts.
    """

    rate: float
    mix: dict
    burstiness: float = 1.0

    def __post_init__(self):
        if self.rate <= 0 or self.burstiness < 0:
            raise ValueError(
                "The rate is above 0 and the burstiness not below. Received: "
                f"rate={self.rate}, burstiness={self.burstiness}."
            )
        if not self.mix or min(self.mix.values()) < 0 or not self._total:
            raise ValueError(
                "The mix says of sizes what share of the requests they have, "
                f"such as 256:0.8,512:0.2. Received: {self.mix}."
            )

    @property
    def _total(self):
        return sum(self.mix.values())

    def shares(self):
        """Size -> share, summing to one."""
        return {size: part / self._total for size, part in self.mix.items()}

    def requests(self, count, random):
        """(seconds of arrival, sizes), arrays of `count`."""
        gaps = np.full(count, 1 / self.rate)
        if self.burstiness:
            # Of this mean, and of a variance of burstiness / rate**2.
            gaps = random.gamma(
                1 / self.burstiness, self.burstiness / self.rate, count
            )
        shares = self.shares()
        sizes = random.choice(list(shares), count, p=list(shares.values()))
        return np.cumsum(gaps), sizes


@dataclasses.dataclass(frozen=True)
class Replica:
    """A server.

    Attributes:
        slots: requests (or batches) that are worked on at once.
        lanes: of them run at full speed side by side.
        batch: images that are put together at most.
        wait: seconds that the first of a batch waits for others.
    """

    slots: int = 8
    lanes: int = 1
    batch: int = 1
    wait: float = 0.0

    def __post_init__(self):
        if min(self.slots, self.lanes, self.batch) < 1 or self.wait < 0:
            raise ValueError(
                "Slots, lanes and batch are 1 or more, and the wait is not "
                f"negative. Received: {self}."
            )


class ServiceTimes:
    """Seconds that a server works on a request which is alone.

    Args:
        measured: size -> images together -> list of seconds; keys may be
            texts, as in JSON.
        away: seconds of requests that ask for nothing: what the network and
            the client take of every request, while the server works on
            others.
    """

    def __init__(self, measured, away=()):
        self.away = float(np.median(away)) if len(away) else 0.0
        self.measured = {
            str(size): {
                int(count): np.sort(np.asarray(seconds, "float64"))
                for count, seconds in sorted(
                    of_size.items(), key=lambda pair: int(pair[0])
                )
            }
            for size, of_size in measured.items()
        }
        for size, of_size in self.measured.items():
            if 1 not in of_size or not all(map(len, of_size.values())):
                raise ValueError(
                    f"Size {size} needs the seconds of one image alone. "
                    f"Received: images together {list(of_size)}."
                )

    def of(self, size, count, quantile):
        """Seconds of `count` images together, of these one in [0, 1)."""
        return self._read(
            size, count, lambda seconds: seconds[int(quantile * len(seconds))]
        )

    def mean(self, load, count=1):
        """Mean seconds of a request among `count` of its size."""
        return sum(
            share * self._read(size, count, np.mean)
            for size, share in load.shares().items()
        )

    def _read(self, size, count, function):
        """A figure of the samples; between two counts on a straight line."""
        if size not in self.measured:
            raise ValueError(
                f"Size {size} was not measured, only {list(self.measured)}: "
                "measure_server.py --sizes."
            )
        of_size = self.measured[size]
        if count in of_size:
            return max(0.0, float(function(of_size[count])) - self.away)
        if count > max(of_size):
            raise ValueError(
                f"{count} images of size {size} together were not measured, "
                f"only {list(of_size)}: measure_server.py --together."
            )
        values = [function(seconds) for seconds in of_size.values()]
        seconds = float(np.interp(count, list(of_size), values))
        return max(0.0, seconds - self.away)


def utilisation(load, times, replica, replicas):
    """Share of the replicas' time that is worked; above 1 is not possible."""
    each = times.mean(load, replica.batch) / replica.batch
    return load.rate * each / (replicas * replica.lanes)


def simulate(requests, times, replica, replicas, balance="least", seed=0):
    """How long requests are under way.

    Args:
        requests: (seconds of arrival, sizes), as of `Load.requests`.
        times: `ServiceTimes`.
        replica: `Replica`.
        replicas: their number.
        balance: "least", the replica with the fewest requests open; "random",
            as a Service of Kubernetes; "round robin".
        seed: of the draws.

    Returns:
        Array of seconds, from arrival to answer.
    """
    simpy = _simpy()
    if balance not in BALANCES:
        raise ValueError(f"balance is one of {BALANCES}. Received: {balance!r}")
    random = np.random.default_rng(seed)
    environment = simpy.Environment()
    servers = [
        _Server(environment, replica, times, random) for _ in range(replicas)
    ]
    turns = itertools.cycle(range(replicas))
    arrivals, sizes = requests
    taken = np.zeros(len(arrivals))

    def choose():
        if balance == "random":
            return servers[random.integers(replicas)]
        first = next(turns)
        if balance == "round robin":
            return servers[first]
        # Equals take turns, as nginx and Envoy have it.
        in_turn = servers[first:] + servers[:first]
        return min(in_turn, key=lambda server: server.open)

    def request(number, size):
        server = choose()
        server.open += 1
        yield from server.answer(size)
        server.open -= 1
        taken[number] = environment.now - arrivals[number]

    def arrive():
        for number, (moment, size) in enumerate(zip(arrivals, sizes)):
            yield environment.timeout(max(0.0, moment - environment.now))
            environment.process(request(number, size))

    environment.process(arrive())
    environment.run()
    return taken + times.away


def predict(load, times, replica, replicas, balance="least", count=REQUESTS):
    """What is to be expected of some replicas.

    Returns:
        Dict: `replicas`, `utilisation`, and `p50`, `p95`, `p99` in seconds,
        infinite where more is asked for than can be done.
    """
    busy = utilisation(load, times, replica, replicas)
    figures = {"replicas": replicas, "utilisation": busy}
    if busy >= 1:
        return figures | dict.fromkeys(("p50", "p95", "p99"), math.inf)
    # The same requests whatever their servers, so that more are never worse.
    requests = load.requests(count, np.random.default_rng(1))
    seconds = simulate(requests, times, replica, replicas, balance)
    return figures | percentiles(seconds[int(WARM_UP * count) :])


def percentiles(seconds):
    """Dict of `p50`, `p95` and `p99`."""
    values = np.percentile(seconds, (50, 95, 99))
    return dict(zip(("p50", "p95", "p99"), map(float, values)))


def replicas_for(p95, load, times, replica, balance="least", count=REQUESTS):
    """The fewest replicas by which 95 % of the requests are back in time.

    Args:
        p95: seconds.
        load: `Load`.
        times: `ServiceTimes`.
        replica: `Replica`.
        balance: as of `simulate`.
        count: simulated requests.

    Returns:
        What `predict` says of them.

    Raises:
        ValueError: a request alone takes longer.
    """
    ask = functools.cache(
        lambda n: predict(load, times, replica, n, balance, count)
    )
    too_few, enough = 0, 1
    while ask(enough)["p95"] > p95:
        if ask(enough)["utilisation"] < IDLE:
            raise ValueError(
                f"Of requests that never wait 95 % are back in "
                f"{ask(enough)['p95']:.3g} s: no number of replicas makes it "
                f"{p95:g}. Smaller images or faster machines would."
            )
        too_few, enough = enough, 2 * enough
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if ask(middle)["p95"] > p95:
            too_few = middle
        else:
            enough = middle
    return ask(enough)


class _Server:
    """A replica in the simulation."""

    def __init__(self, environment, replica, times, random):
        simpy = _simpy()
        self.environment, self.replica = environment, replica
        self.times, self.random = times, random
        self.slots = simpy.Resource(environment, replica.slots)
        self.lanes = _Lanes(environment, replica.lanes)
        self.open = 0
        self.waiting = {}  # size -> images that no batch has yet

    def answer(self, size):
        """A process: from a request's arrival to its answer."""
        if self.replica.batch == 1:
            with self.slots.request() as turn:
                yield turn
                yield self._work(size, 1)
            return
        if size not in self.waiting:
            self.waiting[size] = _simpy().Store(self.environment)
            self.environment.process(self._gather(size))
        done = self.environment.event()
        self.waiting[size].put((self.environment.now, done))
        yield done

    def _gather(self, size):
        """A process: puts together what comes of a size."""
        environment, queue = self.environment, self.waiting[size]
        while True:
            came, done = yield queue.get()
            batch = [done]
            patience = came + self.replica.wait - environment.now
            deadline = environment.timeout(max(0.0, patience))
            while len(batch) < self.replica.batch:
                other = queue.get()
                yield other | deadline
                if not other.triggered:
                    other.cancel()
                    break
                batch.append(other.value[1])
            turn = self.slots.request()
            yield turn
            while len(batch) < self.replica.batch and queue.items:
                batch.append((yield queue.get())[1])
            environment.process(self._run(batch, size, turn))

    def _run(self, batch, size, turn):
        yield self._work(size, len(batch))
        self.slots.release(turn)
        for done in batch:
            done.succeed()

    def _work(self, size, count):
        seconds = self.times.of(size, count, self.random.random())
        if self.replica.slots <= self.replica.lanes:  # nothing is shared
            return self.environment.timeout(seconds)
        return self.lanes.work(seconds)


class _Lanes:
    """A processor that is shared evenly: `lanes` pieces at full speed."""

    def __init__(self, environment, lanes):
        self.environment, self.lanes = environment, lanes
        self.left = {}  # event -> seconds of work that are left
        self.seen, self.changes = 0.0, 0

    def work(self, seconds):
        """An event that happens when so much is done."""
        done = self.environment.event()
        self._pass()
        self.left[done] = seconds
        self._plan()
        return done

    def _pass(self):
        """Takes off what was done since it was last looked at."""
        passed = (self.environment.now - self.seen) * self._speed()
        self.seen = self.environment.now
        for done in self.left:
            self.left[done] -= passed

    def _speed(self):
        return min(1.0, self.lanes / max(1, len(self.left)))

    def _plan(self):
        self.changes += 1
        if self.left:
            first = min(self.left, key=self.left.get)
            self.environment.process(self._end(first, self.changes))

    def _end(self, done, change):
        seconds = max(0.0, self.left[done]) / self._speed()
        yield self.environment.timeout(seconds)
        if change == self.changes:  # nothing came or went meanwhile
            self._pass()
            del self.left[done]
            self._plan()
            done.succeed()


def _simpy():
    try:
        import simpy
    except ImportError as error:
        raise ImportError(
            "The load model needs SimPy: run "
            '`pip install "keras-gan-translate[sizing]"`.'
        ) from error
    return simpy


def read_mix(text):
    """'256:0.8,512:0.2' as a dict."""
    try:
        pairs = [part.split(":") for part in text.split(",")]
        return {size: float(share) for size, share in pairs}
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"sizes and their shares, such as 256:0.8,512:0.2, not {text!r}"
        ) from error


def main():
    """Reads the command line and prints a row for each number of replicas."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("times", type=pathlib.Path, help="of measure_server.py")
    parser.add_argument("--rate", type=float, required=True, help="per second")
    parser.add_argument("--burstiness", type=float, default=1.0)
    parser.add_argument("--mix", type=read_mix, help="default: all alike")
    parser.add_argument("--p95", type=float, help="seconds wanted")
    parser.add_argument("--replicas", type=int, help="instead of --p95")
    parser.add_argument("--slots", type=int, default=Replica.slots)
    parser.add_argument("--lanes", type=int, default=Replica.lanes)
    parser.add_argument("--batch", type=int, default=Replica.batch)
    parser.add_argument("--wait", type=float, default=Replica.wait)
    parser.add_argument("--balance", choices=BALANCES, default=BALANCES[0])
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if (options.p95 is None) == (options.replicas is None):
        parser.error("Give either --p95 SECONDS or --replicas NUMBER.")
    try:
        facts = json.loads(options.times.read_text())
        times = ServiceTimes(facts["seconds"], facts.get("away", ()))
        mix = options.mix or dict.fromkeys(times.measured, 1.0)
        load = Load(options.rate, mix, options.burstiness)
        replica = Replica(
            options.slots, options.lanes, options.batch, options.wait
        )
        how = {"balance": options.balance, "count": options.requests}
        most = options.replicas
        if most is None:
            found = replicas_for(options.p95, load, times, replica, **how)
            most = found["replicas"]
        # Those that are too few for any answer say nothing.
        least = math.ceil(utilisation(load, times, replica, 1))
        rows = [
            predict(load, times, replica, number, **how)
            for number in range(min(max(1, least, most - 3), most), most + 1)
        ]
    except (ImportError, OSError, KeyError, ValueError) as error:
        sys.exit(str(error))
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    print("replicas  busy     p50      p95      p99")
    for row in rows:
        print(
            f"{row['replicas']:8}  {row['utilisation']:4.0%} "
            + " ".join(f"{row[p]:6.2f} s" for p in ("p50", "p95", "p99"))
        )


if __name__ == "__main__":
    main()
