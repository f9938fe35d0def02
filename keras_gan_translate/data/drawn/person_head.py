"""The head of a drawn person, seen from any side."""

import dataclasses

import numpy as np

from keras_gan_translate.data.drawn.cloth import skin
from keras_gan_translate.data.drawn.colors import between
from keras_gan_translate.data.drawn.painting import (
    Layer,
    ellipse,
    rounded,
    tube,
)
from keras_gan_translate.data.drawn.person_body import tags
from keras_gan_translate.data.drawn.person_hair import (
    INK,
    WIDTH,
    back_hair,
    beard_layers,
    cap_layers,
    glasses_layers,
    hair_fill,
    hat_layers,
    head_frame,
)

HAIR_STYLES = (
    "short",
    "bald",
    "bob",
    "long",
    "ponytail",
    "bun",
    "curly",
    "spiky",
)
# Longitude from the nose and latitude from the middle, radians: right, left.
FEATURES = {
    "nose": (0.0, 0.22),
    "right_eye": (-0.42, 0.07),
    "left_eye": (0.42, 0.07),
    "right_ear": (-1.50, 0.12),
    "left_ear": (1.50, 0.12),
}


@dataclasses.dataclass(frozen=True)
class Looks:
    """What of a head stays the same in every pose.

    Attributes:
        hair: One of `HAIR_STYLES`.
        hair_color: Name of its colour, of `colors.HAIRS`.
        hair_rgb: The colour itself, each in [0, 1].
        fringe: 0 swept up, 1 to the sides, 2 straight.
        jaw: How narrow it is, 0 to 0.3.
        smile: From -0.2 to 1.
        teeth: Whether the smile shows them.
        beard: Whether there is one.
        glasses: Whether there are any.
    """

    hair: str
    hair_color: str
    hair_rgb: tuple
    fringe: int
    jaw: float
    smile: float
    teeth: bool
    beard: bool
    glasses: bool


class Head:
    """Where a head is and which way it looks.

    Args:
        figure: A `person_body.Figure`.
    """

    def __init__(self, figure):
        pose = figure.pose
        self.center = figure.at("head")
        self.ry = 0.5 * figure.build.head * figure.unit
        self.rx = WIDTH * self.ry
        self.yaw = pose.yaw + pose.head_yaw * np.sign(np.cos(pose.yaw) + 0.2)
        self.roll = (pose.head_roll + pose.lean) * np.sign(np.cos(pose.yaw))
        self.unit = figure.unit
        self.facing = np.cos(self.yaw)

    def put(self, shape):
        """From units of half the head's height to heights of the picture."""
        cos, sin = np.cos(self.roll), np.sin(self.roll)
        turn = np.array([[cos, sin], [-sin, cos]])
        return np.asarray(shape, float) * self.ry @ turn + self.center

    def point(self, longitude, latitude, out=1.0):
        """(x, y, z) of a place on the head, in units of half its height."""
        longitude = np.asarray(longitude) + self.yaw
        flat = np.cos(latitude) * out
        x = WIDTH * flat * np.sin(longitude)
        return x, np.sin(latitude) * out, flat * np.cos(longitude)

    def feature(self, name):
        """(x, y) in heights of the picture, and whether it is in front."""
        out = 1.12 if name == "nose" else 1.0
        x, y, z = self.point(*FEATURES[name], out)
        # An ear is seen from a little behind, an eye at the rim is not.
        least = {"nose": 0.10}.get(name, -0.30 if "ear" in name else 0.35)
        return self.put([x, y]), z > least

    def outline(self, looks, grow=1.0):
        """The head, its jaw narrower than its brow."""
        t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        down = np.clip(np.sin(t), 0, 1)
        x = WIDTH * np.cos(t) * (1 - looks.jaw * down**1.5)
        # A chin seen from the side juts out.
        x = x + 0.16 * np.sin(self.yaw) * down**2
        return self.put(np.stack([x, np.sin(t)], 1) * grow)

    def face(self, looks):
        """The part of the head that no hair covers."""
        t = np.linspace(0, 2 * np.pi, 72, endpoint=False)
        latitude = np.where(np.sin(t) > 0, 1.75, 0.62) * np.sin(t)
        if looks.fringe == 2:
            latitude = np.maximum(latitude, -0.26)
        elif looks.fringe == 1:
            latitude = np.maximum(latitude, -0.58 + 0.34 * np.abs(np.cos(t)))
        longitude = np.clip(1.22 * np.cos(t) + self.yaw, -1.57, 1.57)
        if self.facing < -0.35:
            return None
        x, y, _ = self.point(longitude - self.yaw, np.minimum(latitude, 1.5))
        hidden = np.abs(1.22 * np.cos(t) + self.yaw) >= 1.57
        x = np.where(hidden, np.sign(x) * 1.4 * WIDTH, x)  # over the rim
        y = np.where(latitude > 0.9, 1.3, y)
        return self.put(np.stack([x, y], 1))


def head_layers(head, looks, color, hat, seed):
    """Layers of a head.

    Args:
        head: A `Head`.
        looks: The person's `Looks`.
        color: RGB of the skin.
        hat: A `cloth.Garment` or None.
        seed: Number of the strands' pattern.

    Returns:
        (layers behind the body, layers in front of it).
    """
    if hat is not None and looks.hair in ("curly", "spiky", "bun"):
        looks = dataclasses.replace(looks, hair="short")  # flattened by it
    color = np.asarray(color)
    frame = head_frame(head)
    bare = skin(color, frame)
    face = tags("face", "head")
    hair = hair_fill(head, looks, seed)
    behind, tail = back_hair(head, looks, hair)
    front = []
    for side in ("right", "left"):
        at, seen = head.feature(f"{side}_ear")
        if seen:
            x, y = head.put([0, 0]) * 0 + at
            shape = ellipse(x, y, 0.12 * head.ry, 0.17 * head.ry)
            front.append(Layer([shape], bare, face))
    outline = head.outline(looks)
    front.insert(0, Layer([outline], bare, face, shadow=0.35))
    if head.facing > -0.25:
        front += _features(head, looks, color, bare)
    if looks.beard:
        front += beard_layers(head, looks, hair, outline)
    front += cap_layers(head, looks, hair)
    if looks.glasses and head.facing > -0.1:
        front += glasses_layers(head)
    top = [] if hat is None else hat_layers(head, hat, seed)
    if head.facing < 0:
        return [], front + tail + behind + top
    return behind + tail, front + top


def _features(head, looks, color, bare):
    """Eyes, brows, nose, mouth and cheeks that are turned to the viewer."""
    label, layers = tags("face", "head"), []
    outline = (head.outline(looks),)

    def seen(name, longitude, latitude, rx, ry, fill, **options):
        x, y, z = head.point(longitude, latitude)
        if z > 0.12:
            squeeze = min(1.0, 0.35 + 0.75 * z)
            shape = head.put(ellipse(x, y, rx * squeeze, ry))
            layers.append(Layer([shape], fill, within=outline, **options))

    for side in (-1, 1):
        blush = between(color, np.array([0.86, 0.25, 0.30]), 0.36)
        seen("cheek", side * 0.58, 0.38, 0.17, 0.13, blush, soft=0.05 * head.ry)
        seen("eye", side * 0.42, 0.07, 0.105, 0.135, np.array([1, 1, 1]) * 0.97)
        seen("iris", side * 0.40, 0.08, 0.070, 0.112, INK)
        seen("glint", side * 0.40 - 0.04, 0.03, 0.022, 0.03, np.ones(3))
        brow = np.linspace(-0.17, 0.17, 8)
        x, y, z = head.point(side * 0.42 + brow, -0.19 + 1.6 * brow**2)
        if z.min() > 0.05:
            shape = tube(
                head.put(np.stack([x, y], 1)), np.full(8, 0.030) * head.ry
            )
            hair = 0.55 * np.array(looks.hair_rgb) + 0.03
            layers.append(Layer([shape], hair))
    layers += _nose(head, color, bare, label)
    return layers + _mouth(head, looks, color)


def _nose(head, color, bare, label):
    x, y, _ = head.point(0.0, 0.22, 1.10)
    bridge, wing, _ = head.point(0.0, 0.02, 1.0)
    turned = np.sin(head.yaw)
    shade = color * [0.80, 0.68, 0.64]
    if abs(turned) > 0.6:
        # In profile it stands out of the outline.
        side = np.sign(turned)
        shape = [
            [bridge - 0.10 * side, wing - 0.05],
            [bridge, wing],
            [x + 0.08 * side, y + 0.02],
            [x + 0.03 * side, y + 0.12],
            [x - 0.20 * side, y + 0.14],
        ]
        layers = [Layer([rounded(head.put(shape))], bare, label)]
        low = [[x - 0.10 * side, y + 0.11], [x + 0.02 * side, y + 0.11]]
    else:
        layers = []
        low = [[x - 0.09, y + 0.09], [x, y + 0.13], [x + 0.09, y + 0.09]]
    radii = np.full(len(low), 0.032) * head.ry
    return [*layers, Layer([tube(head.put(low), radii)], shade)]


def _mouth(head, looks, color):
    t = np.linspace(-1, 1, 13)
    wide = 0.30 + 0.10 * max(looks.smile, 0)
    x, y, z = head.point(t * wide, 0.60 - 0.13 * looks.smile * t**2)
    t, x, y = t[z > 0.02], x[z > 0.02], y[z > 0.02]
    if len(t) < 4:
        return []
    lips = between(color, np.array([0.60, 0.15, 0.20]), 0.60)
    line = np.stack([x, y], 1)
    if not looks.teeth:
        radii = 0.040 * head.ry * (1.1 - t**2) ** 0.5
        return [Layer([tube(head.put(line), radii)], lips * 0.85)]
    gape = np.stack([0 * t, (0.17 * (1 - t**2))], 1)
    inside = np.concatenate([line, (line + gape)[::-1]])
    teeth = np.concatenate([line, (line + 0.55 * gape)[::-1]])
    return [
        Layer([head.put(inside)], np.array([0.50, 0.16, 0.18])),
        Layer([head.put(teeth)], np.array([0.97, 0.96, 0.94])),
    ]
