"""How large a model would be, found out without making it."""

import concurrent.futures
import math
import random

import keras
import numpy as np

from keras_gan_translate.support.untrusted import MIB

# What lies in a file beside the weights, or in a model beside what is stored.
SLACK = 64 * MIB


def without_memory(function):
    """Runs a function in which variables have shapes and no values.

    Args:
        function: makes a model, say, and returns what is wanted of it.

    Returns:
        What the function returned.

    Raises:
        Whatever the function raises.
    """

    def run():
        with keras.StatelessScope(initialize_variables=False):
            return function()

    # Keras keeps a list of variables that still want their values: of a
    # thread of its own it ends with the thread.
    states = random.getstate(), np.random.get_state()
    try:
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            return thread.submit(run).result()
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])


def bytes_of(variables):
    """The bytes of variables by their shapes and types."""
    return sum(
        math.prod(variable.shape) * np.dtype(_plain(variable.dtype)).itemsize
        for variable in variables
    )


def check_needs(path, needed, held):
    """Raises where a model wants far more weights than were stored.

    Args:
        path: of the file or folder, for the message.
        needed: bytes of the model's weights.
        held: bytes that are stored.

    Raises:
        ValueError: the description is of a model whose weights are not there.
    """
    # In half precision weights lie there at half of their size.
    if needed > 2.2 * held + SLACK:
        raise ValueError(
            f"'{path}' describes a model of {needed} bytes and holds {held} "
            "bytes of weights: the model was not made."
        )


def _plain(dtype):
    return "float16" if dtype == "bfloat16" else dtype
