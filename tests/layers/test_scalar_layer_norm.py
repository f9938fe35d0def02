import numpy as np
import pytest
from keras import ops

from keras_gan_translate.backend import input_gradients
from keras_gan_translate.layers import ScalarLayerNormalization


def images(scale=1.0):
    x = np.random.default_rng(0).normal(scale, scale, (2, 8, 6, 4))
    return x.astype("float32")


@pytest.mark.parametrize("half_safe", [False, True])
@pytest.mark.parametrize("scale", [2e-3, 1.0, 100.0])
def test_epsilon_is_added_to_the_deviation(scale, half_safe):
    layer = ScalarLayerNormalization()
    layer.half_safe = half_safe
    x = images(scale)
    layer(x)
    layer.gamma.assign([2.0])
    layer.beta.assign([0.5])
    mean = x.mean(axis=(1, 2, 3), keepdims=True)
    deviation = x.std(axis=(1, 2, 3), keepdims=True)
    expected = 2 * (x - mean) / (deviation + 1e-3) + 0.5
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)


def test_gradient_is_finite_where_all_is_equal():
    layer = ScalarLayerNormalization()
    gradient = input_gradients(
        lambda x: ops.mean(layer(x)[..., 0]), np.ones((1, 4, 4, 3), "float32")
    )
    assert np.isfinite(ops.convert_to_numpy(gradient)).all()
