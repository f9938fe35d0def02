import base64

import keras
import numpy as np
import pytest

from keras_gan_translate import backend
from keras_gan_translate.layers import CannyEdges

SIZE = 48
# What scikit-image 0.26's feature.canny(picture, sigma=2.0), and the same with
# mask=known, find in the picture below: a bit for every pixel.
WHOLE = """
AAAAAAAAEABAACAAEABAAAAAGADAAEAACACAAPgACAcAAA+ADAwAAQDAABAAAwBAACAAAgBAACAAAgBA
AMAAAgBAAwAAAgBABAAAAgAgCAAAAgAgGAAAAgAgMAD/ggAgYAOA4gAgQAYAIgAgAAwAAgAgABAAAgAg
ACAAAgAgAGAAAgAgAEAAAgBAAMAAAgHAAIAAAT8CAIAAAQAGAIAAAgAMAIABggAYAIAHAgAwOIAMAgBg
QIAQAgDAAEAgAgGAAGAAAgYAACAABAwAADAABBgAABgAADAAAAYAAGAAAIOBwMAAAwD2AYAABgA4AwAA
DAAABgAAOABADAAAcABAGAAAQADAMAAAAAGAYAAAAAMAQAAAAAYAwAAAAAAAAAAA
"""
HOLED = """
AAAAAAAAEABAACAAEABAAAAAGADAAEAACACAAPgACAcAAA+ADAwAAQDAABAAAwBAACAAAgBAACAAAgBA
AMAAAgBAAwAAAgBABAAAAgAgCAAAAgAgGAAeAgAgMADhggAgYAGAwgAgQAAAAgAgAAAAAgAgAAAAAgAg
AAAAAgAgAAAAAgAgAAAAAQBAAIAAAQHAAIAAAT8CAYAAAQAGAQAAAQAMAQAAAQAYAQAAAQAwPYAAAQBg
QAAAAQDAAAAAAgGAAAAAAgYAAAAABAwAAAAAABgAAAgAADAAAE4AAGAAAMOBgMAAA4D2AYAABgAwAwAA
DAAABgAAOABADAAAcABAGAAAQADAMAAAAAGAYAAAAAMAQAAAAAYAwAAAAAAAAAAA
"""


def picture():
    """Waves, a disc, a box and a corner."""
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE
    gray = 0.5 + 0.25 * np.sin(9 * x + 4 * y * y) * np.cos(7 * y)
    gray[(x - 0.4) ** 2 + (y - 0.55) ** 2 < 0.06] += 0.3
    gray[(abs(x - 0.75) < 0.12) & (abs(y - 0.3) < 0.2)] -= 0.35
    gray[x + y > 1.45] = 0.15
    return np.clip(gray, 0.0, 1.0)[None, ..., None].astype("float32")


def expected(text):
    packed = np.frombuffer(base64.b64decode(text), "uint8")
    return np.unpackbits(packed).reshape(SIZE, SIZE)


def network(**arguments):
    inputs = [keras.Input((None, None, 1)) for _ in range(2)]
    return keras.Model(inputs, CannyEdges(**arguments)(inputs))


@pytest.mark.parametrize("holed", [False, True])
def test_finds_the_edges_that_scikit_image_finds(holed):
    known = np.ones((1, SIZE, SIZE, 1), "float32")
    if holed:
        known[:, 18:34, 10:28] = 0.0
    edges = backend.predict(network(), [picture(), known])
    np.testing.assert_array_equal(
        np.array(edges)[0, ..., 0], expected(HOLED if holed else WHOLE)
    )


def test_what_is_unknown_is_not_seen():
    known = np.ones((1, SIZE, SIZE, 1), "float32")
    known[:, 20:30, 20:30] = 0.0
    layer, gray = CannyEdges(), picture()
    one = np.array(layer((gray, known)))
    other = np.array(layer((np.where(known > 0, gray, 1.0 - gray), known)))
    np.testing.assert_array_equal(one, other)
    assert not one[:, 19:31, 19:31].any()


def test_faint_edges_need_a_clear_one():
    # An edge that fades out: from a step of 0.2 to none.
    rows = np.linspace(0.2, 0.0, SIZE)[:, None]
    gray = 0.4 + rows * (np.arange(SIZE) >= SIZE // 2)
    gray = gray[None, ..., None].astype("float32")
    known = np.ones_like(gray)

    def length(**arguments):
        return int(np.array(CannyEdges(**arguments)((gray, known))).sum())

    assert length(reach=0) < length() < length(low=0.01)
    assert length(low=0.1, high=0.9) == 0


def test_is_saved_and_computes_in_float32_whatever_the_policy():
    layer = CannyEdges(sigma=1.0, reach=3, dtype="mixed_bfloat16")
    again = CannyEdges.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    known = np.ones((1, SIZE, SIZE, 1), "float32")
    edges = layer((picture(), known))
    assert keras.backend.standardize_dtype(edges.dtype) == "bfloat16"
    exact = CannyEdges(sigma=1.0, reach=3)((picture(), known))
    np.testing.assert_array_equal(
        np.array(edges).astype("float32"), np.array(exact)
    )
