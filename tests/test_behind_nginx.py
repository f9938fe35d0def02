"""Servers that only sleep, behind nginx: measured and predicted."""

import argparse
import contextlib
from concurrent import futures

import numpy as np
import pytest

pytest.importorskip("simpy", reason="the extra `sizing` is missing")

from tests.serving import behind_nginx  # noqa: E402, needs SimPy

SLEEP = 0.15  # seconds

needs_nginx = pytest.mark.skipif(
    not behind_nginx.has_nginx(), reason="nginx is absent"
)


@pytest.fixture
def options():
    return argparse.Namespace(
        base_path=None,
        sleep=SLEEP,
        at_least=0.0,
        threads=1,
        sizes=[16],
        seconds=3,
        repeats=2,
        burstiness=1.0,
        seed=0,
    )


@needs_nginx
def test_a_busy_machine_is_later_than_predicted_and_never_earlier(options):
    model = behind_nginx.load_model
    (row,) = behind_nginx.compare(2, [0.6], options)
    assert row["requests"] >= 10 and row["alone"] >= SLEEP
    assert "2 replicas, " in behind_nginx.in_words(row)
    # The same requests, if nothing but the sleep took time.
    load = model.Load(row["rate"], {"16": 1.0})
    requests = load.requests(row["requests"], np.random.default_rng(0))
    times = model.ServiceTimes({"16": {1: [SLEEP]}})
    taken = model.simulate(requests, times, model.Replica(slots=1), 2)
    for name, seconds in model.percentiles(taken).items():
        assert row["measured"][name] >= 0.95 * seconds, name
        assert row["ratio"][name] > 0


@needs_nginx
def test_nginx_asks_the_one_that_has_less_to_do(options):
    body = behind_nginx.bodies_of([16])["16"][1]
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(behind_nginx.sleeper(seconds, 1)).rest
            for seconds in (3.0, 0.01)
        ]
        url = stack.enter_context(behind_nginx.nginx_before(servers))
        asked = behind_nginx.measure_server.Server(url, "sleeper")
        threads = stack.enter_context(futures.ThreadPoolExecutor(2))
        both = [threads.submit(asked.seconds, body) for _ in range(2)]
        futures.wait(both, return_when=futures.FIRST_COMPLETED)
        # One has a request still; by turns it would get every second one.
        taken = [asked.seconds(body) for _ in range(3)]
        assert max(taken) < 1.5
        assert max(one.result() for one in both) > 3


def test_seconds_count_from_when_a_request_was_due():
    bodies = behind_nginx.bodies_of([16])
    with behind_nginx.sleeper(0.1, 1) as server:
        url = f"http://127.0.0.1:{server.rest}"
        asked = behind_nginx.measure_server.Server(url, "sleeper")
        taken = asked.under_load(bodies, (np.zeros(5), ["16"] * 5))
    # One after the other: the last waits for all.
    assert sorted(taken)[-1] > 0.5 and min(taken) > 0.1
    with pytest.raises(OSError):
        asked.alone(bodies, 1)  # the server is gone
