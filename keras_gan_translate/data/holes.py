"""Holes in pictures that are to be filled: drawn at random, or in the middle.

Each function takes a `numpy.random.RandomState` and the (height, width) of a
picture, and returns a uint8 array of shape (height, width, 1): 255 where the
picture is missing, 0 where it is known.
"""

import numpy as np
from PIL import Image, ImageDraw


def centre_hole(random, size):
    """The middle half of height and width, as inpainting is measured.

    Reference:
        Pathak et al., "Context Encoders: Feature Learning by Inpainting",
        2016, section 4.1.
    """
    mask = np.zeros((*size, 1), "uint8")
    height, width = size
    top, left = height // 4, width // 4
    mask[top : height - top, left : width - left] = 255
    return mask


def block_holes(random, size):
    """One to four rectangles, each an eighth to three eighths of a side."""
    mask = np.zeros((*size, 1), "uint8")
    for _ in range(random.randint(1, 5)):
        sides = [
            random.randint(max(1, side // 8), max(2, side * 3 // 8 + 1))
            for side in size
        ]
        top, left = (
            random.randint(0, side - own + 1) for side, own in zip(size, sides)
        )
        mask[top : top + sides[0], left : left + sides[1]] = 255
    return mask


def box_hole(random, size):
    """One box of half the height and width, less up to a sixteenth.

    Reference:
        Yu et al., "Generative Image Inpainting with Contextual Attention",
        2018, section 4, whose pictures have 256 pixels a side, boxes 128 and
        less up to 16.
    """
    mask = np.zeros((*size, 1), "uint8")
    sides = [side // 2 - random.randint(0, side // 16 + 1) for side in size]
    top, left = (
        random.randint(0, side - own + 1) for side, own in zip(size, sides)
    )
    mask[top : top + sides[0], left : left + sides[1]] = 255
    return mask


def stroke_holes(random, size):
    """Free-form strokes of a round brush that turns to and fro.

    Reference:
        Yu et al., "Free-Form Image Inpainting with Gated Convolution", 2019,
        section 3.3 and algorithm 1 of the supplement.
    """
    height, width = size
    unit = min(size) / 256  # the paper's pictures have 256 pixels a side
    canvas = Image.new("L", (width, height))
    draw = ImageDraw.Draw(canvas)
    for _ in range(random.randint(1, 5)):
        brush = max(1, round(random.uniform(12, 40) * unit))
        x, y = random.uniform(0, width), random.uniform(0, height)
        turn = random.uniform(0.8, 1.7)  # radians, about 2 pi / 5
        for i in range(random.randint(4, 13)):
            # Every other stroke goes back, so that the line winds.
            angle = random.uniform(0.8, 1.2) * turn + np.pi * (i % 2)
            length = abs(random.normal(1, 0.5)) * np.hypot(height, width) / 8
            ends = [
                np.clip(x + length * np.cos(angle), 0, width),
                np.clip(y + length * np.sin(angle), 0, height),
            ]
            draw.line((x, y, *ends), 255, brush)
            x, y = ends
            r = brush / 2
            draw.ellipse((x - r, y - r, x + r, y + r), 255)
    mask = np.array(canvas)
    if random.randint(2):
        mask = mask[:, ::-1]
    if random.randint(2):
        mask = mask[::-1]
    return np.ascontiguousarray(mask[..., None])


HOLES = {
    "strokes": stroke_holes,
    "blocks": block_holes,
    "box": box_hole,
    "centre": centre_hole,
}
