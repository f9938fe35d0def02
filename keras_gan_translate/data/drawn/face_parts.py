"""Which part of a drawn face each pixel shows."""

import numpy as np
from PIL import Image, ImageDraw

from keras_gan_translate.data.drawn.face_masks import SCALE
from keras_gan_translate.data.drawn.face_plan import PARTS, WITHIN

BACKGROUND, RAY = 0, 1  # a ray is background of another colour
# Parts of two sides have a number for each.
SIDED = ("ears", "shadow", "eyes", "iris", "pupil", "glint", "lashes", "brows")
ALL_PARTS = (*PARTS, "nose_area", "upper_lip", "lower_lip")
# What has an outline; the rest are only shades of a colour.
SKETCHED = tuple(
    part
    for part in PARTS
    if part not in ("blush", "stubble", "bridge", "shadow", "shine", "glint")
)
LIPS = 28  # points of each of a lip's edges


def number_of(name, side=0):
    """The number of a part in `paint_parts`; side 1 is the right one."""
    return 2 + 2 * ALL_PARTS.index(name) + side


def paint_parts(plan, size, parts=PARTS, rays=()):
    """Paints the numbers of the parts over each other.

    Args:
        plan: The `Plan` of the face.
        size: Height and width in pixels.
        parts: Names of the parts to paint, in this order.
        rays: Polygons of the background, below everything.

    Returns:
        uint8 array of shape (size, size).
    """
    shapes = plan.shapes | lip_shapes(plan.shapes)
    image = Image.new("L", (size, size), BACKGROUND)
    draw = ImageDraw.Draw(image)
    for polygon in rays:
        draw.polygon((polygon * size).ravel().tolist(), fill=RAY)
    for name in parts:
        if not shapes[name]:
            continue
        if name in WITHIN:
            image = _paint_within(image, shapes[name], name)
            draw = ImageDraw.Draw(image)
            continue
        for side, polygon in enumerate(shapes[name]):
            number = number_of(name, int(side == 1 and name in SIDED))
            draw.polygon((polygon * size).ravel().tolist(), fill=number)
    return np.array(image)


def sample_parts(plan, size, parts=PARTS):
    """The number of the part in the middle of each pixel, see `paint_parts`."""
    return paint_parts(plan, SCALE * size, parts)[
        SCALE // 2 :: SCALE, SCALE // 2 :: SCALE
    ]


def _paint_within(image, polygons, name):
    """Paints a part only where the part that it belongs to is seen."""
    size = image.size[0]
    over = image.copy()
    draw = ImageDraw.Draw(over)
    for side, polygon in enumerate(polygons):
        number = number_of(name, int(side == 1 and name in SIDED))
        draw.polygon((polygon * size).ravel().tolist(), fill=number)
    low = number_of(WITHIN[name])
    high = number_of("glint", 1) if name != "shine" else low
    inside = image.point([255 * (low <= n <= high) for n in range(256)])
    image.paste(over, mask=inside)
    return image


def lip_shapes(shapes):
    """The lips apart from each other: each an edge of `lips` and `line`."""
    lips, line = shapes["lips"][0], shapes["line"][0]
    return {
        "upper_lip": [np.concatenate([lips[:LIPS], line[:LIPS][::-1]])],
        "lower_lip": [np.concatenate([line[LIPS:][::-1], lips[LIPS:]])],
    }
