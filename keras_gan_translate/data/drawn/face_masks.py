"""Polygons as masks of pixels."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SCALE = 4  # supersampling


def mask_of(shapes, size, soft=0.0):
    """Coverage of shapes by pixel.

    Args:
        shapes: List of polygons, arrays of shape (n, 2), in widths of the
            image.
        size: Height and width in pixels.
        soft: Blur in widths of the image.

    Returns:
        float32 array of shape (size, size), in [0, 1].
    """
    large = Image.new("L", (SCALE * size, SCALE * size))
    draw = ImageDraw.Draw(large)
    for shape in shapes:
        draw.polygon((shape * (SCALE * size)).ravel().tolist(), fill=255)
    small = large.reduce(SCALE)
    if soft:
        small = small.filter(ImageFilter.GaussianBlur(soft * size))
    return np.asarray(small, "float32") / 255


def spread_of(shapes, size, soft=0.0):
    """Rows and columns outside which `mask_of` is 0, as two slices."""
    # Pillow's blur ends before four of its radii.
    margin = 4 * soft * size + 3 if soft else 1
    points = np.concatenate(shapes) * size
    low = np.floor(points.min(0) - margin).clip(0, size).astype(int)
    high = np.ceil(points.max(0) + margin).clip(0, size).astype(int)
    return slice(low[1], high[1]), slice(low[0], high[0])
