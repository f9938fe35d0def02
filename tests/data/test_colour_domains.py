import numpy as np
import pytest

from keras_gan_translate.data.colour_domains import (
    colour_domain,
    draw_strokes,
    k_means,
)


def flag(size=(48, 64)):
    """Red above blue, with a fine white line."""
    image = np.zeros((*size, 3), "uint8")
    image[: size[0] // 2] = (200, 30, 30)
    image[size[0] // 2 :] = (30, 30, 200)
    image[:, 20] = 255
    return image


def test_a_domain_has_few_colours_and_no_details():
    flat = colour_domain(flag(), colours=2)
    assert flat.shape == (48, 64, 3) and flat.dtype == "uint8"
    assert len(np.unique(flat.reshape(-1, 3), axis=0)) == 2
    assert (np.abs(flat[4].astype(int) - (200, 30, 30)) < 12).all()
    assert (np.abs(flat[-4].astype(int) - (30, 30, 200)) < 12).all()


@pytest.mark.parametrize("size", [(8, 8), (300, 200)])
def test_any_size_has_a_domain_and_always_the_same(size):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), "uint8")
    flat = colour_domain(image)
    assert flat.shape == image.shape
    assert len(np.unique(flat.reshape(-1, 3), axis=0)) <= 12**3
    np.testing.assert_array_equal(colour_domain(image), flat)


def test_clusters_are_found():
    random = np.random.default_rng(0)
    middles = np.array([(20, 20, 20), (200, 40, 40), (60, 220, 90)])
    values = np.repeat(middles, 50, axis=0) + random.normal(0, 3, (150, 3))
    found = k_means(random.permutation(values), 3)
    found = found[np.argsort(found[:, 0])]
    np.testing.assert_allclose(
        found, middles[np.argsort(middles[:, 0])], atol=2
    )
    assert len(k_means(np.ones((5, 3)), 4)) == 1


def test_strokes_have_the_colour_they_lie_on():
    flat = colour_domain(flag(), colours=2)
    strokes = draw_strokes(flat, np.random.default_rng(0))
    drawn = strokes.any(axis=-1)
    assert 0.01 < drawn.mean() < 0.5
    np.testing.assert_array_equal(strokes[drawn], flat[drawn])
    other = draw_strokes(flat, np.random.default_rng(1))
    assert (other != strokes).any()
