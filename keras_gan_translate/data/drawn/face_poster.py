"""The poster: a drawn face of flat colours, half of it in the shade."""

import numpy as np
from PIL import Image, ImageDraw

from keras_gan_translate.data.drawn.face_colors import between, vivid
from keras_gan_translate.data.drawn.face_masks import SCALE
from keras_gan_translate.data.drawn.face_parts import (
    ALL_PARTS,
    BACKGROUND,
    RAY,
    number_of,
    paint_parts,
)
from keras_gan_translate.data.drawn.face_plan import place

SHADE = np.array([0.78, 0.70, 0.76])  # what shade leaves of a colour
RAYS = 12
INK = np.array([0.17, 0.12, 0.2])


def draw_poster(plan, size):
    """Draws a face in flat colours, without outlines, before rays.

    Args:
        plan: The `Plan` of the face.
        size: Height and width in pixels.

    Returns:
        uint8 array of shape (size, size, 3).
    """
    side = SCALE * size
    numbers = paint_parts(plan, side, rays=_rays(plan.face))
    palette = poster_palette(plan)
    dark = Image.new("L", (side, side))
    polygon = (_shade(plan.face) * side).ravel().tolist()
    ImageDraw.Draw(dark).polygon(polygon, fill=1)
    picture = palette[np.asarray(dark), numbers]
    return np.array(Image.fromarray(picture).reduce(SCALE))


def poster_palette(plan):
    """The colours of a poster.

    Args:
        plan: The `Plan` of the face.

    Returns:
        uint8 array of shape (2, n, 3): the part's colour in the light and in
        the shade, by its number, see `number_of`.
    """
    colors = part_colors(plan)
    light = np.zeros((number_of(ALL_PARTS[-1], 1) + 1, 3))
    light[BACKGROUND], light[RAY] = colors["background"], colors["ray"]
    for name in ALL_PARTS:
        light[number_of(name)] = light[number_of(name, 1)] = colors[name]
    dark = light * SHADE
    dark[[BACKGROUND, RAY]] = light[[BACKGROUND, RAY]]
    for name in ("teeth", "eyes", "iris", "pupil", "glint", "lashes"):
        first = number_of(name)
        dark[first : first + 2] = light[first : first + 2] * 0.94
    both = np.stack([light, dark])
    return np.rint(np.clip(both, 0, 1) * 255).astype("uint8")


def part_colors(plan):
    """One flat colour for each part, name -> RGB array in [0, 1]."""
    colors = plan.colors
    skin, hair = vivid(colors["skin"], 0.95), vivid(colors["hair"])
    beard, gold = vivid(colors["beard"]), vivid(colors["gold"])
    back, hat = vivid(colors["background"], 1.25), vivid(colors["hat"])
    lips, white = vivid(colors["lips"]), np.array([1.0, 0.98, 0.94])
    return {
        "background": back * 0.9,
        "ray": between(back, white, 0.28),
        "back": hair * 0.78,
        "neck": skin * [0.86, 0.79, 0.81],
        "shirt": vivid(colors["shirt"]),
        "necklace": gold,
        "ears": skin * [0.94, 0.88, 0.88],
        "near_ear": skin * [0.94, 0.88, 0.88],
        "head": skin,
        "blush": vivid(colors["blush"], 0.95),
        "stubble": between(skin, beard, 0.22),
        "beard": beard,
        "moustache": beard,
        "bridge": skin,
        "nose": skin * [0.78, 0.64, 0.64],
        "nose_area": skin * [0.95, 0.9, 0.9],
        "lips": lips,
        "lower_lip": lips,
        "upper_lip": lips * 0.85,
        "line": INK + [0.25, 0, 0.02],
        "teeth": white,
        "shadow": vivid(colors["shadow"]),
        "eyes": white,
        "iris": vivid(colors["iris"]),
        "pupil": INK,
        "glint": white,
        "lashes": INK,
        "brows": hair * 0.62,
        "hair": hair,
        "shine": between(hair, white, 0.25),
        "earrings": gold,
        "glasses": vivid(colors["glasses"]) * 0.8,
        "hat": hat,
        "hat_band": hat * 0.75,
    }


def _rays(face):
    """Every second sector around the head."""
    turns = np.arange(0, 2 * RAYS, 2) * np.pi / RAYS + face.tilt
    middle = np.array([face.x, face.y])
    edges = [
        middle + 2 * np.stack([np.cos(angle), np.sin(angle)], 1)
        for angle in (turns, turns + np.pi / RAYS)
    ]
    return [np.array([middle, a, b]) for a, b in zip(*edges)]


def _shade(face):
    """What lies on the side of the head that the light does not reach."""
    side = -np.sign(face.light[0])
    y = np.linspace(-1.8, 1.15, 50)
    bulge = np.sqrt(np.clip(1 - (y / 1.15) ** 2, 0, 1))
    edge = np.stack([side * (0.06 + 0.42 * bulge), y], 1)
    far = np.array([[side * 6, 1.3], [side * 6, -1.8]])
    head = place(np.concatenate([edge, far]) * [face.width, face.height], face)
    # On the bust the shade falls straight down.
    foot = head[len(edge) - 1] * [1, 0] + [0, 1.2]
    far = np.array([[0.5 + side * 2, 1.2]])
    return np.concatenate([head[: len(edge)], [foot], far, head[len(edge) :]])
