"""The library's borders: images of any size and type, in and out."""

import numpy as np

from keras_gan_translate.data.images import to_float as images_to_float
from keras_gan_translate.data.images import to_uint8
from keras_gan_translate.fields import Image


def map_images(
    function, images, size_multiple=1, batch_size=8, padded=None, crop=True
):
    """Applies a function that takes sides of certain multiples only.

    Sides are padded by reflection, and what comes out is cropped again.

    Args:
        function: from an array (n, H', W', C), whose sides are multiples of
            `size_multiple`, to one (n, scale * H', scale * W', C').
        images: array (N, H, W, C); or a list of arrays, of which `function`
            then gets lists.
        size_multiple: pixels.
        batch_size: number of images that `function` gets at once.
        padded: which arrays of a list are images, a list of booleans; the
            others stay as they are. Where none is, nothing is cropped.
        crop: whether what comes out is images, of which padding is cropped.

    Returns:
        Array (N, scale * H, scale * W, C').
    """
    several = isinstance(images, list)
    arrays = images if several else [images]
    padded = padded if several else [True]
    if not any(padded):  # codes and labels, of which an image is made
        crop, height, width = False, 0, 0
    else:
        height, width = arrays[padded.index(True)].shape[1:3]
    down, right = -height % size_multiple, -width % size_multiple
    # "symmetric" also pads sides that are shorter than the padding.
    around = ((0, 0), (0, down), (0, right), (0, 0))
    arrays = [
        np.pad(array, around, "symmetric") if is_padded else array
        for array, is_padded in zip(arrays, padded, strict=True)
    ]

    def of_batch(i):
        parts = [array[i : i + batch_size] for array in arrays]
        return function(parts if several else parts[0])

    mapped = np.concatenate(
        [of_batch(i) for i in range(0, len(arrays[0]), batch_size)]
    )
    if not crop:
        return mapped
    scale = mapped.shape[1] // (height + down)
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
    fault = Image().problem(images)
    if fault:
        raise ValueError(fault)
    if images.dtype == np.uint8:
        return images_to_float(images)
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
