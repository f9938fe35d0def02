"""The functions that a server calls, under load; see docs/deployment.md."""

import statistics

import numpy as np
import pytest

from tests.serving.load import (
    WARM_UP,
    requests_of_a_round,
    send_at_once,
)
from tests.serving.traffic import Traffic

REQUESTS, ROUNDS = 200, 9


@pytest.fixture
def traffic(server, photos):
    return Traffic("tiny", photos, server.rest, server.grpc)


def test_every_good_request_is_answered_and_every_bad_one_refused(
    server, traffic, photos
):
    memory, kinds = [], set()
    for round in range(WARM_UP + ROUNDS):
        good, bad = requests_of_a_round(traffic, REQUESTS, round)
        assert (len(good), len(bad)) == (180, 20)
        _, wrong = send_at_once(good + bad)
        assert not wrong
        kinds |= {request.kind for request in good + bad}
        assert server.is_alive()
        memory.append(server.memory())
    everything = [*traffic.good(), *traffic.bad()]
    assert kinds == {request.kind for request in everything}
    # Flat: of 1200 requests, between the medians of the first three and the
    # last three rounds, less is kept than one image of each.
    before, after = memory[WARM_UP:][:3], memory[-3:]
    grown = statistics.median(after) - statistics.median(before)
    image = statistics.mean(photo.nbytes for photo, _ in photos)
    assert grown < (ROUNDS - 3) * REQUESTS * image


def test_a_wrong_answer_would_be_noticed(server, photos):
    changed = []
    for photo, translation in photos[:2]:
        translation = translation.copy()
        near = translation[0, 0, 0]
        translation[0, 0, 0] = near + 2 if near < 128 else near - 2
        changed.append((photo, translation))
    traffic = Traffic("tiny", changed, server.rest, server.grpc)
    good = list(traffic.good())
    assert len(send_at_once(good)[1]) == len(good)
    missing = Traffic("tony", photos[:1], server.rest, server.grpc)
    words = "".join(send_at_once(list(missing.good()))[1])
    assert words.count("404") == words.count("NOT_FOUND") == 2
    (refused, *_) = Traffic("tiny", photos, server.rest, server.grpc).bad()
    refused.answer = "something else"
    assert "something else" not in refused.run()[1] != ""


def test_bad_requests_do_not_touch_those_beside_them(traffic):
    bad = list(traffic.bad())
    good = list(traffic.good())[: len(bad)]
    mixed = [request for pair in zip(good, bad) for request in pair]
    assert not send_at_once(np.random.default_rng(0).permutation(mixed))[1]
