"""A painter's stroke, short and straight."""

import numpy as np
from PIL import Image, ImageDraw


def stroke(height, width, x, y, random):
    """A stroke through a pixel, of any direction.

    Args:
        height: of the picture, in pixels.
        width: of the picture, in pixels.
        x: column of its middle.
        y: row of its middle.
        random: `numpy.random.Generator` of its direction and its length.

    Returns:
        Boolean array (height, width).
    """
    side = min(height, width)
    angle, length = random.uniform(0, np.pi), random.uniform(0.06, 0.16)
    step = length * side * np.array([np.cos(angle), np.sin(angle)])
    mark = Image.new("L", (width, height))
    ImageDraw.Draw(mark).line(
        [x - step[0], y - step[1], x, y, x + step[0], y + step[1]],
        255,
        max(1, round(0.02 * side)),
    )
    return np.asarray(mark) > 0
