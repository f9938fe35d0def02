import dataclasses

import numpy as np
import pytest

from keras_gan_translate.data import draw_persons
from keras_gan_translate.data.drawn.person_body import PERSON_CLASSES
from keras_gan_translate.data.drawn.person_lots import (
    describe,
    in_pose,
    make_person,
)
from keras_gan_translate.data.drawn.person_pose import POSES, Pose
from keras_gan_translate.data.drawn.persons import (
    KEY_POINTS,
    draw_person,
    garment,
    key_points,
    person_parsing,
)

SIZE = (64, 80)
# What a seen joint lies on: itself, what is worn there, hair that hangs over.
CLOTHES = {"upper_clothes", "coat", "dress"}
LEGWEAR = {"pants", "skirt", "dress"}
CLASSES = {
    "nose": {"face", "hair", "glasses", "hat"},
    "eye": {"face", "hair", "glasses", "hat"},
    "ear": {"face", "hair", "glasses", "hat"},
    "neck": CLOTHES | {"neck", "hair", "face"},
    "shoulder": CLOTHES | {"neck", "hair", "arm"},
    "elbow": CLOTHES | {"arm"},
    "wrist": CLOTHES | {"arm"},
    "hip": CLOTHES | LEGWEAR | {"leg"},
    "knee": LEGWEAR | {"leg", "shoe"},
    "ankle": {"pants", "leg", "shoe"},
}


def persons(count=12):
    return [make_person(5, index) for index in range(count)]


def test_a_person_depends_on_seed_and_index_alone():
    drawn = draw_persons(3, 32, seed=3)
    later = draw_persons(1, 32, seed=3, start=2)
    for name, values in drawn.items():
        np.testing.assert_array_equal(later[name][0], values[2])
    other = draw_persons(3, 32, seed=4)
    assert other["caption"] != drawn["caption"]
    assert (drawn["image"] != other["image"]).mean() > 0.2


def test_shapes_and_types():
    drawn = draw_persons(2, SIZE)
    for name in ("image", "posed", "garment"):
        assert drawn[name].shape == (2, *SIZE, 3)
        assert drawn[name].dtype == "uint8"
    for prefix in ("", "posed_"):
        parsing = drawn[f"{prefix}parsing"]
        assert parsing.shape == (2, *SIZE) and parsing.dtype == "uint8"
        assert parsing.max() < len(PERSON_CLASSES)
        assert drawn[f"{prefix}points"].shape == (2, 18, 2)


def test_the_same_person_at_another_size():
    for person in persons(4):
        small, large = draw_person(person, 40), draw_person(person, 120)
        large = large.reshape(40, 3, 40, 3, 3).mean((1, 3))
        assert np.abs(small - large).mean() < 5
        near, far = key_points(person, 40), key_points(person, 120)
        np.testing.assert_allclose(3 * near, far, rtol=1e-4)


def test_key_points_lie_on_what_they_are_points_of():
    seen = 0
    for person in persons():
        points = key_points(person, 192)
        parsing = person_parsing(person, 192)
        for name, (x, y) in zip(KEY_POINTS, points):
            if np.isnan(x):
                continue
            seen += 1
            at = PERSON_CLASSES[parsing[int(y), int(x)]]
            side, _, joint = name.rpartition("_")
            if joint == "neck":
                at = at.replace("left_arm", "neck").replace("right_arm", "neck")
            assert at.removeprefix(f"{side}_") in CLASSES[joint], (name, at)
    assert seen > 10 * len(persons())


def test_key_points_that_are_turned_away_are_missing():
    front = make_person(0, 3)
    pose = dataclasses.replace(
        front.pose, yaw=0.0, head_yaw=0.0, name="standing"
    )
    front = dataclasses.replace(front, pose=pose, hat=None)
    face = [KEY_POINTS.index(f"{side}_eye") for side in ("right", "left")]
    face.append(KEY_POINTS.index("nose"))
    points = key_points(front, 96)
    assert not np.isnan(points[face]).any()
    # The person's right is on the left of the picture.
    assert points[face[0], 0] < points[face[2], 0] < points[face[1], 0]
    pose = dataclasses.replace(pose, yaw=np.pi)
    back = key_points(dataclasses.replace(front, pose=pose), 96)
    assert np.isnan(back[face]).all()
    right, left = (
        back[KEY_POINTS.index(f"{side}_shoulder"), 0]
        for side in ("right", "left")
    )
    assert right > left


def test_hands_behind_the_back_are_hidden_from_the_front():
    wrists = [KEY_POINTS.index(f"{side}_wrist") for side in ("right", "left")]
    arm, leg = POSES["standing with the hands behind the back"][1:3]
    for person in persons(4):
        pose = Pose("", 0.0, 0.0, 0.0, 0.0, arm, arm, leg, leg)
        front = dataclasses.replace(person, pose=pose)
        assert np.isnan(key_points(front, 96)[wrists]).all()
        pose = dataclasses.replace(pose, yaw=np.pi)
        back = dataclasses.replace(person, pose=pose)
        assert not np.isnan(key_points(back, 96)[wrists]).any()


def test_another_pose_keeps_who_it_is_and_what_is_worn():
    same = 0
    for number, person in enumerate(persons()):
        posed = in_pose(person, number)
        assert posed.pose.name != person.pose.name
        assert dataclasses.replace(posed, pose=person.pose) == person
        colors = []
        for who in (person, posed):
            cloth = person_parsing(who, 64) == PERSON_CLASSES.index("pants")
            if cloth.sum() < 30:
                break
            picture = draw_person(who, 64)
            colors.append(np.median(picture[cloth].astype(float), axis=0))
        if len(colors) == 2:
            assert np.abs(colors[0] - colors[1]).max() < 40
            same += 1
    assert same > 3


def test_a_garment_is_that_of_the_person():
    for person in persons(6):
        for name, worn in person.garments().items():
            picture = garment(person, 48, name)
            assert (picture[:2] == 255).all()  # white around it
            cloth = picture[(picture < 246).any(-1)]
            assert len(cloth) > 100
            if worn.pattern == "plain" and worn.color != "white":
                color = 255 * np.array(worn.rgb)
                gap = np.median(np.abs(cloth - color).max(1))
                assert gap < 70, (name, worn)
    bare = dataclasses.replace(persons(1)[0], hat=None)
    with pytest.raises(ValueError, match="Unknown garment='hat'"):
        garment(bare, 48, "hat")


def test_every_class_is_drawn_by_someone():
    labels = {
        PERSON_CLASSES[i]
        for person in (make_person(1, index) for index in range(40))
        for i in np.unique(person_parsing(person, 64))
    }
    assert labels == set(PERSON_CLASSES)


def test_captions_say_what_is_worn():
    for person in persons():
        caption = describe(person)
        for worn in person.garments().values():
            assert worn.words() in caption
        assert person.pose.name in caption


def test_errors():
    with pytest.raises(ValueError, match="count must be at least 1, received"):
        draw_persons(0)
    with pytest.raises(ValueError, match="16 pixels at least, received size=8"):
        draw_persons(1, 8)
    with pytest.raises(ValueError, match="index must be at least 0"):
        draw_persons(1, 16, start=-1)
