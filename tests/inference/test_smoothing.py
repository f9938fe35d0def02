import numpy as np
import pytest

from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_clips import clip
from keras_gan_translate.inference.smoothing import Smoother
from keras_gan_translate.metrics import flicker


def noisy(frames, deviation=3, seed=0):
    noise = np.random.default_rng(seed).normal(0, deviation, np.shape(frames))
    return np.clip(frames + noise, 0, 255).round().astype("uint8")


def smoothed(source, made):
    smoother = Smoother()
    return np.stack([smoother(*pair) for pair in zip(source, made)])


@pytest.mark.parametrize("scale", [1, 2])
def test_noise_of_what_stands_still_goes(scale):
    still = np.full((12, 40, 48, 3), 90, "uint8")
    large = np.full((12, 40 * scale, 48 * scale, 3), 90, "uint8")
    made = noisy(large, seed=1)
    result = smoothed(noisy(still), made)
    assert result.dtype == np.uint8 and result.shape == made.shape
    assert (result[0] == made[0]).all()
    assert flicker(result) < flicker(made) / 3
    assert abs(result.mean() - made.mean()) < 0.5  # it rounds to neither side


def test_what_moves_is_as_it_was_made():
    """A square jumps about: where it is and was, nothing stays behind."""
    source = np.full((8, 64, 64, 3), 60, "uint8")
    for t, frame in enumerate(source):
        frame[20:36, 6 * t : 6 * t + 16] = 200
    source = noisy(source)
    made = 255 - source
    result = smoothed(source, made)
    for t in range(1, 8):
        left, right = 6 * t - 6, 6 * t + 16
        part = np.s_[t, 20:36, left:right]
        assert (result[part] == made[part]).all()
        assert (result[t, 50:] != made[t, 50:]).any()  # far from it


def test_slow_change_adds_up():
    """Light that fades by less than noise a frame, and does not lag behind."""
    levels = np.arange(200, 80, -3, "uint8")
    made = np.broadcast_to(levels[:, None, None, None], (40, 16, 16, 3))
    late = np.abs(smoothed(made, made).astype(int) - made)
    # An average that only compares neighbours would be late by 12.
    assert 0 < late.max() <= 4


def test_of_a_drawn_clip():
    """Flicker goes, and what moves is no less like the clip without noise."""
    moving = clip(draw_face(3, extras=False), "blink", frames=8, size=64)
    made = noisy(moving.frames, seed=1)
    result = smoothed(noisy(moving.frames, seed=2), made)
    known = {"flow": moving.flow, "visible": moving.visible}
    assert flicker(result, **known) < 0.6 * flicker(made, **known)
    error = np.abs(result.astype(int) - moving.frames).mean()
    assert error < 0.8 * np.abs(made.astype(int) - moving.frames).mean()


def test_a_cut_and_another_size_begin_anew():
    smoother = Smoother()
    first, second = (np.full((8, 8, 3), level, "uint8") for level in (0, 255))
    smoother(first, first)
    assert (smoother(second, first + 9) == 9).all()
    other = np.full((6, 8, 3), 7, "uint8")
    assert (smoother(other, other) == 7).all()
