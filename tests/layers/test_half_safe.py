import numpy as np
import pytest

from keras_gan_translate.layers.half_safe import (
    half_safe_layer_instance_normalize,
    half_safe_moments,
)
from keras_gan_translate.layers.layer_instance_norm import (
    layer_instance_normalize,
)

EPSILON = 1e-5


def features(size, offset=0.0, dtype="float32"):
    random = np.random.default_rng(0)
    x = random.normal(size=(2, 8, 12, 4)) * [1.0, 0.3, 3.0, 0.01]
    return (size * x + offset * random.normal(size=4)).astype(dtype)


def instance_normalize(x):
    x = x.astype("float64")
    x = x - x.mean((1, 2), keepdims=True)
    return x / np.sqrt((x * x).mean((1, 2), keepdims=True) + EPSILON)


def normalized(x):
    x, scale = half_safe_moments(x, EPSILON)
    return np.array(x * scale)


def mixed(function, x):
    rho = np.array([0.0, 0.3, 0.7, 1.0], x.dtype)
    gamma, beta = rho + x.dtype.type(1), rho - x.dtype.type(0.5)
    return np.array(function(x, rho, gamma, beta, EPSILON))


@pytest.mark.parametrize("size", [1e-6, 1e-3, 1.0, 1e3])
@pytest.mark.parametrize("offset", [0.0, 1.0])
def test_equals_the_plain_form(size, offset):
    x = features(size, size * offset)
    np.testing.assert_allclose(normalized(x), instance_normalize(x), atol=2e-5)
    np.testing.assert_allclose(
        mixed(half_safe_layer_instance_normalize, x),
        mixed(layer_instance_normalize, x),
        atol=2e-5,
    )


@pytest.mark.parametrize("size", [1e-2, 1.0, 1e3])
def test_float16_holds_it(size):
    x = features(size, size)
    half = x.astype("float16")
    result = normalized(half)
    assert result.dtype == "float16"
    np.testing.assert_allclose(result, instance_normalize(half), atol=0.02)
    np.testing.assert_allclose(
        mixed(half_safe_layer_instance_normalize, half),
        mixed(layer_instance_normalize, half.astype("float32")),
        atol=0.02,
    )


def test_flat_channels_are_zero():
    x = np.full((1, 4, 4, 2), 0.5, "float16")
    assert not normalized(x).any()


def test_no_value_on_the_way_leaves_float16():
    x, scale = half_safe_moments(features(1e3), EPSILON)
    assert np.abs(x).max() <= 1
    assert np.max(scale) <= 128
