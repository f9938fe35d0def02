import numpy as np
import pytest

from keras_gan_translate.backend import input_gradients
from keras_gan_translate.layers import NearestUpsampling2D


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_repeats_every_pixel(factor):
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 4)).astype("float32")
    np.testing.assert_array_equal(
        NearestUpsampling2D(factor)(x), x.repeat(factor, 1).repeat(factor, 2)
    )


def test_gradient_adds_up_the_copies():
    x = np.ones((1, 2, 3, 1), "float32")
    gradient = input_gradients(NearestUpsampling2D(3), x)
    np.testing.assert_array_equal(gradient, 9 * x)


def test_a_factor_below_one_is_an_error():
    with pytest.raises(ValueError, match="factor=0"):
        NearestUpsampling2D(0)
