import keras
import numpy as np
import pytest

from keras_gan_translate import backend
from keras_gan_translate.layers import DilatedConv2D, NearestUpsampling2D


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_a_network_of_any_size_takes_the_second_size_too(padding):
    x = image = keras.Input((None, None, 2))
    if padding == "valid":
        x = keras.layers.ZeroPadding2D(2)(x)
    x = DilatedConv2D(2, 3, dilation_rate=2, padding=padding)(x)
    x = keras.layers.Concatenate()([x, image])
    network = keras.Model(image, NearestUpsampling2D()(x))
    for width in (8, 16, 10):
        images = np.ones((1, 8, width, 2), "float32")
        made = backend.predict(network, images)
        assert made.shape == (1, 16, 2 * width, 4)


def test_is_keras_convolution():
    x = np.random.default_rng(0).normal(size=(2, 9, 8, 3)).astype("float32")
    options = {"dilation_rate": 2, "padding": "valid"}
    ours, theirs = (
        layer(4, 3, **options) for layer in (DilatedConv2D, keras.layers.Conv2D)
    )
    expected = theirs(x)
    ours.build(x.shape)
    ours.set_weights(theirs.get_weights())
    np.testing.assert_array_equal(np.array(ours(x)), np.array(expected))
