"""The library's borders: images of any size and type, in and out."""

import numpy as np

from keras_gan_translate.data.images import to_float as images_to_float
from keras_gan_translate.data.images import to_uint8


def map_images(function, images, size_multiple=1, batch_size=8):
    """Applies a function that takes sides of certain multiples only.

    Sides are padded by reflection, and what comes out is cropped again.

    Args:
        function: from an array (n, H', W', C), whose sides are multiples of
            `size_multiple`, to one (n, scale * H', scale * W', C').
        images: array (N, H, W, C).
        size_multiple: pixels.
        batch_size: number of images that `function` gets at once.

    Returns:
        Array (N, scale * H, scale * W, C').
    """
    height, width = images.shape[1:3]
    down, right = -height % size_multiple, -width % size_multiple
    # "symmetric" also pads sides that are shorter than the padding.
    padded = np.pad(
        images, ((0, 0), (0, down), (0, right), (0, 0)), "symmetric"
    )
    mapped = np.concatenate(
        [
            function(padded[i : i + batch_size])
            for i in range(0, len(padded), batch_size)
        ]
    )
    scale = mapped.shape[1] // padded.shape[1]
    return mapped[:, : height * scale, : width * scale]


def to_float(images):
    """Converts a batch of images to float32 in [-1, 1].

    Args:
        images: array (N, H, W, C), uint8 in 0..255 or float in [-1, 1].

    Raises:
        ValueError: another shape, dtype or range.
    """
    if images.ndim != 4 or not len(images):
        raise ValueError(
            "Images are expected as (N, H, W, channels) or (H, W, "
            f"channels). Received shape: {images.shape}."
        )
    if images.dtype == np.uint8:
        return images_to_float(images)
    low, high = float(images.min()), float(images.max())
    if images.dtype.kind != "f" or not (-1.001 <= low <= high <= 1.001):
        raise ValueError(
            "Images are expected as uint8 in 0..255 or float in [-1, 1]. "
            f"Received: {images.dtype} in [{low:g}, {high:g}]. Images in "
            '0..255 need only `.astype("uint8")`; in [0, 1], `* 2 - 1`.'
        )
    return images.astype("float32")


def from_float(images, dtype):
    """Converts images in [-1, 1] to uint8 in 0..255, or to a float dtype.

    Args:
        images: float array of any shape.
        dtype: uint8 rounds to nearest and clips; floats stay as they are.
    """
    if dtype == np.uint8:
        return to_uint8(images)
    return images.astype(dtype)
