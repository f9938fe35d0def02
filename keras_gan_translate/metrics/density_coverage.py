"""Density and coverage of images: precision and recall without outliers."""

from __future__ import annotations

import numpy as np

from keras_gan_translate.metrics.samples import (
    check_features,
    neighbour_radii,
    squared_distances,
)


def density_coverage(
    real: np.ndarray, fake: np.ndarray, k: int = 5
) -> tuple[float, float]:
    """How densely fake images lie where real ones are, and how much of it.

    Reference: Naeem, Oh, Uh, Choi, Yoo, "Reliable Fidelity and Diversity
    Metrics for Generative Models", 2020, arXiv:2002.09797, equations 4 and 5.

    Args:
        real: features (N, D) of real images, N > k.
        fake: features (M, D) of other images, M > k.
        k: the balls around real images reach to their k-th neighbour.

    Returns:
        (density, how many such balls a fake image lies in, divided by k, 1
        for equal distributions and sometimes more; coverage, the share of
        real images with a fake one in their ball, in [0, 1]).

    Raises:
        ValueError: if the shapes are others, or values are not finite.
    """
    real, fake = check_features(real, fake, k + 1)
    radii = neighbour_radii(real, k)
    balls, covered = 0, np.zeros(len(real), bool)
    for _, distances in squared_distances(fake, real):
        inside = distances < radii
        balls += inside.sum()
        covered |= inside.any(0)
    return float(balls / (k * len(fake))), float(covered.mean())
