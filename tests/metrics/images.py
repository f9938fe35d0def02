"""Two drawn images that differ a little everywhere."""

import numpy as np


def image_and_truth():
    """uint8 arrays (24, 20, 3)."""
    y, x = np.mgrid[:24, :20]
    truth = [7 * y + 3 * x, y * x, 5 * y]
    image = [7 * y + 3 * x + 20, y * x + y, 5 * y + x]
    return tuple(
        (np.stack(channels, -1) % 256).astype("uint8")
        for channels in (image, truth)
    )
