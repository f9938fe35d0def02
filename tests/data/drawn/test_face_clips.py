import numpy as np
import pytest

from keras_gan_translate.data.drawn.face import draw_face, turned
from keras_gan_translate.data.drawn.face_clips import (
    CLIPS,
    clip,
    mean_value_weights,
)
from keras_gan_translate.data.drawn.face_landmarks import landmarks
from keras_gan_translate.data.drawn.face_styles import draw

SIZE = 128


@pytest.fixture(scope="module")
def face():
    # A tilted head, so that down in its frame is not down in the picture.
    return draw_face(0, extras=False).changed(tilt=0.1)


@pytest.mark.parametrize("kind", CLIPS)
@pytest.mark.parametrize("style", ("photo", "toon"))
def test_the_flow_leads_to_the_next_frame(face, kind, style):
    made = clip(face, kind, 6, SIZE, style)
    assert made.frames.shape == (6, SIZE, SIZE, 3)
    assert made.frames.dtype == "uint8"
    assert made.flow.shape == (5, SIZE, SIZE, 2)
    assert made.flow.dtype == "float32"
    assert made.visible.shape == (5, SIZE, SIZE)
    still, warped = [], []
    for t in range(5):
        now, then = made.frames[t : t + 2].astype(float)
        moves = made.visible[t] & (np.hypot(*made.flow[t].T).T > 0.3)
        still.append(np.abs(now - then)[moves])
        warped.append(np.abs(now - _warp(then, made.flow[t]))[moves])
    still, warped = np.concatenate(still), np.concatenate(warped)
    assert len(still) > 100
    # What is left comes from soft edges and from light that stays in place.
    assert warped.mean() < 0.45 * still.mean()
    # Against the flow it fits worse than with none: the sign is right.
    against = np.concatenate(
        [
            np.abs(
                made.frames[t].astype(float)
                - _warp(made.frames[t + 1].astype(float), -made.flow[t])
            )[made.visible[t] & (np.hypot(*made.flow[t].T).T > 0.3)]
            for t in range(5)
        ]
    )
    assert warped.mean() < 0.4 * against.mean()


def test_where_nothing_moves_the_flow_is_0(face):
    made = clip(face, "turn", 3, 64)
    background = np.zeros((64, 64), bool)
    background[:3] = background[-2:] = True
    assert not made.flow[:, background].any()
    assert made.visible[:, background].all()


def test_landmarks_follow_the_flow(face):
    made = clip(face, "turn", 4, SIZE)
    before, after = (
        landmarks(turned(face, angle), 68, SIZE) for angle in (-30, -10)
    )
    for point in (28, 29, 37, 40, 43, 46):
        x, y = before[point].astype(int)
        np.testing.assert_allclose(
            made.flow[0, y, x], after[point] - before[point], atol=1.2
        )


def test_frames_are_faces(face):
    made = clip(face, "turn", 3, 32, "toon")
    np.testing.assert_array_equal(
        made.frames[1], draw(turned(face, 0), 32, "toon")
    )
    made = clip(face, "blink", 3, 32)
    np.testing.assert_array_equal(made.frames[0], draw(face, 32))
    np.testing.assert_array_equal(made.frames[0], made.frames[2])
    assert (made.frames[0] != made.frames[1]).any()


def test_mean_values_reproduce_points_and_affine_maps():
    random = np.random.default_rng(0)
    angles = np.linspace(0, 2 * np.pi, 9, endpoint=False)
    polygon = np.stack([2 * np.cos(angles), np.sin(angles)], 1)
    points = random.uniform(-0.6, 0.6, (20, 2))
    weights = mean_value_weights(points, polygon)
    np.testing.assert_allclose(weights.sum(1), 1)
    np.testing.assert_allclose(weights @ polygon, points, atol=1e-9)


def test_errors(face):
    with pytest.raises(ValueError, match="Did you mean 'blink'"):
        clip(face, "blinks")
    with pytest.raises(ValueError, match="frames must be at least 2"):
        clip(face, "turn", 1)


def _warp(image, flow):
    """What is at (x, y) + flow, between four pixels."""
    height, width = image.shape[:2]
    y, x = np.indices((height, width)) + flow.transpose(2, 0, 1)[::-1]
    left = np.clip(np.floor(x).astype(int), 0, width - 2)
    top = np.clip(np.floor(y).astype(int), 0, height - 2)
    right, down = (x - left)[..., None], (y - top)[..., None]
    upper = image[top, left] * (1 - right) + image[top, left + 1] * right
    lower = (
        image[top + 1, left] * (1 - right) + image[top + 1, left + 1] * right
    )
    return upper * (1 - down) + lower * down
