"""What metrics of image and truth compare: channels, luma, borders."""

import numpy as np


def comparable(images, truth, luma, crop):
    """Images and their truth as a metric wants them.

    Args:
        images: uint8 array (N, H, W, C) or (H, W, C).
        truth: uint8 array of the same shape.
        luma: Whether to compare the luma of RGB instead of the channels.
        crop: Pixels that are left out on all four sides.

    Returns:
        Two float64 arrays (N, h, w, c) in 0..255, and whether a batch came.

    Raises:
        ValueError: If dtypes or shapes are others.
    """
    images, truth = np.asarray(images), np.asarray(truth)
    if images.dtype != "uint8" or truth.dtype != "uint8":
        raise ValueError(
            "Images are compared as uint8 in 0..255. Received: "
            f"{images.dtype} and {truth.dtype}. Images in [-1, 1] become it "
            "with `data.to_uint8`."
        )
    if images.shape != truth.shape or images.ndim not in (3, 4):
        raise ValueError(
            "Expected images and their truth, both (N, H, W, C) or both "
            f"(H, W, C). Received shapes: {images.shape} and {truth.shape}."
        )
    batched = images.ndim == 4
    height, width, channels = images.shape[-3:]
    if crop < 0 or 2 * crop >= min(height, width):
        raise ValueError(
            f"crop={crop} pixels on all sides must leave something of "
            f"{height} by {width}."
        )
    if luma and channels != 3:
        raise ValueError(f"luma=True needs RGB. Received: {channels} channels.")
    pair = []
    for x in (images, truth):
        x = x.reshape((-1, height, width, channels))
        x = x[:, crop : height - crop, crop : width - crop].astype("float64")
        pair.append(luma_of(x) if luma else x)
    return *pair, batched


def luma_of(images):
    """The Y of BT.601, 16..235, as MATLAB's `rgb2ycbcr` has it.

    It is not rounded.

    Args:
        images: RGB array (..., 3) in 0..255.

    Returns:
        float64 array (..., 1).
    """
    weights = np.array([65.481, 128.553, 24.966]) / 255
    return 16 + (np.asarray(images, "float64") @ weights)[..., None]
