import numpy as np
import pytest

from keras_gan_translate.data import synthetic_faces
from keras_gan_translate.data.drawn.face import draw_face, turned
from keras_gan_translate.data.drawn.face_styles import (
    FACE_STYLES,
    draw,
    draw_styles,
)
from keras_gan_translate.data.drawn.face_truth import edges


@pytest.mark.parametrize("style", FACE_STYLES)
def test_every_style_draws_every_thing(style):
    face = draw_face(1)
    things = [
        *({"hat": hat} for hat in ("beanie", "cap", "sun hat")),
        *({"beard": beard} for beard in ("stubble", "goatee", "full")),
        {"beard": "moustache", "style": "bald"},
        {"makeup": "heavy", "earrings": True, "necklace": True},
        {"yaw": 45.0, "style": "tails"},
        {"yaw": -45.0, "hat": "cap", "glasses": True},
        {"lid": 0.0},
    ]
    plain = draw(face, 33, style)
    assert plain.shape == (33, 33, 3) and plain.dtype == "uint8"
    for lots in things:
        image = draw(face.changed(**lots), 33, style)
        assert image.shape == plain.shape
        assert 0 < (image != plain).any(-1).mean() < 0.8, lots


@pytest.mark.parametrize("style", FACE_STYLES)
def test_a_picture_is_the_same_each_time(style):
    face = turned(draw_face(9, seed=4), -20)
    np.testing.assert_array_equal(draw(face, 32, style), draw(face, 32, style))


def test_styles_are_domains_of_the_same_faces():
    # Where the drawing has its lines, every style has its edges.
    for i in range(4):
        face = draw_face(i)
        lines = edges(face, 64, "poster") > 0
        for style, image in zip(
            FACE_STYLES, draw_styles(face, 64, FACE_STYLES)
        ):
            gray = image.astype(float).mean(-1)
            slope = np.hypot(*np.gradient(gray))
            assert slope[lines].mean() > 1.8 * slope[~lines].mean(), style


def test_styles_look_different():
    images = draw_styles(draw_face(3), 64, FACE_STYLES)
    for i, one in enumerate(images):
        for other in images[i + 1 :]:
            assert np.abs(one - other.astype(int)).mean() > 8


def test_the_line_drawing_is_ink_on_paper():
    image = draw(draw_face(3), 64, "line")
    # One line from ink to paper through the cube of colours.
    flat = image.reshape(-1, 3).astype(float)
    values = np.linalg.svd(flat - flat.mean(0), compute_uv=False)
    assert values[1] < 0.02 * values[0]


def test_pixel_art_is_made_of_squares():
    image = draw(draw_face(3), 96, "pixel")
    squares = image.reshape(48, 2, 48, 2, 3)
    assert (squares == squares[:, :1, :, :1]).all()
    assert len(np.unique(image.reshape(-1, 3), axis=0)) < 60


def test_synthetic_faces_come_in_all_styles():
    arrays = synthetic_faces(2, 32, styles=tuple(FACE_STYLES))
    assert len(arrays) == 6
    np.testing.assert_array_equal(arrays[0], synthetic_faces(2, 32)[0])


def test_errors():
    with pytest.raises(ValueError, match="Did you mean 'watercolour'"):
        draw(draw_face(0), 32, "watercolor")
    with pytest.raises(ValueError, match="size must be at least 16"):
        draw(draw_face(0), 8)
