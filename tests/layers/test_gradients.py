"""Each layer's gradients, of inputs and weights, are those of its values."""

import inspect

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import layers
from keras_gan_translate.layers import half_safe
from tests.gradients import assert_gradients, in_float64
from tests.layers.test_all_layers import LAYERS, SHAPE, VECTORS

# Thresholds; a pool's images are past ones; a constraint and a measure.
WITHOUT = {"CannyEdges", "InstanceEdges", "ImagePool", "UnitInterval", "Reach"}
POOL = "pool"


def numbers(seed, shape=SHAPE):
    return np.random.default_rng(seed).normal(size=shape)


def hole(shape):
    mask = np.zeros(shape)
    mask[:, :9, :9] = 1.0
    return mask


def perturb(layer):
    random = np.random.default_rng(3)
    for variable in layer.trainable_variables:
        variable.assign(random.uniform(0.1, 0.9, variable.shape))


def settle(layer):
    """u and v as power iterations would leave them after a long time."""
    for part in layer._flatten_layers():
        if hasattr(part, "normalized_kernel"):
            matrix = ops.convert_to_numpy(part._matrix())
            left, _, right = np.linalg.svd(matrix)
            part.v.assign(left[:, 0])
            part.u.assign(right[0])


@pytest.mark.parametrize("name", [name for name in LAYERS if name != POOL])
def test_of_inputs_and_weights(name):
    with in_float64():
        layer = LAYERS[name]()
        sizes = VECTORS.get(name, ())
        arrays = [numbers(0)]
        arrays += [numbers(i, (SHAPE[0], n)) for i, n in enumerate(sizes, 1)]
        inputs = [ops.convert_to_tensor(x) for x in arrays]
        layer(inputs if sizes else inputs[0])
        perturb(layer)
        settle(layer)

        def values(*tensors):
            return layer(tensors if sizes else tensors[0])

        assert_gradients(values, arrays, layer.trainable_variables)


@pytest.mark.parametrize("options", [{}, {"fuse": False}, {"port": True}])
def test_of_contextual_attention(options):
    with in_float64():
        layer = layers.ContextualAttention(reduction=2, **options)
        mask = ops.convert_to_tensor(hole((1, 32, 32, 1)))
        assert_gradients(
            lambda x, y: layer((x, y, mask)),
            [numbers(0, (1, 16, 16, 2)), numbers(1, (1, 16, 16, 2))],
        )


@pytest.mark.parametrize("size", [1, 3])
def test_of_attention_transfer(size):
    with in_float64():
        layer = layers.AttentionTransfer(size)
        mask = ops.convert_to_tensor(hole((1, 32, 32, 1)))
        assert_gradients(
            lambda low, high: layer((low, high, mask)),
            [numbers(0, (1, 16, 16, 2)), numbers(1, (1, 8, 8, 3))],
        )


def test_of_colours():
    rgb = np.random.default_rng(0).uniform(-0.9, 0.9, (2, 4, 4, 3))
    with in_float64():
        assert_gradients(layers.RGBToLab(), [rgb])
        lab = layers.RGBToLab()(ops.convert_to_tensor(rgb))
        assert_gradients(layers.LabToRGB(), [ops.convert_to_numpy(lab)])


def test_of_normalizations_for_half_precision():
    with in_float64():
        assert_gradients(
            lambda x: half_safe.half_safe_moments(x, 1e-5), [numbers(0)]
        )
        assert_gradients(
            lambda *x: half_safe.half_safe_layer_instance_normalize(*x, 1e-5),
            [
                numbers(0),
                np.full(4, 0.3),
                *(numbers(i, (2, 1, 1, 4)) for i in (1, 2)),
            ],
        )


def test_no_layer_is_left_out():
    tested = {type(make()).__name__ for make in LAYERS.values()}
    tested |= {"ContextualAttention", "AttentionTransfer"}
    tested |= {"RGBToLab", "LabToRGB"}
    classes = {n for n, x in vars(layers).items() if inspect.isclass(x)}
    assert classes - tested - WITHOUT == set()
    assert issubclass(layers.UnitInterval, keras.constraints.Constraint)
