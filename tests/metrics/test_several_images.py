import numpy as np
import pytest

from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_clips import clip
from keras_gan_translate.metrics import diversity, flicker


def test_diversity_is_the_mean_of_all_pairs():
    levels = np.array([0, 10, 40], "uint8")
    samples = np.tile(levels[:, None, None, None, None], (1, 2, 4, 4, 3))
    samples[:, 1] = 7  # the second image has no diversity
    assert diversity(samples).tolist() == [(10 + 40 + 30) / 3, 0]
    ones = diversity(samples, lambda a, b: np.ones(len(a)))
    assert ones.tolist() == [1, 1]
    with pytest.raises(ValueError, match="Received: 1"):
        diversity(samples[:1])


def test_flicker_of_what_is_still():
    source = np.zeros((3, 4, 4, 3), "uint8")
    source[1:, 0] = 200  # the first row moves once
    frames = source.copy()
    assert flicker(frames, source) == 0
    frames[1] += 6
    assert flicker(frames, source) == pytest.approx(6)
    assert flicker(frames) > 6
    source[1:] = 255
    source[2] = 0
    assert np.isnan(flicker(frames, source))


def test_flicker_along_the_flow():
    scene = np.random.default_rng(0).integers(0, 255, (8, 12, 3), "uint8")
    frames = np.stack([np.roll(scene, 2 * t, axis=1) for t in range(3)])
    flow = np.tile(np.array([2.0, 0.0]), (2, 8, 12, 1))
    assert flicker(frames, flow=flow) == 0
    assert flicker(frames) > 20
    frames[1] = 255 - frames[1]
    assert flicker(frames, flow=flow) > 20
    visible = np.zeros((2, 8, 12), bool)
    visible[0, 2:4, :4] = visible[1, 2:4, 2:6] = True
    frames[1, 2:4, 2:6] = 255 - frames[1, 2:4, 2:6]  # as it was
    assert flicker(frames, flow=flow, visible=visible) == 0


def test_flicker_of_a_drawn_clip():
    moving = clip(draw_face(3, extras=False), "turn", frames=4, size=32)
    known = {"flow": moving.flow, "visible": moving.visible}
    along = flicker(moving.frames, **known)
    assert along < flicker(moving.frames)
    frames = moving.frames.copy()
    frames[::2] = frames[::2] // 2
    assert flicker(frames, **known) > 5 * along


def test_flicker_names_what_came():
    frames = np.zeros((3, 4, 4, 3), "uint8")
    with pytest.raises(ValueError, match=r"\(1, 4, 4, 3\)"):
        flicker(frames[:1])
    with pytest.raises(ValueError, match=r"\(2, 4, 4, 2\).*\(3, 4, 4, 2\)"):
        flicker(frames, flow=np.zeros((3, 4, 4, 2)))
    with pytest.raises(ValueError, match="of the same size"):
        flicker(frames, frames[:, :3])
