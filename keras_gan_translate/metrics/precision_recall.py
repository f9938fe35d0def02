"""Precision and recall of images: how many are real, how much is covered."""

from __future__ import annotations

import numpy as np

from keras_gan_translate.metrics.samples import (
    check_features,
    neighbour_radii,
    squared_distances,
)


def precision_recall(
    real: np.ndarray, fake: np.ndarray, k: int = 3
) -> tuple[float, float]:
    """Shares of images that lie where the others' distribution is.

    A distribution is where a ball around one of its images is, as large as
    the distance to that image's k-th neighbour.

    Reference: Kynkaanniemi, Karras, Laine, Lehtinen, Aila, "Improved
    Precision and Recall Metric for Assessing Generative Models", 2019,
    arXiv:1904.06991.

    Args:
        real: features (N, D) of real images, N > k.
        fake: features (M, D) of other images, M > k.
        k: which neighbour. One outlier of the real images makes a large ball:
            see `density_coverage`.

    Returns:
        (precision, the share of fake images that could be real; recall, the
        share of real images that could have been made), in [0, 1].

    Raises:
        ValueError: if the shapes are others, or values are not finite.
    """
    real, fake = check_features(real, fake, k + 1)
    return _inside(fake, real, k), _inside(real, fake, k)


def _inside(x, y, k):
    """The share of x that lies in a ball around one of y."""
    radii = neighbour_radii(y, k)
    inside = [(d <= radii).any(1) for _, d in squared_distances(x, y)]
    return float(np.concatenate(inside).mean())
