"""The pixel art: a drawn face of large square pixels."""

import dataclasses

import numpy as np

from keras_gan_translate.data.drawn.face_masks import mask_of
from keras_gan_translate.data.drawn.face_plan import PARTS, WITHIN
from keras_gan_translate.data.drawn.face_poster import INK, part_colors

CELLS = 44  # about so many squares in a row, and none of less than two pixels
LEAST = 2
# Parts too small for a square of their own take it at this coverage.
SMALL = {
    "glasses": 0.36,
    "lashes": 0.36,
    "brows": 0.34,
    "pupil": 0.5,
    "glint": 0.3,
    "iris": 0.34,
    "eyes": 0.42,
    "line": 0.5,
    "lips": 0.34,
    "nose": 0.34,
    "earrings": 0.35,
    "necklace": 0.35,
    "teeth": 0.4,
    "shine": 0.5,
    "shadow": 0.4,
}
OUTLINED = ("back", "shirt", "head", "hair", "hat")
DITHERED = ("head", "hair", "back", "shirt", "neck", "hat", "beard")


def draw_pixel(plan, size):
    """Draws a face in squares, each of one colour, dithered in the shade.

    Args:
        plan: The `Plan` of the face.
        size: Height and width in pixels.

    Returns:
        uint8 array of shape (size, size, 3).
    """
    cell = max(LEAST, round(size / CELLS))
    cells = -(-size // cell)
    fit = size / (cells * cell)
    plan = dataclasses.replace(
        plan,
        shapes={
            name: [polygon * fit for polygon in polygons]
            for name, polygons in plan.shapes.items()
        },
    )
    colors = part_colors(plan)
    shade = _shade(plan.face, cells, fit)
    canvas = np.empty((cells, cells, 3))
    canvas[:] = colors["background"]
    grid = np.arange(cells)
    # A sky of two tones.
    high = (grid[:, None] + 0.5) / cells < 0.42 + 0.03 * (grid % 2)
    canvas[high] = colors["ray"]
    covered = {}
    for name in PARTS:
        if not plan.shapes[name] or name == "bridge":
            continue
        mask = mask_of(plan.shapes[name], cells) > SMALL.get(name, 0.5)
        if name in WITHIN:
            mask &= covered[WITHIN[name]]
        covered[name] = mask
        if name in OUTLINED:
            canvas[_rim(mask)] = _dark(colors[name])
        canvas[mask] = colors[name]
        if name in DITHERED:
            canvas[mask & shade] = colors[name] * [0.82, 0.74, 0.8]
    canvas = np.rint(np.clip(canvas, 0, 1) * 255).astype("uint8")
    return canvas.repeat(cell, 0).repeat(cell, 1)[:size, :size]


def _shade(face, cells, fit):
    """Squares in the shade; where it begins, every second one."""
    at = (np.arange(cells) + 0.5) / cells / fit
    x = (at[None] - face.x) / face.width
    y = (at[:, None] - face.y) / face.height
    toward = (x * face.light[0] + y * face.light[1]) / np.hypot(
        face.light[0], face.light[1]
    )
    checks = np.add.outer(np.arange(cells), np.arange(cells)) % 2 == 0
    return (toward < -0.80) | ((toward < -0.52) & checks)


def _rim(mask):
    """The squares beside a mask."""
    padded = np.pad(mask, 1)
    beside = padded[2:, 1:-1] | padded[:-2, 1:-1]
    return (beside | padded[1:-1, 2:] | padded[1:-1, :-2]) & ~mask


def _dark(color):
    return 0.35 * color + 0.5 * INK
