"""What a drawn person is painted of, from the back to the front."""

import numpy as np

from keras_gan_translate.data.drawn.cloth import Frame, skin
from keras_gan_translate.data.drawn.painting import Layer, ellipse, tube
from keras_gan_translate.data.drawn.person_body import (
    arm_skin,
    leg_skin,
    tags,
)
from keras_gan_translate.data.drawn.person_clothes import UpperWear
from keras_gan_translate.data.drawn.person_head import Head, head_layers
from keras_gan_translate.data.drawn.person_lower import LowerWear
from keras_gan_translate.data.drawn.person_pose import FLOOR


def person_layers(person, figure):
    """What a person is painted of.

    Args:
        person: A `person_lots.Person`.
        figure: The `person_body.Figure` of it.

    Returns:
        List of (name, `painting.Layer`), the farthest first; the name is that
        of the garment, as `Person.garments` calls it, or 'body'.
    """
    upper = UpperWear(figure, person.seed)
    lower = LowerWear(figure, person.seed)
    head = Head(figure)
    layers = []

    def add(name, more):
        layers.extend((name, layer) for layer in more)

    behind, front = head_layers(
        head, person.looks, person.skin, person.hat, person.seed
    )
    add("body", behind)
    arms = _arms(person, figure, upper)
    for depth, _, pieces in arms:
        if depth < -0.012:
            layers.extend(pieces)
    for side in figure.near_last():
        add("body", leg_skin(figure, side, person.skin))
        boots = person.shoes.kind == "boots"
        if not boots:
            add("shoes", lower.shoe(person.shoes, side))
        if person.bottom is not None:
            add("bottom", lower.bottom_leg(person.bottom, side, boots))
        if boots:
            add("shoes", lower.shoe(person.shoes, side))
    add("body", _trunk(figure, person.skin))
    dress = person.bottom is None
    if person.tucked:
        add("top", upper.top(person.top, bottom=0.74))
    if person.bottom is not None:
        add("bottom", lower.hips(person.bottom))
    if dress:
        add("top", lower.skirt(person.top, "dress", 0.55))
        add("top", upper.top(person.top, "dress", bottom=0.62))
    elif not person.tucked:
        add("top", upper.top(person.top))
    add("top", upper.collar(person.top))
    if person.coat is not None:
        add("coat", upper.top(person.coat, "coat"))
        add("coat", upper.collar(person.coat, "coat"))
    for layer in front:
        hat = layer.tags == tags("hat", "hair")
        add("hat" if hat else "body", [layer])
    for depth, _, pieces in arms:
        if depth >= -0.012:
            layers.extend(pieces)
    return layers


def _arms(person, figure, wear):
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
            above, below = wear.sleeves(worn, label, side)
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


def floor_shadow(figure):
    """Layers of the shadow below a figure."""
    feet = np.array(
        [
            figure.at(f"{s}_{j}")
            for s in ("right", "left")
            for j in ("heel", "toe")
        ]
    )
    x = feet[:, 0].mean()
    wide = 0.5 * np.ptp(feet[:, 0]) + 0.07
    shape = ellipse(x + 0.02, FLOOR - 0.012, wide, 0.022)
    return [Layer([shape], np.full(3, 0.25), opacity=0.35, soft=0.012)]


def wall(person):
    """The fill of the backdrop: a wall, a floor, light from above."""
    color = np.array(person.backdrop)

    def fill(x, y):
        light = 1.03 - 0.10 * y - 0.05 * np.abs(x)
        floor = np.clip((y - 0.86) / 0.03, 0, 1)
        light = light * (1 - 0.07 * floor)
        return color * light[..., None]

    return fill
