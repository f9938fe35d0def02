"""Persons drawn by code, in clothes and poses, with exact ground truth."""

import dataclasses
import functools

import numpy as np

from keras_gan_translate.data.drawn.painting import Layer, paint, paint_maps
from keras_gan_translate.data.drawn.person_body import PART, Build, Figure
from keras_gan_translate.data.drawn.person_head import Head
from keras_gan_translate.data.drawn.person_layers import (
    floor_shadow,
    person_layers,
    wall,
)
from keras_gan_translate.data.drawn.person_lots import (
    describe,
    in_pose,
    make_person,
)
from keras_gan_translate.data.drawn.person_pose import SIDES, Pose
from keras_gan_translate.support.messages import check_choice

# The order of OpenPose's 18 points of COCO.
KEY_POINTS = (
    "nose",
    "neck",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_hip",
    "left_knee",
    "left_ankle",
    "right_eye",
    "left_eye",
    "right_ear",
    "left_ear",
)


def draw_person(person, size):
    """The picture of a person.

    Args:
        person: A `person_lots.Person`.
        size: Height and width in pixels, one number or (height, width).

    Returns:
        uint8 array of shape (height, width, 3).
    """
    return _paint(person, size)[0]


def person_parsing(person, size):
    """What each pixel of `draw_person` shows.

    Args:
        person: A `person_lots.Person`.
        size: Height and width in pixels, one number or (height, width).

    Returns:
        uint8 array of shape (height, width): indices into
        `person_body.PERSON_CLASSES`. Left and right are the person's own.
    """
    return _paint(person, size)[1][0].astype("uint8")


def key_points(person, size):
    """The joints of a person.

    Args:
        person: A `person_lots.Person`.
        size: Height and width in pixels, one number or (height, width).

    Returns:
        float32 array of shape (18, 2): x and y in pixels of `draw_person`
        from its upper left corner, in the order of `KEY_POINTS`; NaN for what
        is turned away, outside, or hidden behind another part of the body. A
        joint below clothes counts as seen.
    """
    height, width = _size(size)
    figure = Figure(person.build, person.pose)
    head = Head(figure)
    points = np.full((len(KEY_POINTS), 2), np.nan, "float32")
    # Always at one size, so that what is seen does not depend on `size`.
    tall, wide = _SEEN
    parts = paint_maps(_layers(person), _SEEN, 2)[1]
    for row, name in enumerate(KEY_POINTS):
        if name == "neck":
            shoulders = [figure.at(f"{s}_shoulder") for s in SIDES]
            at, seen = np.mean(shoulders, 0), True
        elif name in figure.joints:
            at, seen = figure.at(name), True
        else:
            at, seen = head.feature(name)
        y = int(np.floor(at[1] * tall))
        x = int(np.floor(at[0] * tall + wide / 2))
        if seen and 0 <= y < tall and 0 <= x < wide:
            if parts[y, x] in _ALLOWED[name]:
                points[row] = at[0] * height + width / 2, at[1] * height
    inside = (points >= 0).all(1) & (points < (width, height)).all(1)
    points[~inside] = np.nan
    return points


def garment(person, size, which="top"):
    """One garment of a person alone on white, as a shop shows it.

    Args:
        person: A `person_lots.Person`.
        size: Height and width in pixels, one number or (height, width).
        which: 'top', 'bottom', 'coat', 'shoes' or 'hat'.

    Returns:
        uint8 array of shape (height, width, 3).

    Raises:
        ValueError: The person wears no such garment.
    """
    worn = person.garments()
    check_choice("garment", which, tuple(worn))
    model = dataclasses.replace(
        person,
        build=Build(),
        pose=_SHOP[which in ("shoes", "hat")],
        tucked=False,
        coat=person.coat if which == "coat" else None,
    )
    layers = [
        layer
        for name, layer in person_layers(model, Figure(model.build, model.pose))
        if name == which
    ]
    points = np.concatenate([s for layer in layers for s in layer.shapes])
    low, high = points.min(0), points.max(0)
    height, width = _size(size)
    span = max(high[1] - low[1], (high[0] - low[0]) * height / width) / 0.86
    view = (1 / span, (low[0] + high[0]) / 2, (low[1] + high[1] - span) / 2)
    # A white shirt on white needs the shadow.
    shadow = [
        Layer(
            [shape + [0.0, 0.006] for shape in layer.shapes],
            np.full(3, 0.35),
            minus=layer.minus,
            opacity=0.4,
            soft=0.004,
        )
        for layer in layers[:6]
    ]
    white = np.ones(3)
    return paint([*shadow, *layers], (height, width), white, 2, view)[0]


def draw_persons(count, size=64, seed=0, start=0):
    """Draws persons with all that is known of them.

    Person k depends on `seed` and k alone: any number can be drawn, in any
    order, and `start` gives held-out ones.

    Args:
        count: Number of persons.
        size: Height and width in pixels, one number or (height, width).
        seed: Another seed, other persons.
        start: Index of the first person.

    Returns:
        Dict of `image`, the same person in another pose as `posed`, and what
        is worn on the trunk alone as `garment`, uint8 (count, height, width,
        3); of the first two `parsing` and `posed_parsing`, uint8 (count,
        height, width), see `person_parsing`, and `points` and `posed_points`,
        float32 (count, 18, 2), see `key_points`; `caption`, a list of text.

    Raises:
        ValueError: A number is too small.

    Example:
        >>> persons = draw_persons(8, size=(128, 96), start=1000)
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, received {count}.")
    rows = []
    for index in range(start, start + count):
        person = make_person(seed, index)
        posed = in_pose(person, index)
        row = {"garment": garment(person, size), "caption": describe(person)}
        for prefix, who in (("", person), ("posed_", posed)):
            picture, maps = _paint(who, size)
            row[prefix.rstrip("_") or "image"] = picture
            row[f"{prefix}parsing"] = maps[0].astype("uint8")
            row[f"{prefix}points"] = key_points(who, size)
        rows.append(row)
    drawn = {name: [row[name] for row in rows] for name in rows[0]}
    return {
        name: values if name == "caption" else np.stack(values)
        for name, values in drawn.items()
    }


def _paint(person, size):
    return paint(_layers(person), _size(size), wall(person), 2)


@functools.lru_cache(4)  # for pictures and points of the same persons
def _layers(person):
    figure = Figure(person.build, person.pose)
    layers = [layer for _, layer in person_layers(person, figure)]
    return (*floor_shadow(figure), *layers)


def _size(size):
    height, width = (size, size) if np.ndim(size) == 0 else size
    if min(height, width) < 16:
        raise ValueError(
            f"A person takes 16 pixels at least, received size={size}."
        )
    return int(height), int(width)


def _allowed():
    """Key point -> numbers of the parts that do not hide it."""
    # From the side a shoulder is in front of the neck, and belongs to it.
    near = {"neck": ["torso", "head", "hair"]}
    near["neck"] += ["right_upper_arm", "left_upper_arm"]
    for name in ("nose", "right_eye", "left_eye", "right_ear", "left_ear"):
        near[name] = ["head"]
    for side in ("right", "left"):
        arm, fore = f"{side}_upper_arm", f"{side}_forearm"
        thigh, shin = f"{side}_thigh", f"{side}_shin"
        near |= {
            f"{side}_shoulder": [arm, "torso", "hair"],
            f"{side}_elbow": [arm, fore],
            f"{side}_wrist": [fore],
            f"{side}_hip": ["torso", "lap", thigh],
            f"{side}_knee": [thigh, shin, "lap"],
            f"{side}_ankle": [shin],
        }
    return {
        name: {PART[part] for part in parts} for name, parts in near.items()
    }


_ALLOWED = _allowed()
_SEEN = (100, 140)  # pixels
_LEG, _ARM = (0.09, 0.0, 0.0), (0.50, 0.0, 0.06, 0.0)
# Laid out flat; shoes and hats stand, turned to show their side.
_SHOP = tuple(
    Pose("lying", yaw, 0.0, 0.0, 0.0, _ARM, _ARM, _LEG, _LEG)
    for yaw in (0.0, 0.9)
)
