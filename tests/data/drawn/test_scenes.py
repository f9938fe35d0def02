import numpy as np
import pytest

from keras_gan_translate.data import draw_scenes
from keras_gan_translate.data.drawn.scene_air import SCENE_CLASSES
from keras_gan_translate.data.drawn.scenes import SCENE_PALETTE, THINGS

PARTS = {"house": {"house", "roof", "window", "door"}}


def test_a_scene_depends_on_seed_and_index_alone():
    scenes = draw_scenes(3, 32, seed=3)
    later = draw_scenes(1, 32, seed=3, start=2)
    for name, values in scenes.items():
        np.testing.assert_array_equal(later[name][0], values[2])
    other = draw_scenes(3, 32, seed=4)
    assert (scenes["label"] != other["label"]).mean() > 0.1


def test_shapes_and_types():
    scenes = draw_scenes(2, (32, 64))
    assert scenes["image"].shape == (2, 32, 64, 3)
    assert scenes["image"].dtype == "uint8"
    assert scenes["label"].shape == scenes["instance"].shape == (2, 32, 64)
    assert scenes["label"].dtype == "uint8"
    assert scenes["instance"].dtype == "int32"
    assert SCENE_PALETTE.shape == (len(SCENE_CLASSES), 3)
    assert len(np.unique(SCENE_PALETTE, axis=0)) == len(SCENE_CLASSES)


def test_labels_and_instances_agree():
    scenes, classes = draw_scenes(12, 64), set()
    for label, instance in zip(scenes["label"], scenes["instance"]):
        numbers = np.unique(instance)
        assert (numbers == np.arange(len(numbers))).all()  # no gaps
        for number in numbers:
            names = {
                SCENE_CLASSES[i] for i in np.unique(label[instance == number])
            }
            classes |= names
            if number == 0:
                things = set(THINGS) | PARTS["house"]
                assert not names & things
            else:
                # One thing is of one class, a house of its parts.
                assert any(
                    names <= PARTS.get(thing, {thing}) for thing in THINGS
                )
    assert len(classes) > 11


def test_captions_count_what_is_seen():
    scenes = draw_scenes(12, 48)
    words = {"a": 1, "two": 2, "three": 3, "four": 4, "five": 5}
    for i, caption in enumerate(scenes["caption"]):
        tree = SCENE_CLASSES.index("tree")
        number = len(
            np.unique(scenes["instance"][i][scenes["label"][i] == tree])
        )
        said = [
            words.get(a, 6)
            for a, b in zip(caption.split(), caption.split()[1:])
            if b.rstrip("s,.") == "tree"
        ]
        assert said == [number] * (number > 0) or number > 5


def test_the_picture_follows_the_labels_but_is_not_given_by_them():
    scenes = draw_scenes(12, 48)
    means = {}
    for image, label in zip(scenes["image"], scenes["label"]):
        for i in np.unique(label):
            pixels = image[label == i].astype(float)
            if len(pixels) > 40:
                means.setdefault(i, []).append(pixels)
    grass = SCENE_CLASSES.index("grass")
    colors = np.array([pixels.mean(0) for pixels in means[grass]])
    assert colors.std(0).max() > 8  # seasons and hours
    assert min(pixels.std(0).max() for pixels in means[grass]) > 3  # texture
    sky = np.array([p.mean(0) for p in means[SCENE_CLASSES.index("sky")]])
    assert np.abs(sky.mean(0) - colors.mean(0)).max() > 40


def test_the_same_scene_at_another_size():
    small, large = draw_scenes(3, 40), draw_scenes(3, 120)
    reduced = large["image"].reshape(3, 40, 3, 40, 3, 3).mean((2, 4))
    assert np.abs(small["image"] - reduced).mean() < 6
    assert (small["label"] != large["label"][:, 1::3, 1::3]).mean() < 0.05


def test_errors():
    with pytest.raises(ValueError, match="count must be at least 1, received"):
        draw_scenes(0)
    with pytest.raises(ValueError, match="start must be at least 0"):
        draw_scenes(1, 16, start=-1)
    with pytest.raises(ValueError, match="16 pixels at least"):
        draw_scenes(1, (32, 8))
