"""Queues in simulation, against the formulas of queueing theory."""

import math
import pathlib
import sys

import numpy as np
import pytest

pytest.importorskip("simpy", reason="the extra `sizing` is missing")

FOLDER = pathlib.Path(__file__).parents[1] / "examples" / "scale" / "serving"
COUNT = 6000  # requests
# Three standard errors of M/M/1's mean at half its capacity.
TOLERANCE = 0.12


@pytest.fixture(scope="module")
def model():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(FOLDER)
        import load_model

        yield load_model
    sys.modules.pop("load_model")


@pytest.fixture
def steady(model):
    """A second for every request."""
    return model.ServiceTimes({"s": {1: [1.0]}})


@pytest.fixture
def chance(model):
    """A second in the mean, distributed exponentially."""
    quantiles = (np.arange(5000) + 0.5) / 5000
    return model.ServiceTimes({"s": {1: -np.log1p(-quantiles)}})


def seconds(model, times, rate, replica, replicas=1, **options):
    """Of requests that come independently, without those at the start."""
    burstiness = options.pop("burstiness", 1.0)
    load = model.Load(rate, {"s": 1}, burstiness)
    requests = load.requests(COUNT, np.random.default_rng(3))
    taken = model.simulate(requests, times, replica, replicas, **options)
    return taken[COUNT // 10 :]


def test_one_server_and_chance(model, chance):
    # M/M/1: 1 / (mu - lambda).
    mean = seconds(model, chance, 0.5, model.Replica(slots=1)).mean()
    assert mean == pytest.approx(1 / (1 - 0.5), rel=TOLERANCE)


@pytest.mark.parametrize("slots", [1, 3])
def test_every_request_waits_as_the_recursion_says(model, chance, slots):
    # Lindley's for one server, Kiefer and Wolfowitz' for several.
    load = model.Load(0.9 * slots, {"s": 1})
    arrivals, sizes = load.requests(500, np.random.default_rng(0))
    replica = model.Replica(slots=slots, lanes=slots)
    taken = model.simulate((arrivals, sizes), chance, replica, 1, seed=7)
    random, free = np.random.default_rng(7), [0.0] * slots
    for arrival, seconds in zip(arrivals, taken):
        start = max(arrival, min(free))
        end = start + chance.of("s", 1, random.random())
        free[free.index(min(free))] = end
        assert seconds == pytest.approx(end - arrival)
    assert max(taken) > 5


def test_several_slots_with_a_core_each(model, chance):
    # M/M/2: Erlang's C gives a mean of 1 / (1 - rho**2) services.
    replica = model.Replica(slots=2, lanes=2)
    mean = seconds(model, chance, 1.2, replica).mean()
    assert mean == pytest.approx(1 / (1 - 0.6**2), rel=TOLERANCE)


def test_a_queue_and_a_shared_processor(model, steady):
    # M/D/1 (Pollaczek-Khinchin), and processor sharing, whose mean does not
    # depend on how the services are distributed.
    rate = 0.6
    queue = seconds(model, steady, rate, model.Replica(slots=1)).mean()
    assert queue == pytest.approx(1 + rate / (2 * (1 - rate)), rel=TOLERANCE)
    shared = seconds(model, steady, rate, model.Replica(slots=COUNT)).mean()
    assert shared == pytest.approx(1 / (1 - rate), rel=TOLERANCE)


def test_sharing_is_exact(model, steady):
    # Two at once, half a second apart: each has half the processor.
    replica = model.Replica(slots=2)
    requests = np.array([0.0, 0.5, 10.0]), ["s"] * 3
    taken = model.simulate(requests, steady, replica, 1)
    assert taken == pytest.approx([1.5, 1.5, 1.0])
    taken = model.simulate(requests, steady, model.Replica(slots=1), 1)
    assert taken == pytest.approx([1.0, 1.5, 1.0])


def test_who_balances_better_waits_less(model, chance):
    replica = model.Replica(slots=1)
    means = {
        balance: seconds(model, chance, 1.2, replica, 2, balance=balance).mean()
        for balance in model.BALANCES
    }
    assert means["least"] < means["round robin"] < means["random"]
    # Two M/M/1 queues of half the requests each.
    assert means["random"] == pytest.approx(1 / (1 - 0.6), rel=TOLERANCE)


def test_bursts_wait_and_clocks_do_not(model, steady):
    replica = model.Replica(slots=1)
    load = model.Load(0.7, {"s": 1}, burstiness=4.0)
    gaps = np.diff(load.requests(50_000, np.random.default_rng(0))[0])
    assert gaps.mean() == pytest.approx(1 / 0.7, rel=0.05)
    assert gaps.var() / gaps.mean() ** 2 == pytest.approx(4, rel=0.1)
    waited = [
        seconds(model, steady, 0.7, replica, burstiness=b).mean() - 1
        for b in (0.0, 1.0, 4.0)
    ]
    assert waited[0] == pytest.approx(0) and waited[2] > 2 * waited[1]


def test_batches(model):
    times = model.ServiceTimes({"s": {"1": [1.0], "4": [1.6]}})
    assert times.of("s", 2, 0.5) == pytest.approx(1.2)
    replica = model.Replica(slots=1, batch=4, wait=0.5)
    # Four at once fill a batch; one alone waits for others in vain.
    requests = np.array([0.0, 0.1, 0.2, 0.3, 20.0]), ["s"] * 5
    taken = model.simulate(requests, times, replica, 1)
    assert taken == pytest.approx([1.9, 1.8, 1.7, 1.6, 1.5])
    # Sizes are not mixed.
    both = model.ServiceTimes(dict.fromkeys("sl", {1: [1.0], 4: [1.6]}))
    taken = model.simulate((np.zeros(2), ["s", "l"]), both, replica, 1)
    assert sorted(taken) == pytest.approx([1.5, 2.5])
    # More than one by one could do: 1 / 1.0 < 2 < 4 / 1.6.
    load = model.Load(2.0, {"s": 1})
    alone = model.predict(load, times, model.Replica(slots=1), 1, count=COUNT)
    together = model.predict(load, times, replica, 1, count=COUNT)
    assert alone["p50"] == math.inf and together["utilisation"] < 1
    assert together["p95"] < 10


def test_what_is_spent_on_the_way_keeps_no_server_busy(model):
    times = model.ServiceTimes({"s": {1: [1.5]}}, away=[0.4, 0.5, 9.0])
    replica = model.Replica(slots=1)
    assert (
        model.utilisation(model.Load(0.5, {"s": 1}), times, replica, 1) == 0.5
    )
    taken = model.simulate((np.zeros(3), ["s"] * 3), times, replica, 1)
    assert taken == pytest.approx([1.5, 2.5, 3.5])


def test_as_many_replicas_as_it_takes(model, steady):
    load, replica = model.Load(5, {"s": 1}), model.Replica(slots=1)
    found = model.replicas_for(2.0, load, steady, replica, count=2000)
    fewer = model.predict(
        load, steady, replica, found["replicas"] - 1, count=2000
    )
    assert found["p95"] <= 2.0 < fewer["p95"] and found["utilisation"] < 1
    with pytest.raises(ValueError, match="no number of replicas"):
        model.replicas_for(0.9, load, steady, replica, count=200)


@pytest.mark.parametrize(
    "make",
    [
        lambda m: m.Load(0, {"s": 1}),
        lambda m: m.Load(1, {}),
        lambda m: m.Replica(slots=0),
        lambda m: m.ServiceTimes({"s": {2: [1.0]}}),
        lambda m: m.ServiceTimes({"s": {1: [1.0]}}).of("t", 1, 0.5),
        lambda m: m.ServiceTimes({"s": {1: [1.0]}}).of("s", 2, 0.5),
        lambda m: m.simulate(((), ()), None, m.Replica(), 1, "first"),
    ],
)
def test_what_makes_no_sense_is_said(model, make):
    with pytest.raises(ValueError, match="(?i)received|measure_server"):
        make(model)


def test_the_command(model, tmp_path, monkeypatch, capsys):
    file = tmp_path / "times.json"
    file.write_text('{"seconds": {"256": {"1": [0.5]}, "512": {"1": [2.0]}}}')

    def run(*words):
        few = ["--requests", "500", *words]
        monkeypatch.setattr(sys, "argv", ["load_model.py", str(file), *few])
        model.main()
        return capsys.readouterr().out

    words = "--mix 256:0.9,512:0.1 --rate 2 --replicas 2 --json".split()
    assert '"utilisation": 0.65' in run(*words)
    rows = run(*"--rate 2 --p95 5 --slots 1".split()).splitlines()[1:]
    assert [row.split()[0] for row in rows] == ["3", "4"]
    for words in ("--replicas 2 --mix 64:1", "--p95 1"):
        with pytest.raises(SystemExit, match="measure_server|no number"):
            run("--rate", "2", *words.split())
