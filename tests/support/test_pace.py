"""Work beside a training takes a share of a processor, until it is hurried."""

import threading
import time

import numpy as np

from keras_gan_translate.support.pace import Pace


def work(pace, pieces):
    """Seconds of a processor and of the clock."""
    began, start = time.thread_time(), time.monotonic()
    for _ in range(pieces):
        np.sort(np.random.default_rng(0).random(100_000))
        pace.rest()
    return time.thread_time() - began, time.monotonic() - start


def test_it_takes_its_share():
    pace = Pace(0.2, threading.Event())
    worked, passed = work(pace, 6)
    assert passed > 4 * worked
    assert 0 < pace.rested < passed


def test_who_is_hurried_does_not_rest():
    hurried = threading.Event()
    hurried.set()
    pace = Pace(0.0001, hurried)
    work(pace, 20)
    assert pace.rested < 1


def test_a_rest_ends_when_it_is_hurried():
    hurried = threading.Event()
    threading.Timer(0.2, hurried.set).start()
    start = time.monotonic()
    work(Pace(0.0001, hurried), 20)
    assert time.monotonic() - start < 10  # and not 20 times the longest rest
