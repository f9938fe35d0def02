"""One face in words and numbers: what is drawn, and what can be changed."""

import dataclasses

import numpy as np

from keras_gan_translate.data.drawn.face_colors import (
    EYES,
    FRAMES,
    HAIRS,
    SKINS,
)
from keras_gan_translate.data.drawn.face_lots import (
    BEARDS,
    FRINGES,
    HATS,
    MAKEUPS,
    STYLES,
    draw_extras,
    draw_first,
)
from keras_gan_translate.support.messages import check_choice

YAW = 45.0  # degrees, the most that a head turns

# The words of each lot, and the range of each number that people may set.
WORDS = {
    "eyes": tuple(EYES),
    "hair": tuple(HAIRS),
    "style": (*STYLES, "bald"),
    "fringe": FRINGES,
    "frame": tuple(FRAMES),
    "beard": BEARDS,
    "hat": HATS,
    "makeup": MAKEUPS,
}
RANGES = {
    "skin": (0.0, len(SKINS) - 1.0),
    "gaze": (-1.0, 1.0),
    "smile": (-0.25, 1.0),
    "open": (-0.6, 1.0),
    "lid": (0.0, 1.0),
    "yaw": (-YAW, YAW),
}
FLAGS = ("glasses", "blush", "earrings", "necklace")
# What tells one person from another; `same_person` keeps these.
IDENTITY = (
    "seed",
    "index",
    "width",
    "height",
    "jaw",
    "eye_gap",
    "eye_size",
    "brow",
    "nose",
    "skin",
    "eyes",
    "eye_shade",
    "hair",
    "hair_shade",
)
# Ends of the seeds of further streams. None is 0, which `SeedSequence` takes
# for nothing at all: [2, 3] and [2, 3, 0] are one stream.
_EXTRAS, _SAME_PERSON, _TEXTURE, _WATER = 1, 2, 3, 4


@dataclasses.dataclass(frozen=True)
class Face:
    """All lots of a drawn face. Equal faces give equal pictures.

    Lengths are in widths of the image unless said otherwise; colours are RGB
    in [0, 1]; left and right are those of the picture.

    Args:
        seed: Seed of the face.
        index: Number of the face.
        width: Half the width of the head.
        height: Half its height.
        jaw: By how much the chin is narrower than an ellipse, 0 to 1.
        eye_gap: From the middle of the face to an eye, in `width`.
        eye_size: Size of the eyes, about 1.
        brow: Height of the eyebrows, about 0, in `height`.
        nose: Size of the nose, about 1.
        skin: Tone, 0 (palest) to 5 (darkest).
        eyes: Colour of the eyes, a word of `WORDS["eyes"]`.
        eye_shade: Factor of that colour.
        hair: Colour of the hair, a word of `WORDS["hair"]`.
        hair_shade: Factor of that colour.
        style: Haircut, a word of `WORDS["style"]`.
        volume: Radius of the hair in radii of the head.
        fringe: Hair on the forehead, a word of `FRINGES`.
        part: Where the hair parts, -1 (left) to 1 (right).
        x: Middle of the head, to the right.
        y: Middle of the head, down.
        tilt: Radians by which the head leans to the right.
        gaze: Where the eyes look, -1 (left) to 1 (right).
        smile: -0.25 (sad) to 1 (laughing).
        open: Open mouth from 0.25 on, to 1.
        glasses: Whether glasses are worn.
        frame: Colour of the glasses, a word of `WORDS["frame"]`.
        blush: Whether the cheeks are rosy.
        light: Unit vector towards the light: right, down, to the viewer.
        shirt: Colour of the clothes.
        background: Colour behind the person.
        beard: A word of `BEARDS`.
        hat: A word of `HATS`.
        hat_color: Colour of the hat.
        makeup: A word of `MAKEUPS`; "heavy" is lipstick and eye shadow.
        lipstick: Colour of the lipstick.
        earrings: Whether earrings are worn.
        necklace: Whether a necklace is worn.
        lid: 1 for open eyes, 0 for closed ones.
        yaw: Degrees by which the head is turned to the right.
        scene: Number of the background's pattern and of the grain.
    """

    seed: int
    index: int
    width: float
    height: float
    jaw: float
    eye_gap: float
    eye_size: float
    brow: float
    nose: float
    skin: float
    eyes: str
    eye_shade: float
    hair: str
    hair_shade: float
    style: str
    volume: float
    fringe: str
    part: float
    x: float
    y: float
    tilt: float
    gaze: float
    smile: float
    open: float
    glasses: bool
    frame: str
    blush: bool
    light: tuple
    shirt: tuple
    background: tuple
    beard: str = "none"
    hat: str = "none"
    hat_color: tuple = (0.3, 0.4, 0.6)
    makeup: str = "none"
    lipstick: tuple = (0.72, 0.1, 0.2)
    earrings: bool = False
    necklace: bool = False
    lid: float = 1.0
    yaw: float = 0.0
    scene: int = 0

    def changed(self, **lots):
        """The same face with other lots; all else is drawn as before.

        Args:
            **lots: New values by the names of the fields.

        Returns:
            Another `Face`.

        Raises:
            ValueError: There is no such lot, or no such value of it.

        Example:
            >>> draw_face(0).changed(glasses=True)
        """
        names = [field.name for field in dataclasses.fields(self)]
        for name, value in lots.items():
            check_choice("lot", name, names)
            _check_value(name, value)
        return dataclasses.replace(self, **lots)

    def texture(self):
        """The `numpy.random.Generator` of background, strands and grain."""
        if self.scene:
            return np.random.default_rng(
                [self.seed, self.index, _TEXTURE, self.scene]
            )
        # Photos were first drawn by one stream for all: the lots come first.
        random = np.random.default_rng([self.seed, self.index])
        draw_first(random)
        return random

    def water(self):
        """The `Generator` of the watercolour's paper and flow."""
        return np.random.default_rng(
            [self.seed, self.index, _WATER, self.scene + 1]
        )


def draw_face(index, seed=0, extras=True):
    """Draws the lots of face number `index`.

    Args:
        index: Number of the face, 0 or more.
        seed: Another seed, other faces.
        extras: Whether beards, hats, makeup and jewellery are drawn too; the
            faces of `synthetic_faces` wear none.

    Returns:
        A `Face`, which depends on `seed` and `index` alone.

    Raises:
        ValueError: `index` or `seed` is negative.
    """
    for name, value in (("index", index), ("seed", seed)):
        if value < 0:
            raise ValueError(f"{name} must be at least 0, received {value}.")
    lots = draw_first(np.random.default_rng([seed, index]))
    lots |= draw_extras(
        np.random.default_rng([seed, index, _EXTRAS]), lots["style"], extras
    )
    return Face(seed=seed, index=index, **lots)


def same_person(face, k):
    """The same person at another time: picture k of a face.

    Proportions, skin, eyes and the hair's colour stay. Light, expression,
    background, place and tilt of the head, haircut and clothes are others.

    Args:
        face: A `Face`.
        k: Number of the picture; 0 is the face itself.

    Returns:
        A `Face`, which depends on the face's seed and index and on k alone.

    Raises:
        ValueError: `k` is negative.
    """
    if k < 0:
        raise ValueError(f"k must be at least 0, received {k}.")
    if k == 0:
        return face
    other = draw_first(
        np.random.default_rng([face.seed, face.index, _SAME_PERSON, k])
    )
    keep = (*IDENTITY, "glasses", "frame", "blush")
    if face.style == "bald":
        keep += ("style",)
    lots = {name: lot for name, lot in other.items() if name not in keep}
    return dataclasses.replace(face, scene=k, **lots)


def turned(face, degrees):
    """The same face with its head turned, nothing else changed.

    Args:
        face: A `Face`.
        degrees: -45 to 45; positive ones turn it to the picture's right.

    Returns:
        A `Face`.

    Raises:
        ValueError: The angle is out of range.
    """
    return face.changed(yaw=float(degrees))


def _check_value(name, value):
    if name in WORDS:
        check_choice(name, value, WORDS[name])
    elif name in FLAGS:
        check_choice(name, value, (False, True))
    elif name in RANGES:
        low, high = RANGES[name]
        if not low <= value <= high:
            raise ValueError(
                f"{name} must lie in {low} to {high}, received {value}."
            )
    elif name in ("light", "shirt", "background", "hat_color", "lipstick"):
        if np.shape(value) != (3,):
            raise ValueError(f"{name} needs three numbers, received {value}.")
