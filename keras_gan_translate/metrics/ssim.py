"""Structural similarity."""

from __future__ import annotations

import numpy as np

from keras_gan_translate.metrics.pairs import comparable
from keras_gan_translate.support.similarity import K1, K2, WINDOW, window


def ssim(
    images: np.ndarray,
    truth: np.ndarray,
    peak: float = 255,
    luma: bool = False,
    crop: int = 0,
) -> np.ndarray:
    """Structural similarity: do luminance, contrast and structure agree?

    Compared within Gaussian windows of 11 pixels, sigma 1.5, at every place
    where a whole window fits; channels and places are averaged.

    Reference: Wang, Bovik, Sheikh, Simoncelli, "Image Quality Assessment: From
    Error Visibility to Structural Similarity", IEEE Transactions on Image
    Processing 13(4), 2004, equation 13.

    Args:
        images: uint8 array (N, H, W, C), or (H, W, C) for one image.
        truth: uint8 array of the same shape.
        peak: The largest value that a pixel can have.
        luma: Whether to compare the luma of RGB (BT.601, 16..235) instead of
            the channels, as papers on super-resolution do.
        crop: Pixels that are left out on all four sides.

    Returns:
        1 for equal images, near 0 for unrelated ones: float64 array (N,), or a
        float for one image.

    Raises:
        ValueError: If dtypes or shapes are others, or no window fits.

    Example:
        >>> image = np.random.default_rng(0).integers(0, 256, (32, 32, 3))
        >>> ssim(image.astype("uint8"), image.astype("uint8"))
        1.0
    """
    x, y, batched = comparable(images, truth, luma, crop)
    if min(x.shape[1:3]) < WINDOW:
        raise ValueError(
            f"ssim needs {WINDOW} by {WINDOW} pixels or more. Received: "
            f"{x.shape[1]} by {x.shape[2]} after crop={crop}."
        )
    c1, c2 = (K1 * peak) ** 2, (K2 * peak) ** 2
    mean_x, mean_y = _blur(x), _blur(y)
    variances = _blur(x * x) - mean_x**2 + _blur(y * y) - mean_y**2
    covariance = _blur(x * y) - mean_x * mean_y
    similarity = (
        (2 * mean_x * mean_y + c1)
        * (2 * covariance + c2)
        / ((mean_x**2 + mean_y**2 + c1) * (variances + c2))
    )
    means = similarity.mean(axis=(1, 2, 3))
    return means if batched else float(means[0])


def _blur(x):
    """Gaussian means of all whole windows of (N, H, W, C)."""
    weights = window()
    for axis in (1, 2):
        places = x.shape[axis] - WINDOW + 1
        x = sum(
            weight * x.take(range(i, i + places), axis)
            for i, weight in enumerate(weights)
        )
    return x
