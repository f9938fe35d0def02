"""Several hosts that train together, each with a process of its own."""

import contextlib
import ctypes
import json
import time

import jax

# Seconds. A host that is not heard of for so long is lost, all others end.
HEARTBEAT = 30
JOINING, LEAVING = 300, 3600  # all have to come, and to be done

_words = iter(range(2**31))  # numbers of what host 0 tells the others


@contextlib.contextmanager
def joined_hosts(count, index, coordinator):
    """Within it this process is one of several, each on a host of its own.

    Args:
        count: number of hosts.
        index: number of this one, from 0.
        coordinator: "HOST:PORT" of number 0.

    Raises:
        ValueError: they do not find each other; or, later, one is lost.
    """
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    # It would take SIGTERM away from who saves the step first.
    jax.config.update("jax_enable_preemption_service", False)
    try:
        jax.distributed.initialize(
            coordinator,
            count,
            index,
            initialization_timeout=JOINING,
            heartbeat_timeout_seconds=HEARTBEAT,
            shutdown_timeout_seconds=LEAVING,
        )
    except RuntimeError as error:
        raise ValueError(
            f"Host {index} of {count} does not find the others at "
            f"{coordinator}: {error}"
        ) from error
    try:
        yield
    except BaseException as error:
        # Not the way out where all wait for all: this one ends alone, and the
        # others notice.
        state = _hosts()
        for kept in (state.client, state.service):
            # Never taken down: that would abort this process.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))
        state.client = state.service = None
        words = str(error)
        if isinstance(error, jax.errors.JaxRuntimeError) or "Gloo" in words:
            raise ValueError(
                "Another host is gone, and without it training cannot go on: "
                f"{words.splitlines()[0]}. Start the same command on every "
                "host again: it goes on at the last checkpoint."
            ) from error
        raise
    jax.distributed.shutdown()


def _hosts():
    """Where hosts leave each other words, which JAX has no public name for."""
    return jax._src.distributed.global_state


def num_hosts():
    """Number of processes that train together, each on its host."""
    return jax.process_count()


def host_index():
    """Number of this one; 0 writes the run folder."""
    return jax.process_index()


def told(value):
    """What host 0 has called this with, on all hosts; for JSON."""
    if num_hosts() == 1:
        return value
    client = _hosts().client
    key = f"kgt {next(_words)}"
    if host_index() == 0:
        client.key_value_set(key, json.dumps(value))
        return value
    return json.loads(client.blocking_key_value_get(key, 1000 * LEAVING))


def ask_to_stop():
    """Asks host 0 to save and to stop."""
    client = _hosts().client
    client.key_value_set("kgt stop/asked", "1", allow_overwrite=True)


def asked_to_stop():
    """Whether another host has asked for it; once a second at most."""
    if num_hosts() == 1 or time.monotonic() < asked_to_stop.next:
        return False
    asked_to_stop.next = time.monotonic() + 1.0
    client = _hosts().client
    return bool(client.key_value_dir_get("kgt stop/"))


asked_to_stop.next = 0.0
