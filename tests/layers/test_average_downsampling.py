import numpy as np

from keras_gan_translate.layers import AverageDownsampling2D


def test_means_are_of_pixels_within_the_image():
    x = np.random.default_rng(0).normal(size=(1, 6, 5, 2)).astype("float32")
    expected = np.stack(
        [
            [
                x[0, max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2].mean((0, 1))
                for j in range(0, 5, 2)
            ]
            for i in range(0, 6, 2)
        ]
    )
    np.testing.assert_allclose(
        AverageDownsampling2D()(x)[0], expected, atol=1e-6
    )
