"""Gray pictures of coloured ones."""

import numpy as np

# Of linear light: the row of sRGB's Y (IEC 61966-2-1).
LUMINANCE = (0.2126, 0.7152, 0.0722)


def gray_of(pixels):
    """The gray that is as bright as a colour: with the same L* in CIELAB.

    A model that adds colours to it has its lightness exactly; a mean of the
    coded values, as of old television, has another one.

    Args:
        pixels: uint8 array of shape (..., 3), sRGB.

    Returns:
        uint8 array of shape (..., 1).
    """
    coded = np.arange(256) / 255
    linear = np.where(
        coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4
    ).astype("float32")
    light = linear[np.asarray(pixels)] @ np.array(LUMINANCE, "float32")
    gray = np.where(
        light <= 0.0031308,
        12.92 * light,
        1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055,
    )
    return np.rint(255 * np.clip(gray, 0, 1)).astype("uint8")[..., None]
