"""The lots that a drawn face is made of, and how they are drawn."""

import numpy as np

from keras_gan_translate.data.drawn.face_colors import (
    EYES,
    FRAMES,
    HAIR_CHANCES,
    HAIRS,
    SKINS,
    any_hue,
)

STYLES = ("short", "spiky", "curly", "bob", "long", "bun", "tails")
FRINGES = ("bangs", "parted", "swept")
BEARDS = ("none", "stubble", "moustache", "goatee", "full")
HATS = ("none", "beanie", "cap", "sun hat")
MAKEUPS = ("none", "lipstick", "heavy")


def draw_first(random):
    """The lots of the first stream, in the order they were first drawn in."""
    uniform, integers = random.uniform, random.integers
    lots = {
        "width": uniform(0.23, 0.265),
        "height": uniform(0.29, 0.325),
        "x": 0.5 + uniform(-0.03, 0.03),
        "y": 0.49 + uniform(-0.02, 0.02),
        "tilt": uniform(-0.13, 0.13),
        "jaw": uniform(0.08, 0.27),
        "eye_gap": uniform(0.40, 0.47),
        "eye_size": uniform(0.92, 1.12),
        "gaze": uniform(-1, 1),
        "smile": uniform(-0.25, 1.0),
        "open": uniform(-0.6, 1.0),
        "brow": uniform(-0.06, 0.06),
        "nose": uniform(0.85, 1.15),
        "part": uniform(0.15, 0.6) * (-1, 1)[integers(2)],
        "volume": uniform(1.10, 1.18),
        "fringe": FRINGES[integers(3)],
        "glasses": bool(random.random() < 0.22),
        "blush": bool(random.random() < 0.7),
        "style": STYLES[integers(len(STYLES))],
    }
    side = uniform(0.35, 0.8) * (-1, 1)[integers(2)]
    light = np.array([side, -uniform(0.35, 0.7), 0.75])
    return lots | {
        "light": tuple((light / np.linalg.norm(light)).tolist()),
        "skin": uniform(0, len(SKINS) - 1),
        "hair": tuple(HAIRS)[random.choice(len(HAIRS), p=HAIR_CHANCES)],
        "eyes": tuple(EYES)[integers(len(EYES))],
        "hair_shade": uniform(0.88, 1.12),
        "eye_shade": uniform(0.88, 1.12),
        "shirt": any_hue(random, (0.45, 0.75), (0.5, 0.85)),
        "background": any_hue(random, (0.3, 0.55), (0.5, 0.8)),
        "frame": tuple(FRAMES)[integers(len(FRAMES))],
    }


def draw_extras(random, style, worn):
    """The lots of the second stream; colours even of what is not worn."""
    colors = {
        "hat_color": any_hue(random, (0.35, 0.7), (0.4, 0.85)),
        "lipstick": any_hue(random, (0.65, 0.85), (0.55, 0.8), (0.93, 1.0)),
    }
    if not worn:
        return colors
    beard, hat, makeup, earrings, necklace, bald = random.random(6)
    which = random.random(3)
    lots = {"earrings": bool(earrings < 0.2), "necklace": bool(necklace < 0.2)}
    if hat < 0.16:
        lots["hat"] = HATS[1 + int(which[0] * 3)]
    if beard < 0.45 and style in ("short", "spiky", "curly"):
        lots["beard"] = BEARDS[1 + int(which[1] * 4)]
        lots["earrings"] = False
        if style == "short" and bald < 0.25:
            lots["style"] = "bald"
    elif makeup < 0.35:
        lots["makeup"] = MAKEUPS[1 + int(which[2] * 2)]
    return colors | lots
