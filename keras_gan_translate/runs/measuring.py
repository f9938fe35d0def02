"""What computing costs: operations counted, memory, waiting."""

import sys

import keras

from keras_gan_translate import backend


def wait_for(tensor):
    """Returns when a tensor has been computed, not just asked for."""
    keras.ops.convert_to_numpy(keras.ops.ravel(tensor)[:1])


def forward_operations(network, inputs):
    """Floating-point operations of a network, counted from its graph."""
    return backend.operations(lambda x: network(x, training=False), inputs)


def peak_memory():
    """Largest memory in bytes: the accelerator's, else the process's.

    None where the system does not tell.
    """
    peak = backend.accelerator_memory()
    if peak is not None:
        return peak
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
