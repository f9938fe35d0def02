"""Persons drawn by code, in clothes and poses, with exact ground truth."""

import dataclasses

import numpy as np

from keras_gan_translate.data.drawn.cloth import Frame, skin
from keras_gan_translate.data.drawn.painting import (
    Layer,
    ellipse,
    paint,
    tube,
)
from keras_gan_translate.data.drawn.person_body import (
    PART,
    Build,
    Figure,
    arm_skin,
    leg_skin,
    tags,
)
from keras_gan_translate.data.drawn.person_clothes import Wardrobe
from keras_gan_translate.data.drawn.person_head import Head, head_layers
from keras_gan_translate.data.drawn.person_pose import FLOOR, SIDES, Pose
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
    # Always at this size, so that what is seen does not depend on `size`.
    parts = _paint(person, (160, 224))[1][1]
    for row, name in enumerate(KEY_POINTS):
        if name == "neck":
            shoulders = [figure.at(f"{s}_shoulder") for s in SIDES]
            at, seen = np.mean(shoulders, 0), True
        elif name in figure.joints:
            at, seen = figure.at(name), True
        else:
            at, seen = head.feature(name)
        y, x = int(np.floor(at[1] * 160)), int(np.floor(at[0] * 160 + 112))
        if seen and 0 <= y < 160 and 0 <= x < 224:
            part = parts[y, x]
            if part in _ALLOWED[name]:
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
        for name, layer in _layers(model, Figure(model.build, model.pose))
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


def _paint(person, size):
    figure = Figure(person.build, person.pose)
    layers = [layer for _, layer in _layers(person, figure)]
    return paint(
        [*_ground(figure), *layers], _size(size), _wall(person), 2
    )


def _layers(person, figure):
    """(name of the garment or 'body', layer), the farthest first."""
    wardrobe = Wardrobe(figure, person.seed)
    head = Head(figure)
    layers = []

    def add(name, more):
        layers.extend((name, layer) for layer in more)

    behind, front = head_layers(
        head, person.looks, person.skin, person.hat, person.seed
    )
    add("body", behind)
    arms = _arms(person, figure, wardrobe)
    for depth, _, pieces in arms:
        if depth < -0.012:
            layers.extend(pieces)
    for side in figure.near_last():
        add("body", leg_skin(figure, side, person.skin))
        boots = person.shoes.kind == "boots"
        if not boots:
            add("shoes", wardrobe.shoe(person.shoes, side))
        if person.bottom is not None:
            add("bottom", wardrobe.bottom_leg(person.bottom, side, boots))
        if boots:
            add("shoes", wardrobe.shoe(person.shoes, side))
    add("body", _trunk(figure, person.skin))
    dress = person.bottom is None
    if person.tucked:
        add("top", wardrobe.top(person.top, bottom=0.74))
    if person.bottom is not None:
        add("bottom", wardrobe.hips(person.bottom))
    if dress:
        add("top", wardrobe.skirt(person.top, "dress", 0.55))
        add("top", wardrobe.top(person.top, "dress", bottom=0.62))
    elif not person.tucked:
        add("top", wardrobe.top(person.top))
    add("top", wardrobe.collar(person.top))
    if person.coat is not None:
        add("coat", wardrobe.top(person.coat, "coat"))
        add("coat", wardrobe.collar(person.coat, "coat"))
    for layer in front:
        hat = layer.tags == tags("hat", "hair")
        add("hat" if hat else "body", [layer])
    for depth, _, pieces in arms:
        if depth >= -0.012:
            layers.extend(pieces)
    return layers


def _arms(person, figure, wardrobe):
    """(depth, order, named layers) of the four pieces, the farthest first."""
    pieces = []
    for side in ("right", "left"):
        upper, fore = arm_skin(figure, side, person.skin)
        upper = [("body", layer) for layer in upper]
        fore = [("body", layer) for layer in fore]
        for name, label in (("top", "upper_clothes"), ("coat", "coat")):
            worn = getattr(person, name)
            # What is under a sleeve would peep out along its edges.
            if worn is None or (name == "top" and person.coat):
                continue
            if worn.kind == "dress":
                label = "dress"
            above, below = wardrobe.sleeves(worn, label, side)
            upper += [(name, layer) for layer in above]
            fore += [(name, layer) for layer in below]
        joints = [f"{side}_{name}" for name in ("shoulder", "elbow", "wrist")]
        pieces.append((figure.depth(*joints[:2]), 0, upper))
        pieces.append((figure.depth(*joints[1:]), 1, fore))
    return sorted(pieces, key=lambda piece: piece[:2])


def _trunk(figure, color):
    shape, frame = figure.torso(-0.10, 0.85)
    layers = [Layer([shape], skin(color, frame), tags("neck", "torso"))]
    base, chin = figure.at("neck"), figure.at("chin")
    up = chin - base
    radii = np.array([0.034, 0.030]) * figure.unit
    neck = tube([base + 0.1 * up, base + 1.3 * up], radii)
    frame = Frame(tuple(chin), tuple(base), radii[0], figure.unit)
    return [*layers, Layer([neck], skin(color, frame), tags("neck", "torso"))]


def _ground(figure):
    """The shadow on the floor."""
    feet = np.array(
        [figure.at(f"{s}_{j}") for s in ("right", "left") for j in ("heel", "toe")]
    )
    x = feet[:, 0].mean()
    wide = 0.5 * np.ptp(feet[:, 0]) + 0.07
    shape = ellipse(x + 0.02, FLOOR - 0.012, wide, 0.022)
    return [Layer([shape], np.full(3, 0.25), opacity=0.35, soft=0.012)]


def _wall(person):
    color = np.array(person.backdrop)

    def fill(x, y):
        light = 1.03 - 0.10 * y - 0.05 * np.abs(x)
        floor = np.clip((y - 0.86) / 0.03, 0, 1)
        light = light * (1 - 0.07 * floor)
        return color * light[..., None]

    return fill


def _size(size):
    height, width = (size, size) if np.ndim(size) == 0 else size
    if min(height, width) < 16:
        raise ValueError(
            f"A person takes 16 pixels at least, received size={size}."
        )
    return int(height), int(width)


def _allowed():
    """Key point -> numbers of the parts that do not hide it."""
    near = {"neck": ["torso", "head", "hair"]}
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
_LEG, _ARM = (0.09, 0.0, 0.0), (0.50, 0.0, 0.06, 0.0)
# Laid out flat; shoes and hats stand, turned to show their side.
_SHOP = tuple(
    Pose("lying", yaw, 0.0, 0.0, 0.0, _ARM, _ARM, _LEG, _LEG)
    for yaw in (0.0, 0.9)
)
