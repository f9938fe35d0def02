import numpy as np
import pytest
from keras import ops

from keras_gan_translate.backend import input_gradients
from keras_gan_translate.layers import ChannelUnitNormalization


@pytest.mark.parametrize("half_safe", [False, True])
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e4])
def test_every_pixel_has_the_length_gamma(size, half_safe):
    layer = ChannelUnitNormalization()
    layer.half_safe = half_safe
    x = np.random.default_rng(0).normal(0, size, (2, 8, 6, 4))
    x = x.astype("float32")
    x[0, 0, 0] = 0.0  # stays
    layer(x)
    layer.gamma.assign([3.0])
    layer.beta.assign([0.5])
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    expected = 3.0 * x / np.maximum(length, 1e-12) + 0.5
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)


def test_the_half_safe_form_fits_into_float16():
    layer = ChannelUnitNormalization()
    layer.half_safe = True
    x = np.full((1, 1, 2, 512), 6e4, "float16")
    x[..., 1, :] = 7e-5
    layer(x)  # float32 inside, as exported
    scaled = x / np.abs(x).max(-1, keepdims=True)
    assert np.isfinite((scaled * scaled).sum(-1)).all()
    np.testing.assert_allclose(layer(x), 512**-0.5, rtol=1e-3)


def test_gradients_are_finite_where_all_is_zero():
    layer = ChannelUnitNormalization()
    gradient = input_gradients(
        lambda x: ops.mean(layer(x)[..., 0]), np.zeros((1, 4, 4, 3), "float32")
    )
    assert np.isfinite(ops.convert_to_numpy(gradient)).all()
