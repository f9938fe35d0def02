"""The head of a drawn person, seen from any side: face, hair and hat."""

import dataclasses

import numpy as np

from keras_gan_translate.data.drawn.cloth import (
    Frame,
    cloth,
    round_light,
    skin,
)
from keras_gan_translate.data.drawn.colors import between, noise
from keras_gan_translate.data.drawn.painting import (
    Layer,
    ellipse,
    rounded,
    tube,
)
from keras_gan_translate.data.drawn.person_body import tags

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
INK = np.array([0.16, 0.12, 0.14])
WIDTH = 0.80  # of the head, over its height
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
        side = 0.30 if "ear" in name else -0.10
        return self.put([x, y]), z > -side

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
    frame = _frame(head)
    bare = skin(color, frame)
    face = tags("face", "head")
    hair = _hair_fill(head, looks, seed)
    behind, tail = _back_hair(head, looks, hair)
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
        front += _beard(head, looks, hair, outline)
    front += _cap(head, looks, hair)
    if looks.glasses and head.facing > -0.1:
        front += _glasses(head)
    top = [] if hat is None else _hat(head, hat, seed)
    if head.facing < 0:
        return [], front + tail + behind + top
    return behind + tail, front + top


def _frame(head):
    top, bottom = head.put([0, -1]), head.put([0, 1])
    return Frame(tuple(top), tuple(bottom), 1.05 * head.rx, head.unit)


def _hair_fill(head, looks, seed):
    color, frame = np.array(looks.hair_rgb), _frame(head)

    def fill(x, y):
        across = frame.locate(x, y)[0]
        strands = noise(x * 5 + y * 0.4, y * 0.6, 0.016 * head.unit, seed)
        shade = round_light(0.85 * across, -0.45) * (1 + 0.10 * strands)
        rel = (y - head.center[1]) / head.ry
        shine = np.clip(1 - np.abs(rel + 0.62 - 0.15 * across**2) / 0.16, 0, 1)
        return color * shade[..., None] + 0.09 * shine[..., None]

    return fill


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
            shape = tube(head.put(np.stack([x, y], 1)), np.full(8, 0.030) * head.ry)
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


def _beard(head, looks, hair, outline):
    t = np.linspace(-1.45, 1.45, 24)
    x, y, z = head.point(t, 0.36 + 0.0 * t)
    if head.facing < -0.25:
        return []
    upper = np.stack([x, y + 0.10 * np.cos(t) ** 2], 1)
    x, y, z = head.point(t, 1.3)
    lower = np.stack([np.interp(t, t, upper[:, 0]) * 1.05, 0 * t + 1.12], 1)
    mouth = head.point(0, 0.61)
    cut = ellipse(mouth[0], mouth[1] + 0.03, 0.23 * max(head.facing, 0.3), 0.10)
    return [
        Layer(
            [head.put(np.concatenate([upper, lower[::-1]]))],
            hair,
            tags("hair", "head"),
            minus=(head.put(cut),),
            within=(head.outline(looks, 1.04),),
        )
    ]


def _cap(head, looks, hair):
    """The hair on the skull."""
    if looks.hair == "bald":
        return []
    face = head.face(looks)
    grow = {"curly": 1.16, "spiky": 1.10, "short": 1.07}.get(looks.hair, 1.09)
    t = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    radius = np.full(72, grow)
    up = np.clip(-np.sin(t), 0, 1)
    if looks.hair == "spiky":
        teeth = np.abs((t * 11 / (2 * np.pi)) % 1 - 0.5) * 2
        radius = radius + 0.22 * teeth * up**0.5
    if looks.hair == "curly":
        radius = radius + 0.05 * np.abs(np.sin(t * 6)) + 0.16 * up
    shape = np.stack([WIDTH * radius * np.cos(t), radius * np.sin(t)], 1)
    # It reaches the nape, which from the front is behind the ears.
    nape = {"bob": 0.80, "long": 0.90}.get(looks.hair)
    if nape is None:
        nape = 0.12 + 0.55 * np.clip(-head.facing + 0.25, 0, 1)
    low = nape + 0.05 * np.cos(3 * shape[:, 0])
    shape[:, 1] = np.minimum(shape[:, 1], low)
    minus = () if face is None else (face,)
    cap = [Layer([head.put(shape)], hair, tags("hair", "hair"), minus=minus)]
    return cap


def _back_hair(head, looks, hair):
    """(what hangs behind the head, what is tied up)."""
    label = tags("hair", "hair")
    away = -np.sin(head.yaw)  # where the back of the head is
    side = 0.35 * away
    hang, tied = [], []
    if looks.hair in ("bob", "long"):
        end = 1.25 if looks.hair == "bob" else 2.15
        wide = 0.93 if looks.hair == "bob" else 0.98
        shape = [
            [side - 0.86, -0.60],
            [side - wide, 0.30],
            [side - wide - 0.03, end - 0.25],
            [side - 0.50, end],
            [side, end - 0.06],
            [side + 0.50, end],
            [side + wide + 0.03, end - 0.25],
            [side + wide, 0.30],
            [side + 0.86, -0.60],
            [side, -1.05],
        ]
        hang = [Layer([head.put(rounded(shape))], hair, label, shadow=0.3)]
    if looks.hair == "curly":
        t = np.linspace(0, 2 * np.pi, 80, endpoint=False)
        radius = 1.24 + 0.07 * np.abs(np.sin(t * 6.5))
        shape = np.stack([radius * np.cos(t), radius * np.sin(t)], 1)
        shape = shape * [0.86, 0.92] + [0.6 * side, -0.12]
        hang = [Layer([head.put(shape)], hair, label, shadow=0.2)]
    if looks.hair == "ponytail":
        x = 0.95 * away
        points = [[0.8 * x, -0.55], [1.25 * x, -0.35], [1.4 * x, 0.3], [1.25 * x, 1.2]]
        radii = np.array([0.16, 0.26, 0.26, 0.06]) * head.ry
        tied = [Layer([tube(head.put(points), radii)], hair, label)]
    if looks.hair == "bun":
        shape = ellipse(0.75 * away, -0.98, 0.40, 0.38)
        tied = [Layer([head.put(shape)], hair, label)]
    return hang, tied


def _glasses(head):
    label, layers = tags("glasses", "head"), []
    for side in (-1, 1):
        x, y, z = head.point(side * 0.43, 0.07, 1.03)
        if z < 0.1:
            continue
        squeeze = min(1.0, 0.3 + 0.8 * z)
        outer = ellipse(x, y, 0.235 * squeeze, 0.225)
        inner = ellipse(x, y, 0.180 * squeeze, 0.175)
        layers.append(
            Layer([head.put(outer)], INK, label, minus=(head.put(inner),))
        )
    t = np.linspace(-0.13, 0.13, 4)
    x, y, z = head.point(t, 0.02 + 0 * t, 1.06)
    if z.min() > 0.05:
        shape = tube(head.put(np.stack([x, y], 1)), np.full(4, 0.025) * head.ry)
        layers.append(Layer([shape], INK, label))
    for side in (-1, 1):
        t = side * np.linspace(0.72, 1.45, 5)
        x, y, z = head.point(t, 0.02 + 0 * t, 1.03)
        keep = z > 0.05
        if keep.sum() > 1:
            line = np.stack([x, y], 1)[keep]
            shape = tube(head.put(line), np.full(len(line), 0.022) * head.ry)
            layers.append(Layer([shape], INK, label))
    return layers


def _hat(head, hat, seed):
    label = tags("hat", "hair")
    fill = cloth(hat, _frame(head), seed)
    t = np.linspace(np.pi, 2 * np.pi, 30)
    if hat.kind == "beanie":
        dome = np.stack([0.92 * np.cos(t), -0.38 + 0.92 * np.sin(t)], 1)
        band = [[-0.93, -0.55], [0.93, -0.55], [0.92, -0.22], [-0.92, -0.22]]
        bobble = ellipse(0, -1.36, 0.20, 0.20)
        return [
            Layer([head.put(bobble)], np.array(hat.second_rgb), label),
            Layer([head.put(dome)], fill, label),
            Layer([head.put(band)], np.array(hat.second_rgb), label, shadow=0.3),
        ]
    dome = np.stack([0.86 * np.cos(t), -0.42 + 0.80 * np.sin(t)], 1)
    brim = ellipse(0, -0.42, 1.55, 0.22)
    ribbon = [[-0.86, -0.68], [0.86, -0.68], [0.88, -0.46], [-0.88, -0.46]]
    return [
        Layer([head.put(brim)], fill, label, shadow=0.4),
        Layer([head.put(dome)], fill, label),
        Layer([head.put(ribbon)], np.array(hat.second_rgb), label),
    ]
