"""Peak signal-to-noise ratio."""

from __future__ import annotations

import numpy as np

from keras_gan_translate.metrics.pairs import comparable


def psnr(
    images: np.ndarray,
    truth: np.ndarray,
    peak: float = 255,
    luma: bool = False,
    crop: int = 0,
) -> np.ndarray:
    """Peak signal-to-noise ratio, `10 log10(peak**2 / mean squared error)`.

    Papers on super-resolution report the mean over the images with
    `luma=True` and `crop` equal to the scale.

    Args:
        images: uint8 array (N, H, W, C), or (H, W, C) for one image.
        truth: uint8 array of the same shape.
        peak: The largest value that a pixel can have.
        luma: Whether to compare the luma of RGB (BT.601, 16..235) instead of
            the channels.
        crop: Pixels that are left out on all four sides.

    Returns:
        dB, higher is better, infinite for equal images: float64 array (N,), or
        a float for one image.

    Raises:
        ValueError: If dtypes or shapes are others.

    Example:
        >>> psnr(np.zeros((8, 8, 3), "uint8"), np.full((8, 8, 3), 51, "uint8"))
        13.979400086720377
    """
    images, truth, batched = comparable(images, truth, luma, crop)
    error = np.mean(np.square(images - truth), axis=(1, 2, 3))
    with np.errstate(divide="ignore"):
        decibels = 10 * np.log10(peak**2 / error)
    return decibels if batched else float(decibels[0])
