"""How long a refusal takes, and how much memory."""

import pathlib
import time

import pytest

MIB = 2**20


def refused(function, *arguments, match, seconds, memory):
    """Asserts that a call is refused in words, within bounds.

    Args:
        function: what is called.
        *arguments: with what.
        match: expression that is found in the words.
        seconds: that it may take, and
        memory: bytes by which the process may grow meanwhile.

    Returns:
        The words.
    """
    before = _restart_peak()
    start = time.perf_counter()
    with pytest.raises(ValueError, match=match) as caught:
        function(*arguments)
    took = time.perf_counter() - start
    grown = _memory("VmHWM") - before
    words = str(caught.value)
    assert took < seconds, f"{took:.1f} s: {words}"
    assert grown < memory, f"{grown / MIB:.0f} MiB: {words}"
    assert "\n" not in words
    return words


def _restart_peak():
    """The memory now, from which the peak is counted."""
    try:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pytest.skip("the system does not tell the peak of the memory")
    return _memory("VmRSS")


def _memory(name):
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(name))
    return int(line.split()[1]) * 1024
