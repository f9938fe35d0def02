import numpy as np
import pytest

from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_turning import turn_points


@pytest.mark.parametrize(
    "name", ("skin", "nose", "hair", "glasses", "head", "ears", "back")
)
def test_turning_back_is_the_inverse(name):
    face = draw_face(0).changed(yaw=25.0)
    random = np.random.default_rng(0)
    # Of the side that stays in view.
    points = random.uniform((-0.6, -0.4), (0.3, 0.6), (50, 2))
    points = points * [face.width, face.height]
    moved = turn_points(points, name, face)
    assert np.abs(moved - points).max() > 0.001
    back = turn_points(moved, name, face, back=True)
    np.testing.assert_allclose(back, points, atol=1e-9)


def test_no_yaw_moves_nothing():
    face = draw_face(0)
    points = np.random.default_rng(0).uniform(-0.1, 0.1, (50, 2))
    for name in ("skin", "nose", "head", "ears"):
        moved = turn_points(points, name, face)
        np.testing.assert_allclose(moved, points, atol=1e-12)


def test_what_stands_out_moves_further():
    face = draw_face(0).changed(yaw=20.0)
    middle = np.array([[0.0, 0.1]])
    moves = [
        turn_points(middle, name, face)[0, 0]
        for name in ("back", "skin", "glasses", "nose")
    ]
    assert moves[0] < 0 < moves[1] < moves[2] < moves[3]
