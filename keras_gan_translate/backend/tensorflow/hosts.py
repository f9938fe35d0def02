"""Several hosts that train together, which on TensorFlow none do."""


def joined_hosts(count, index, coordinator):
    """Refuses several hosts.

    Raises:
        ValueError: always.
    """
    raise ValueError(
        "Several hosts train together on JAX: set KERAS_BACKEND=jax. With "
        "TensorFlow, Keras 3 does not train under "
        "MultiWorkerMirroredStrategy."
    )


def num_hosts():
    """Number of processes that train together, each on its host."""
    return 1


def host_index():
    """Number of this one; 0 writes the run folder."""
    return 0


def told(value):
    """What host 0 has called this with, on all hosts."""
    return value


def ask_to_stop():
    """Asks host 0 to save and to stop, on another one."""


def asked_to_stop():
    """Whether another host has asked host 0 to save and to stop."""
    return False
