"""What metrics of two sets of features share: checks, distances, intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

CHUNK = 1024  # rows of a matrix of distances that are computed at once
RESAMPLES = 1000  # of means, which cost nothing
Z = 1.96  # standard deviations on each side that hold 95%


def check_features(real, fake, least=2):
    """Two sets of features as float64 arrays.

    Args:
        real: (N, D).
        fake: (M, D).
        least: number of samples that each must have.

    Returns:
        The two arrays.

    Raises:
        ValueError: if the shapes are others, or values are not finite.
    """
    pair = [np.asarray(x, "float64") for x in (real, fake)]
    real, fake = pair
    if (
        real.ndim != 2
        or fake.ndim != 2
        or real.shape[1] != fake.shape[1]
        or min(len(real), len(fake)) < least
    ):
        raise ValueError(
            f"Expected features (N, D) and (M, D) of {least} images or more "
            f"each. Received shapes: {real.shape} and {fake.shape}."
        )
    if not all(np.isfinite(x).all() for x in pair):
        raise ValueError("Features must be finite; some are inf or NaN.")
    return pair


def squared_distances(x, y):
    """Rows of the squared Euclidean distances (N, M), a chunk at a time.

    Args:
        x: float64 (N, D).
        y: float64 (M, D).

    Yields:
        (slice of the rows, array (rows, M))
    """
    squares = np.sum(y**2, 1)
    for first in range(0, len(x), CHUNK):
        rows = slice(first, min(first + CHUNK, len(x)))
        part = x[rows]
        distances = np.sum(part**2, 1)[:, None] - 2 * part @ y.T + squares
        yield rows, np.maximum(distances, 0)


def neighbour_radii(x, k):
    """Squared distance of each row to its k-th nearest other, (N,)."""
    radii = np.empty(len(x))
    for rows, distances in squared_distances(x, x):
        # Itself is among them, as the nearest.
        distances[np.arange(len(distances)), np.arange(len(x))[rows]] = -1
        radii[rows] = np.partition(distances, k, axis=1)[:, k]
    return radii


def mean_interval(values: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """95% of the means of as many values drawn with replacement.

    Args:
        values: (N,), one of each image.
        seed: of the lots.

    Returns:
        (low, high)
    """
    values = np.asarray(values, "float64")
    random = np.random.default_rng(seed)
    means = [
        values[random.integers(len(values), size=len(values))].mean()
        for _ in range(RESAMPLES)
    ]
    return tuple(float(x) for x in np.percentile(means, (2.5, 97.5)))


def bootstrap_deviation(
    measure: Callable,
    real: np.ndarray,
    fake: np.ndarray,
    resamples: int,
    seed: int = 0,
) -> float:
    """Standard deviation of a measure over images drawn with replacement.

    Args:
        measure: function of two arrays of features to a number.
        real: features (N, D).
        fake: features (M, D).
        resamples: how often both are drawn.
        seed: of the lots.

    Returns:
        The deviation. Resampled images repeat, which moves a measure of
        distributions as fewer images do: add it to the value of the images
        themselves, not to the resamples' mean.
    """
    random = np.random.default_rng(seed)
    values = [
        measure(
            real[random.integers(len(real), size=len(real))],
            fake[random.integers(len(fake), size=len(fake))],
        )
        for _ in range(resamples)
    ]
    return float(np.std(values, ddof=1))
