"""The colours of a drawn face, by name and as RGB in [0, 1]."""

import colorsys

import numpy as np

SKINS = ("#ffe3d0", "#f6cdb0", "#e3ab85", "#c68a5f", "#98633f", "#6b4430")
HAIRS = {
    "black": "#2b2530",
    "dark brown": "#46302a",
    "brown": "#6f4428",
    "light brown": "#9c5a2a",
    "red": "#b8452f",
    "blond": "#d9b25f",
    "gray": "#a9a3a8",
    "pink": "#c05a86",
    "blue": "#4f62ad",
    "green": "#3f8f86",
}
HAIR_CHANCES = np.array([16, 14, 14, 11, 10, 14, 6, 5, 5, 5]) / 100
EYES = {
    "dark brown": "#5b3a22",
    "light brown": "#8a5a2b",
    "green": "#4c8a4a",
    "blue": "#3f7fbf",
    "gray": "#6a7a8a",
}
FRAMES = {"black": "#2a2a33", "red": "#7a3030", "blue": "#2f4a70"}
GOLD = "#d8b04a"


def face_colors(face):
    """The colours of what is drawn, name -> RGB array of shape (3,)."""
    dark = int(min(face.skin, len(SKINS) - 2))  # tone 5 is the last of all
    skin = between(rgb(SKINS[dark]), rgb(SKINS[dark + 1]), face.skin - dark)
    hair = rgb(HAIRS[face.hair]) * face.hair_shade
    colors = {
        "skin": skin,
        "hair": hair,
        "iris": rgb(EYES[face.eyes]) * face.eye_shade,
        "shirt": np.array(face.shirt),
        "background": np.array(face.background),
        "glasses": rgb(FRAMES[face.frame]),
        "lips": between(skin, rgb("#b03848"), 0.55),
        "blush": between(skin, rgb("#e0485c"), 0.32),
        "beard": hair * 0.82,
        "hat": np.array(face.hat_color),
        "gold": rgb(GOLD),
        "shadow": between(skin, np.array(face.lipstick) * [0.6, 0.8, 1.5], 0.6),
    }
    if face.makeup != "none":
        colors["lips"] = between(skin, np.array(face.lipstick), 0.88)
    colors["shadow"] = np.clip(colors["shadow"], 0, 1)
    return colors


def vivid(color, saturated=1.12):
    """The toon's colour for a colour of the photo: same hue, brighter."""
    hue, saturation, value = colorsys.rgb_to_hsv(*color)
    return np.array(
        colorsys.hsv_to_rgb(hue, min(1.0, saturated * saturation), value**0.6)
    )


def pastel(color):
    """A vivid colour, half of it white."""
    return 0.5 + 0.5 * vivid(color)


def pixel(color):
    """A colour as Pillow takes it: three integers, 0 to 255."""
    return tuple(int(round(255 * min(1.0, max(0.0, c)))) for c in color)


def any_hue(random, saturation, value, hue=(0.0, 1.0)):
    """Draws a colour: three numbers of the stream, each from its range."""
    hsv = random.uniform(*hue), random.uniform(*saturation)
    return colorsys.hsv_to_rgb(*hsv, random.uniform(*value))


def rgb(text):
    """The colour that "#rrggbb" says."""
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def between(a, b, share):
    """The colour that lies a share of the way from a to b."""
    return a + (b - a) * share
