"""Garments' colours and patterns, and how they lie on a round body."""

import dataclasses

import numpy as np

from keras_gan_translate.data.drawn.colors import between, noise

PATTERNS = (
    "plain",
    "striped",
    "pinstriped",
    "dotted",
    "checked",
    "two-coloured",
    "flowered",
    "heart",
    "star",
)


@dataclasses.dataclass(frozen=True)
class Garment:
    """One piece of clothing.

    Attributes:
        kind: What it is, 't-shirt' or 'skirt'.
        color: Name of its colour, of `colors.CLOTHES`.
        second: Name of the colour of its pattern.
        pattern: One of `PATTERNS`.
        rgb: The colour itself, each in [0, 1].
        second_rgb: That of the pattern.
        length: From 0, the shortest of its kind, to 1, the longest.
        wide: From 0, tight, to 1.
    """

    kind: str
    color: str
    second: str
    pattern: str
    rgb: tuple
    second_rgb: tuple
    length: float
    wide: float

    def words(self):
        """'red dotted skirt'."""
        if self.pattern in ("heart", "star"):
            return (
                f"{self.color} {self.kind} with a {self.second} {self.pattern}"
            )
        if self.pattern == "plain":
            return f"{self.color} {self.kind}"
        return f"{self.color} and {self.second} {self.pattern} {self.kind}"


@dataclasses.dataclass(frozen=True)
class Frame:
    """Where on a limb a point lies.

    Attributes:
        origin: Start of its axis, in heights of the picture.
        end: A further point of the axis.
        half: Half the limb's width there.
        unit: Height of the body in heights of the picture.
        yaw: Turn of the limb about its axis.
        spread: How much `half` grows along one height of the picture.
    """

    origin: tuple
    end: tuple
    half: float
    unit: float
    yaw: float = 0.0
    spread: float = 0.0

    def locate(self, x, y):
        """Across in [-1, 1]; around and along in heights of the body."""
        axis = np.subtract(self.end, self.origin)
        axis = axis / (np.linalg.norm(axis) + 1e-9)
        dx, dy = x - self.origin[0], y - self.origin[1]
        along = dx * axis[0] + dy * axis[1]
        half = self.half + self.spread * np.clip(along, 0, None)
        across = np.clip((dx * axis[1] - dy * axis[0]) / half, -1, 1)
        along = along / self.unit
        around = np.arcsin(0.98 * across) - self.yaw
        return across, around, around * self.half / self.unit, along


def cloth(garment, frame, seed, chest=False, light=-0.45):
    """The fill of a layer: a garment on a round limb.

    Args:
        garment: A `Garment`.
        frame: The limb's `Frame`.
        seed: Number of the folds' pattern.
        chest: Whether the picture on a shirt belongs here.
        light: Where it comes from, -1 the left to 1 the right.
    """
    first, second = np.array(garment.rgb), np.array(garment.second_rgb)

    def fill(x, y):
        across, angle, around, along = frame.locate(x, y)
        share = _pattern(garment.pattern, angle, around, along, seed, chest)
        color = between(first, second, share[..., None])
        return color * _shade(garment, across, x, y, frame, light, seed)

    return fill


def skin(color, frame, light=-0.45):
    """The fill of a bare limb."""
    color = np.asarray(color)

    def fill(x, y):
        across = frame.locate(x, y)[0]
        return color * round_light(across, light)[..., None] ** [0.8, 1.05, 1.2]

    return fill


def round_light(across, light):
    """Light on a cylinder, about 0.72 to 1.06."""
    facing = np.sqrt(1 - across**2)
    return 0.70 + 0.36 * np.clip(0.88 * facing + light * across, 0, 1)


def _shade(garment, across, x, y, frame, light, seed):
    shade = round_light(across, light)
    unit = frame.unit
    if "jeans" in garment.kind:
        shade = shade * (1 + 0.05 * noise(x, y, 0.004 * unit, seed))
        shade = shade + 0.10 * (np.abs(across) < 0.45)
    if garment.kind in ("sweater", "beanie"):
        rib = frame.locate(x, y)[2]
        shade = shade * (1 + 0.05 * np.sign(np.sin(rib * 700)))
    folds = noise(x * 1.6, y * 0.9, 0.045 * unit, seed + 1)
    shade = shade * (1 + 0.055 * folds)
    return shade[..., None]


def _pattern(name, angle, around, along, seed, chest):
    """How much of the second colour there is, in [0, 1]."""
    if name == "striped":
        return ((along / 0.052) % 1 < 0.42).astype("float32")
    if name == "pinstriped":
        return ((around / 0.024) % 1 < 0.20).astype("float32")
    if name == "dotted":
        row = np.floor(along / 0.030)
        u = (around / 0.034 + 0.5 * (row % 2)) % 1 - 0.5
        v = (along / 0.030) % 1 - 0.5
        return (u**2 * 1.28 + v**2 < 0.085).astype("float32")
    if name == "checked":
        lines = ((around / 0.048) % 1 < 0.42) + 0.0
        return 0.5 * lines + 0.5 * ((along / 0.048) % 1 < 0.42)
    if name == "two-coloured":
        return (along > 0.135).astype("float32")
    if name == "flowered":
        petals = noise(around, along, 0.013, seed + 2)
        return np.where(petals > 0.42, 1.0, np.where(petals < -0.62, 0.5, 0.0))
    if chest and name in ("heart", "star"):
        u, v = angle / 0.55, (along - 0.105) / 0.040
        return _emblem(name, u, v) * (np.abs(angle) < 1.2)
    return np.zeros_like(along)


def _emblem(name, u, v):
    if name == "heart":
        v = -v * 0.95 + 0.1
        return ((u**2 + v**2 - 0.75) ** 3 < u**2 * v**3 * 1.4) + 0.0
    radius, turn = np.hypot(u, v), np.arctan2(u, -v)
    near = np.abs((turn * 5 / (2 * np.pi) + 0.5) % 1 - 0.5) * 2
    return (radius < 1.05 - 0.62 * near) + 0.0
