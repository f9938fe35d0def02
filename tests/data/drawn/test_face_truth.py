import numpy as np
import pytest

from keras_gan_translate.data.drawn.face import draw_face, turned
from keras_gan_translate.data.drawn.face_landmarks import landmarks
from keras_gan_translate.data.drawn.face_parts import number_of
from keras_gan_translate.data.drawn.face_poster import poster_palette
from keras_gan_translate.data.drawn.face_styles import draw, plan_of
from keras_gan_translate.data.drawn.face_truth import (
    PARSING_CLASSES,
    PARSING_PALETTE,
    colour_strokes,
    edges,
    parsing_map,
    saliency,
)

INDEX = {name: i for i, name in enumerate(PARSING_CLASSES)}


def test_classes_and_palette():
    assert len(PARSING_CLASSES) == 19 and PARSING_PALETTE.shape == (19, 3)
    assert len(np.unique(PARSING_PALETTE, axis=0)) == 19


def test_the_map_agrees_with_the_colours_of_the_poster():
    parts = {
        "cloth": ("shirt",),
        "hair": ("hair", "back", "shine"),
        "hat": ("hat", "hat_band"),
        "neck": ("neck",),
        "background": (),
    }
    for i in (2, 4, 5):
        face = draw_face(i).changed(hat="beanie")
        image = draw(face, 128, "poster").astype(int)
        classes = parsing_map(face, 128, "poster")
        palette = poster_palette(plan_of(face, "poster")).astype(int)
        for word, names in parts.items():
            numbers = [number_of(n) for n in names] or [0, 1]
            colors = palette[:, numbers].reshape(-1, 3)
            pixels = image[classes == INDEX[word]]
            gap = np.abs(pixels[:, None] - colors).max(2).min(1)
            # The rest are pixels at an edge.
            assert (gap <= 2).mean() > 0.85, word
            elsewhere = image[classes != INDEX[word]]
            gap = np.abs(elsewhere[:, None] - colors).max(2).min(1)
            assert (gap <= 2).mean() < 0.06, word


def test_what_is_absent_is_in_no_map():
    face = draw_face(0, extras=False).changed(
        glasses=False, open=0.0, style="bald", tilt=0.0
    )
    absent = {"eye_g", "mouth", "hair", "hat", "ear_r", "neck_l"}
    found = {PARSING_CLASSES[i] for i in np.unique(parsing_map(face, 96))}
    assert found == set(PARSING_CLASSES) - absent
    face = face.changed(
        glasses=True,
        open=1.0,
        style="bob",
        hat="cap",
        earrings=True,
        necklace=True,
    )
    found = {PARSING_CLASSES[i] for i in np.unique(parsing_map(face, 96))}
    assert absent <= found


def test_left_is_the_left_of_the_picture():
    classes = parsing_map(draw_face(1, extras=False), 64)
    for part in ("eye", "brow"):
        columns = [
            np.nonzero(classes == INDEX[f"{side}_{part}"])[1].mean()
            for side in "lr"
        ]
        assert columns[0] < columns[1]


@pytest.mark.parametrize("style", ("photo", "toon"))
@pytest.mark.parametrize("degrees", (-25, 0, 25))
def test_landmarks_lie_where_they_belong(style, degrees):
    size = 192
    for i in range(4):
        # Nothing that covers the face, and an open mouth.
        face = turned(draw_face(i, extras=False), degrees).changed(
            glasses=False, open=1.0, style="bald"
        )
        classes = parsing_map(face, size, style)
        points = landmarks(face, 68, size, style)
        assert points.shape == (68, 2)
        groups = {
            (17, 22): ("l_brow",),
            (22, 27): ("r_brow",),
            (27, 36): ("nose",),
            (36, 42): ("l_eye",),
            (42, 48): ("r_eye",),
            (48, 60): ("u_lip", "l_lip"),
            (60, 68): ("u_lip", "l_lip", "mouth"),
        }
        for (first, last), words in groups.items():
            for x, y in points[first:last]:
                assert _near(classes, x, y, words), (first, words)
        # The jaw is where the head ends.
        for x, y in points[3:14]:
            assert _near(classes, x, y, ("skin",))
            assert _near(
                classes, x, y, ("neck", "background", "l_ear", "r_ear")
            )
        five = landmarks(face, 5, size, style)
        for (x, y), word in zip(five, ("l_eye", "r_eye", "nose")):
            assert classes[int(y), int(x)] == INDEX[word]


def test_landmarks_grow_with_the_picture():
    face = draw_face(3)
    np.testing.assert_allclose(
        landmarks(face, 68, 256), 4 * landmarks(face, 68, 64)
    )
    with pytest.raises(ValueError, match="Unknown count=7"):
        landmarks(face, 7)


def test_edges_are_where_the_parts_meet():
    face = draw_face(6)
    lines = edges(face, 64)
    assert lines.dtype == "uint8" and set(np.unique(lines)) == {0, 255}
    classes = parsing_map(face, 64)
    hair = classes == INDEX["hair"]
    meet = (hair[:, :-1] != hair[:, 1:]).nonzero()
    assert (lines[meet] == 255).mean() > 0.99
    assert 0.03 < (lines > 0).mean() < 0.25


def test_saliency_covers_all_but_the_background():
    face = draw_face(6)
    cover = saliency(face, 64)
    inside = parsing_map(face, 64) > 0
    assert cover.dtype == "uint8" and cover.shape == (64, 64)
    # The map tells of the middle of a pixel alone.
    assert (cover[inside] > 0).all() and (cover[~inside] < 255).all()
    assert abs((cover / 255).mean() - inside.mean()) < 0.01
    assert cover.max() == 255 and cover.min() == 0


def test_strokes_have_the_colours_of_their_places():
    face = draw_face(6)
    strokes = colour_strokes(face, 64, np.random.default_rng(1), "poster")
    again = colour_strokes(face, 64, np.random.default_rng(1), "poster")
    np.testing.assert_array_equal(strokes, again)
    drawn = strokes[..., 3] == 255
    assert 0.01 < drawn.mean() < 0.3 and not strokes[~drawn].any()
    gap = strokes[..., :3].astype(int) - draw(face, 64, "poster")
    assert (np.abs(gap[drawn]).max(-1) < 80).mean() > 0.85


def _near(classes, x, y, words, reach=3):
    row, column = int(y), int(x)
    around = classes[
        max(0, row - reach) : row + reach + 1,
        max(0, column - reach) : column + reach + 1,
    ]
    return np.isin(around, [INDEX[word] for word in words]).any()
