"""Losses are computed in float32, whatever the networks compute in."""

from keras import ops


def as_float32(*values):
    """The values as a tuple of float32 tensors."""
    return tuple(ops.cast(value, "float32") for value in values)
