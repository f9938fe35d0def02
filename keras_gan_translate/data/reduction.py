"""Low-resolution images made from high-resolution ones."""

import numpy as np
from PIL import Image


def reduce_images(images, scale):
    """Reduces images by a whole factor with an antialiased bicubic.

    As MATLAB's `imresize`, on which the benchmarks of super-resolution are
    made: the kernel is `scale` times wider than one that only interpolates.

    Args:
        images: uint8 array of shape (count, height, width, 3), sides multiples
            of `scale`.
        scale: How many times smaller each side becomes.

    Returns:
        uint8 array of shape (count, height // scale, width // scale, 3).
    """
    height, width = images.shape[1] // scale, images.shape[2] // scale
    return np.stack(
        [
            np.array(
                Image.fromarray(image).resize(
                    (width, height), Image.Resampling.BICUBIC
                )
            )
            for image in images
        ]
    )
