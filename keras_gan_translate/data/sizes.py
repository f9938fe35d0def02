"""Sizes as the readers take them, checked."""

import numpy as np

from keras_gan_translate.data.epochs import augmentations


def check_scale(size, scale):
    """Raises a ValueError unless crops of a size can be reduced."""
    if scale < 1 or any(side % scale for side in size):
        raise ValueError(
            f"image_size must be a multiple of scale, received {size} and "
            f"scale={scale!r}."
        )


def crop_and_load_size(image_size, load_size, augment):
    """(height, width) of the crops and of the images they are cut from.

    Args:
        image_size: See `unpaired`.
        load_size: See `unpaired`.
        augment: See `unpaired`.

    Raises:
        ValueError: A size is no size, or the crop larger than its image.
    """
    size = height_and_width("image_size", image_size)
    if "crop" not in augmentations(augment):
        return size, size
    if load_size is None:
        return size, tuple(round(side * 286 / 256) for side in size)
    load = height_and_width("load_size", load_size)
    if min(np.subtract(load, size)) < 0:
        raise ValueError(
            f"load_size={load_size} must not be smaller than "
            f"image_size={image_size}: the images are cropped from it."
        )
    return size, load


def height_and_width(name, size):
    """(height, width) of a size, one number or two, checked."""
    pair = (size, size) if np.ndim(size) == 0 else tuple(size)
    if len(pair) != 2 or min(pair) < 1:
        raise ValueError(
            f"{name} must be a number of pixels or (height, width), received "
            f"{size!r}."
        )
    return tuple(int(side) for side in pair)
