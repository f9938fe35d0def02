import dataclasses

import numpy as np
import pytest

from keras_gan_translate.data import synthetic_faces
from keras_gan_translate.data.drawn.face import (
    IDENTITY,
    WORDS,
    draw_face,
    same_person,
    turned,
)
from keras_gan_translate.data.drawn.face_landmarks import landmarks
from keras_gan_translate.data.drawn.face_styles import draw
from keras_gan_translate.data.drawn.face_truth import parsing_map
from keras_gan_translate.data.drawn.worlds import FIRST_DRAWN


def test_a_face_depends_on_seed_and_index_alone():
    assert draw_face(5, seed=2) == draw_face(5, seed=2)
    faces = [draw_face(i, seed) for seed in (0, 1) for i in range(20)]
    assert len(set(faces)) == 40


def test_extras_leave_the_other_lots_as_they_were():
    extras = {"beard", "hat", "makeup", "earrings", "necklace", "style"}
    for i in range(30):
        plain = dataclasses.asdict(draw_face(i, extras=False))
        rich = dataclasses.asdict(draw_face(i))
        differ = {name for name in plain if plain[name] != rich[name]}
        assert differ <= extras
        assert "style" not in differ or rich["style"] == "bald"


def test_everything_that_can_be_worn_is_drawn_by_lot():
    faces = [draw_face(i) for i in range(600)]
    for name in ("beard", "hat", "makeup", "style", "hair", "eyes", "fringe"):
        assert {getattr(face, name) for face in faces} == set(WORDS[name])
    assert 0.05 < np.mean([face.earrings for face in faces]) < 0.3
    assert not any(face.beard != "none" and face.earrings for face in faces)


def test_no_extras_is_what_synthetic_faces_draws():
    (photos,) = synthetic_faces(2, 32, seed=3, start=4, styles=("photo",))
    for i, photo in enumerate(photos):
        face = draw_face(4 + i, seed=3, extras=False)
        np.testing.assert_array_equal(draw(face, 32), photo)


def test_splits_share_no_face():
    # Equal lots but the index would be one face under two numbers.
    faces = [
        dataclasses.replace(draw_face(first + i), index=0)
        for first in FIRST_DRAWN.values()
        for i in range(5)
    ]
    assert len(set(faces)) == 15


def test_the_same_person_keeps_identity_alone():
    face = draw_face(7)
    assert same_person(face, 0) == face
    others = [same_person(face, k) for k in range(1, 8)]
    assert others[0] == same_person(draw_face(7), 1)
    assert len({other.background for other in others}) == 7
    assert len({other.style for other in others}) > 2
    for other in others:
        assert all(getattr(other, n) == getattr(face, n) for n in IDENTITY)
        assert other.light != face.light and other.tilt != face.tilt
    with pytest.raises(ValueError, match="k must be at least 0"):
        same_person(face, -1)


def test_the_same_person_has_other_patterns_behind():
    face = draw_face(7)
    other = dataclasses.replace(face, scene=1)
    # The lots are equal: what differs is the pattern of background and grain.
    assert (draw(face, 32) != draw(other, 32)).mean() > 0.3


def test_turning_moves_the_face_and_leaves_the_rest():
    face = draw_face(3).changed(hat="none", tilt=0.0, style="short")
    straight = landmarks(face, 5, 64)
    for degrees in (-40, -20, 20, 40):
        moved = landmarks(turned(face, degrees), 5, 64) - straight
        sign = np.sign(degrees)
        assert (sign * moved[:, 0] > 1).all()
        # The nose stands out: it moves further than eyes and mouth.
        assert sign * moved[2, 0] > (sign * moved[[0, 1, 3, 4], 0]).max()
        changed = (draw(turned(face, degrees), 64) != draw(face, 64)).any(-1)
        assert changed.mean() > 0.1
        assert not changed[:, :4].any() and not changed[-3:].any()
    # Eyes come nearer to each other, as seen.
    gaps = [
        np.ptp(landmarks(turned(face, angle), 5, 64)[:2, 0])
        for angle in (0, 20, 40)
    ]
    assert gaps[0] > gaps[1] > gaps[2]


def test_the_ear_of_the_near_side_alone_is_seen():
    face = draw_face(3).changed(hat="none", style="bald", tilt=0.0)
    ears = [
        [(parsing_map(turned(face, angle), 64) == n).sum() for n in (8, 9)]
        for angle in (-30, 0, 30)
    ]
    assert ears[0][0] == 0 < ears[0][1]
    assert ears[1][0] and ears[1][1]
    assert ears[2][1] == 0 < ears[2][0]


def test_what_cannot_be_changed():
    face = draw_face(0)
    with pytest.raises(ValueError, match="Did you mean 'glasses'"):
        face.changed(glases=True)
    with pytest.raises(ValueError, match="Did you mean 'beanie'"):
        face.changed(hat="beany")
    with pytest.raises(ValueError, match="smile must lie in -0.25 to 1.0"):
        face.changed(smile=3)
    with pytest.raises(ValueError, match="yaw must lie in -45.0 to 45.0"):
        turned(face, 60)
    with pytest.raises(ValueError, match="shirt needs three numbers"):
        face.changed(shirt=0.4)
    with pytest.raises(ValueError, match="glasses='yes'"):
        face.changed(glasses="yes")
    with pytest.raises(ValueError, match="index must be at least 0"):
        draw_face(-1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        face.hat = "cap"
