import numpy as np
import pytest
from keras import ops

from keras_gan_translate.layers import LabToRGB, RGBToLab
from keras_gan_translate.layers.lab import COLOUR, LIGHTNESS
from keras_gan_translate.support.colours import gray_of

# RGB -> L*, a*, b* under D65, as published for the corners of sRGB's cube.
COLOURS = {
    (255, 0, 0): (53.24, 80.09, 67.20),
    (0, 255, 0): (87.73, -86.18, 83.18),
    (0, 0, 255): (32.30, 79.19, -107.86),
    (255, 255, 0): (97.14, -21.55, 94.48),
    (0, 0, 0): (0.0, 0.0, 0.0),
    (255, 255, 255): (100.0, 0.0, 0.0),
}


def lab_of(pixels):
    """L*, a*, b* of uint8 pixels (n, channels)."""
    x = np.asarray(pixels, "float32")[None, None] / 127.5 - 1
    lab = np.array(RGBToLab()(x))[0, 0]
    return lab * (LIGHTNESS, COLOUR, COLOUR) + (LIGHTNESS, 0, 0)


def test_colours_are_where_cielab_has_them():
    np.testing.assert_allclose(
        lab_of(list(COLOURS)), list(COLOURS.values()), atol=0.03
    )


def test_there_and_back():
    values = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 3))
    images = ops.convert_to_tensor(values, "float32")
    np.testing.assert_allclose(
        LabToRGB()(RGBToLab()(images)), values, atol=1e-4
    )


def test_colours_that_no_screen_has_are_clipped():
    lab = np.array([[[[1.0, 1.0, -1.0], [-1.0, 0.0, 0.0]]]], "float32")
    rgb = np.array(LabToRGB()(lab))
    assert np.abs(rgb).max() <= 1 and np.isfinite(rgb).all()
    np.testing.assert_allclose(rgb[0, 0, 1], -1, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 3])
def test_gray_has_no_colour(channels):
    gray = np.repeat(np.arange(256)[:, None], channels, axis=1)
    assert np.abs(lab_of(gray)[:, 1:]).max() < 1e-3


def test_the_gray_of_a_colour_is_as_light():
    pixels = np.random.default_rng(1).integers(0, 256, (99, 3), "uint8")
    gray = gray_of(pixels)
    assert gray.shape == (99, 1) and gray.dtype == "uint8"
    # Within the half level that rounding takes, of 256.
    np.testing.assert_allclose(
        lab_of(gray)[:, 0], lab_of(pixels)[:, 0], atol=0.4
    )
