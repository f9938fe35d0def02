import numpy as np

from keras_gan_translate.layers import ResponseNormalization


def test_channels_are_divided_by_those_around_them():
    x = np.random.default_rng(0).normal(size=(2, 1, 1, 16)).astype("float32")
    y = ResponseNormalization()(x)
    for n in range(2):
        for c in range(16):
            around = x[n, 0, 0, max(0, c - 5) : c + 6]
            expected = x[n, 0, 0, c] / np.sqrt(5e-5 + (around**2).sum())
            np.testing.assert_allclose(y[n, 0, 0, c], expected, rtol=1e-5)
