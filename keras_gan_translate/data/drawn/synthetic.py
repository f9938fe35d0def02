"""Faces drawn by code in two styles: data that needs no download."""

import colorsys

import numpy as np

from keras_gan_translate.data.drawn.face_shapes import (
    bust_shapes,
    eye_shapes,
    head_shapes,
)
from keras_gan_translate.data.drawn.face_styles import draw_photo, draw_toon
from keras_gan_translate.support.messages import check_choice

SKINS = ("#ffe3d0", "#f6cdb0", "#e3ab85", "#c68a5f", "#98633f", "#6b4430")
HAIRS = (
    "#2b2530",
    "#46302a",
    "#6f4428",
    "#9c5a2a",
    "#b8452f",
    "#d9b25f",
    "#a9a3a8",
    "#c05a86",
    "#4f62ad",
    "#3f8f86",
)
HAIR_CHANCES = np.array([16, 14, 14, 11, 10, 14, 6, 5, 5, 5]) / 100
EYES = ("#5b3a22", "#8a5a2b", "#4c8a4a", "#3f7fbf", "#6a7a8a")
GLASSES = ("#2a2a33", "#7a3030", "#2f4a70")
STYLES = ("short", "spiky", "curly", "bob", "long", "bun", "tails")


def synthetic_faces(
    count, image_size=64, seed=0, start=0, styles=("photo", "toon")
):
    """Draws faces, each as a soft shaded 'photo' and as a flat 'toon'.

    Both pictures of a face come from the same shapes and the same colours, so
    the toon is the exact ground truth for translating the photo, and the other
    way round. Face k depends on `seed` and k alone: any number can be drawn,
    in any order, and `start` gives held-out faces.

    Args:
        count: Number of faces.
        image_size: Height and width in pixels, 16 at least.
        seed: Another seed, other faces.
        start: Index of the first face.
        styles: What to draw, and in which order it is returned.

    Returns:
        One uint8 array of shape (count, image_size, image_size, 3) for each
        style: `(photos, toons)`.

    Raises:
        ValueError: `count` or `image_size` is too small, `seed` or `start`
            negative, or a style unknown.

    Example:
        >>> photos, toons = synthetic_faces(8, image_size=128)
    """
    least = {"count": 1, "image_size": 16, "seed": 0, "start": 0}
    for name, value in zip(least, (count, image_size, seed, start)):
        if value < least[name]:
            raise ValueError(
                f"{name} must be at least {least[name]}, received {value}."
            )
    for style in styles:
        check_choice("style", style, ("photo", "toon"))
    shape = (count, image_size, image_size, 3)
    drawn = {style: np.empty(shape, "uint8") for style in styles}
    for i in range(count):
        random = np.random.default_rng([seed, start + i])
        face = draw_lots(random)
        if "photo" in drawn:
            drawn["photo"][i] = draw_photo(face, image_size, random)
        if "toon" in drawn:
            drawn["toon"][i] = draw_toon(face, image_size)
    return tuple(drawn[style] for style in styles)


def draw_lots(random):
    """Draws the lots of one face: its shapes, colours and light.

    Args:
        random: A `numpy.random.Generator`.

    Returns:
        Dict of `photo` and `toon` (name -> list of polygons, arrays of shape
        (n, 2) in widths of the image from the top left), `colors` (name ->
        RGB in [0, 1]), `light` (unit vector towards it), and `center` and
        `radii` of the head.
    """
    uniform = random.uniform
    rx, ry = uniform(0.23, 0.265), uniform(0.29, 0.325)
    x, y = 0.5 + uniform(-0.03, 0.03), 0.49 + uniform(-0.02, 0.02)
    tilt = uniform(-0.13, 0.13)  # radians
    look = {
        "jaw": uniform(0.08, 0.27),
        "eye_gap": uniform(0.40, 0.47) * rx,
        "eye_size": uniform(0.92, 1.12),
        "gaze": uniform(-1, 1),
        "smile": uniform(-0.25, 1.0),
        "open": uniform(-0.6, 1.0),
        "brow": uniform(-0.06, 0.06),
        "nose": uniform(0.85, 1.15),
        "part": uniform(0.15, 0.6) * random.choice([-1, 1]),
        "volume": uniform(1.10, 1.18),
        "fringe": random.integers(3),
        "glasses": random.random() < 0.22,
        "blush": random.random() < 0.7,
        "style": str(random.choice(STYLES)),
    }
    cos, sin = np.cos(tilt), np.sin(tilt)
    turn = np.array([[cos, sin], [-sin, cos]])  # for rows of points

    def place(shapes):
        return {
            name: [polygon @ turn + [x, y] for polygon in polygons]
            for name, polygons in shapes.items()
        }

    shared = place(head_shapes(rx, ry, look)) | bust_shapes(x, y, rx, ry)
    side = uniform(0.35, 0.8) * random.choice([-1, 1])
    light = np.array([side, -uniform(0.35, 0.7), 0.75])
    return {
        "photo": shared | place(eye_shapes(rx, ry, look, tall=1.0)),
        "toon": shared | place(eye_shapes(rx, ry, look, tall=1.7)),
        "colors": _draw_colors(random),
        "light": light / np.linalg.norm(light),
        "center": (x, y),
        "radii": (rx, ry),
    }


def _draw_colors(random):
    tone = random.uniform(0, len(SKINS) - 1)
    dark = int(tone)
    skin = _between(_rgb(SKINS[dark]), _rgb(SKINS[dark + 1]), tone - dark)
    hair = _rgb(HAIRS[random.choice(len(HAIRS), p=HAIR_CHANCES)])
    iris = _rgb(EYES[random.choice(len(EYES))])
    return {
        "skin": skin,
        "hair": hair * random.uniform(0.88, 1.12),
        "iris": iris * random.uniform(0.88, 1.12),
        "shirt": _any_hue(random, (0.45, 0.75), (0.5, 0.85)),
        "background": _any_hue(random, (0.3, 0.55), (0.5, 0.8)),
        "glasses": _rgb(GLASSES[random.choice(len(GLASSES))]),
        "lips": _between(skin, _rgb("#b03848"), 0.55),
        "blush": _between(skin, _rgb("#e0485c"), 0.32),
    }


def _any_hue(random, saturation, value):
    hsv = random.uniform(), random.uniform(*saturation), random.uniform(*value)
    return np.array(colorsys.hsv_to_rgb(*hsv))


def _rgb(text):
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def _between(a, b, share):
    return a + (b - a) * share
