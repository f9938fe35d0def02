import numpy as np
import pytest

from keras_gan_translate.layers import BilinearUpsampling2D


def test_new_pixels_are_the_mean_of_their_neighbours():
    image = np.array([[0, 4, 6], [8, 8, 8]], "float32")[None, :, :, None]
    expected = [
        [0, 2, 4, 5, 6, 6],
        [4, 5, 6, 6.5, 7, 7],
        [8, 8, 8, 8, 8, 8],
        [8, 8, 8, 8, 8, 8],
    ]
    result = BilinearUpsampling2D()(image)
    np.testing.assert_array_equal(np.array(result)[0, :, :, 0], expected)


def test_it_is_what_tensorflow_1_did():
    tf = pytest.importorskip("tensorflow")
    image = np.random.default_rng(0).normal(size=(2, 5, 7, 3)).astype("float32")
    expected = tf.compat.v1.image.resize_bilinear(image, (10, 14))
    result = np.array(BilinearUpsampling2D()(image))
    np.testing.assert_allclose(result, expected, atol=1e-6)


def test_centres_are_where_pytorch_has_them():
    """`interpolate(mode="bilinear", align_corners=False)` of these pixels."""
    image = np.array([[0, 4], [8, 16]], "float32")[None, :, :, None]
    expected = [
        [0, 1, 3, 4],
        [2, 3.25, 5.75, 7],
        [6, 7.75, 11.25, 13],
        [8, 10, 14, 16],
    ]
    result = BilinearUpsampling2D(centres=True)(image)
    np.testing.assert_allclose(np.array(result)[0, :, :, 0], expected)
