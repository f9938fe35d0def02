"""What the tests of faces share: drawn photos, and whether faces are found."""

import numpy as np
import pytest

from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_landmarks import landmarks
from keras_gan_translate.data.drawn.face_styles import draw_styles
from keras_gan_translate.data.faces import Face, networks


def needs_finder():
    """Skips the test where faces cannot be found."""
    try:
        networks.check_installed()
    except ImportError as error:
        pytest.skip(str(error))


def drawn_face(number=0, size=160):
    """(a photo of one face, its `Face`)."""
    drawn = draw_face(number, 0, extras=False)
    (photo,) = draw_styles(drawn, size, ("photo",))
    points = landmarks(drawn, 5, size)
    eyes = tuple(map(tuple, points[:2]))
    mouth = tuple(points[3:].mean(0))
    return np.asarray(photo), Face((0, 0, size, size), eyes, mouth, 1.0)


def background(height, width):
    """A photo without a face: soft shades, uint8 (height, width, 3)."""
    y, x = np.mgrid[:height, :width]
    shades = [120 + 40 * np.sin(x / 37), 130 + 30 * np.cos(y / 29), 140 + x * 0]
    return np.stack(shades, -1).astype("uint8")
