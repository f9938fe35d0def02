"""Gradients against finite differences, in float64.

What the package computes in float32 is here computed in float64, by the very
same code: whoever asks Keras for float32 gets the wider numbers.
"""

import contextlib
from unittest import mock

import keras
import numpy as np
from keras import ops
from keras.src.backend.common.dtypes import BIT64_TO_BIT32_DTYPE

from keras_gan_translate.backend import BACKEND, gradients

STEP = 1e-6  # of a difference, for values of about 1
TOLERANCE = 1e-6  # of what is compared, for its own size
DIRECTIONS = 3  # of each array


def _wide(dtype):
    return "float64" if dtype in (None, "float32") else dtype


def _widened(function, default=None):
    """A function whose argument `dtype`, its second, is never float32."""

    def call(value, dtype=default, *args, **kwargs):
        dtype = "float64" if dtype == "float32" else dtype
        return function(value, dtype, *args, **kwargs)

    return call


@contextlib.contextmanager
def in_float64():
    """Within it float32 is float64: of tensors, weights and layers."""
    layer_init = keras.layers.Layer.__init__
    add_weight = keras.layers.Layer.add_weight

    def wide_init(self, *args, dtype=None, **kwargs):
        wide = _wide(dtype) if dtype is None or type(dtype) is str else dtype
        layer_init(self, *args, dtype=wide, **kwargs)

    def wide_weight(self, *args, dtype=None, **kwargs):
        return add_weight(self, *args, dtype=_wide(dtype), **kwargs)

    with contextlib.ExitStack() as stack:
        if BACKEND == "jax":
            import jax

            stack.enter_context(jax.enable_x64(True))
            # Keras takes means of float64 in float32 on JAX.
            wide = mock.patch.dict(BIT64_TO_BIT32_DTYPE, float64="float64")
            stack.enter_context(wide)
        floatx = keras.config.floatx()
        stack.callback(keras.config.set_floatx, floatx)
        keras.config.set_floatx("float64")
        for name in ("cast", "convert_to_tensor"):
            wide = _widened(getattr(ops, name))
            stack.enter_context(mock.patch.object(ops, name, wide))
        layer = keras.layers.Layer
        stack.enter_context(mock.patch.object(layer, "__init__", wide_init))
        stack.enter_context(mock.patch.object(layer, "add_weight", wide_weight))
        yield


def assert_gradients(function, arrays, weights=()):
    """Holds a function's gradients against differences of its values.

    Args:
        function: from tensors, one for each of `arrays`, to a tensor or a
            structure of them.
        arrays: float64 arrays.
        weights: `keras.Variable`s that it reads, too.
    """
    leaves = [keras.Variable(x, dtype="float64") for x in arrays]
    variables = [*leaves, *weights]
    random = np.random.default_rng(7)
    kinds = None  # of sums: one weight a number, so that no two cancel

    def total():
        nonlocal kinds
        outputs = keras.tree.flatten(function(*(x.value for x in leaves)))
        if kinds is None:
            kinds = [random.normal(size=x.shape) for x in outputs]
        parts = [ops.sum(x * kind) for x, kind in zip(outputs, kinds)]
        dtypes = {keras.backend.standardize_dtype(x.dtype) for x in outputs}
        assert dtypes == {"float64"}
        return sum(parts)

    total()
    _, found = gradients(lambda: (total(), ()), variables)
    assert any(np.any(ops.convert_to_numpy(x)) for x in found)
    for variable, gradient in zip(variables, found, strict=True):
        value = ops.convert_to_numpy(variable)
        gradient = ops.convert_to_numpy(gradient)
        assert gradient.dtype == "float64"
        for _ in range(DIRECTIONS):
            direction = random.choice([-1.0, 1.0], size=value.shape)
            sides = []
            for sign in (1, -1):
                variable.assign(value + sign * STEP * direction)
                sides.append(float(ops.convert_to_numpy(total())))
            variable.assign(value)
            np.testing.assert_allclose(
                np.sum(gradient * direction),
                (sides[0] - sides[1]) / (2 * STEP),
                rtol=TOLERANCE,
                atol=TOLERANCE * np.abs(gradient).sum() + 1e-9,
                err_msg=str(getattr(variable, "path", "")),
            )
