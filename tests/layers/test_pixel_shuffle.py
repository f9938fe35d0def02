import keras
import numpy as np
import pytest

from keras_gan_translate.backend import input_gradients
from keras_gan_translate.layers import PixelShuffle2D


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_every_channel_has_its_place_in_the_block(factor):
    channels, height, width = 2, 3, 5
    x = np.random.default_rng(0).normal(
        size=(2, height, width, factor**2 * channels)
    )
    x = x.astype("float32")
    shuffled = np.array(PixelShuffle2D(factor)(x))
    assert shuffled.shape == (2, height * factor, width * factor, channels)
    for i in range(factor):
        for j in range(factor):
            first = (i * factor + j) * channels
            np.testing.assert_array_equal(
                shuffled[:, i::factor, j::factor],
                x[..., first : first + channels],
            )


def test_is_tensorflows_depth_to_space():
    tf = pytest.importorskip("tensorflow")
    x = np.arange(2 * 3 * 4 * 18, dtype="float32").reshape((2, 3, 4, 18))
    np.testing.assert_array_equal(
        PixelShuffle2D(3)(x), tf.nn.depth_to_space(x, 3)
    )


def test_gradient_is_the_way_back():
    x = np.random.default_rng(0).normal(size=(1, 2, 3, 8)).astype("float32")
    weights = np.random.default_rng(1).normal(size=(1, 4, 6, 2))
    weights = weights.astype("float32")
    gradient = input_gradients(lambda x: PixelShuffle2D(2)(x) * weights, x)
    np.testing.assert_array_equal(PixelShuffle2D(2)(gradient), weights)


def test_gradient_under_xla_is_the_eager_one():
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("JAX always compiles with XLA")
    x = np.random.default_rng(0).normal(size=(1, 2, 3, 8)).astype("float32")

    def gradient(x):
        return input_gradients(lambda x: PixelShuffle2D(2)(x) ** 2, x)

    compiled = tf.function(gradient, jit_compile=True)
    np.testing.assert_array_equal(compiled(tf.constant(x)), gradient(x))


def test_unknown_sizes_stay_unknown():
    image = keras.Input((None, None, 12))
    assert PixelShuffle2D(2)(image).shape == (None, None, None, 3)


def test_errors_name_what_came():
    with pytest.raises(ValueError, match="factor=0"):
        PixelShuffle2D(0)
    with pytest.raises(ValueError, match=r"multiple of 9.*\(1, 2, 2, 8\)"):
        PixelShuffle2D(3)(np.zeros((1, 2, 2, 8), "float32"))
