"""Kernel distance of features: KID."""

from __future__ import annotations

import numpy as np

from keras_gan_translate.metrics.samples import CHUNK, check_features

RESAMPLES = 200


def kernel_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """Squared maximum mean discrepancy with the kernel (x y / D + 1)^3.

    The unbiased estimator, of all pairs at once: its expectation does not
    depend on how many images there are, and it is negative as often as
    positive for equal distributions. Papers report it times 100 or 1000.

    Reference: Binkowski, Sutherland, Arbel, Gretton, "Demystifying MMD GANs",
    2018, arXiv:1801.01401, section 4.

    Args:
        real: features (N, D) of real images, N > 1.
        fake: features (M, D) of other images, M > 1.

    Returns:
        The distance; lower is better.

    Raises:
        ValueError: if the shapes are others, or values are not finite.
    """
    real, fake = check_features(real, fake)
    weights = [np.ones(len(x)) for x in (real, fake)]
    return float(_distances(real, fake, [weights])[0])


def kernel_distance_deviation(
    real: np.ndarray, fake: np.ndarray, seed: int = 0
) -> float:
    """Standard deviation of `kernel_distance`, by the bootstrap.

    Pairs of an image with itself are left out of the resamples, too, so that
    repeated images do not count as alike.

    Args:
        real: features (N, D) of real images.
        fake: features (M, D) of other images.
        seed: of the lots.

    Returns:
        The deviation.

    Raises:
        ValueError: as `kernel_distance`.
    """
    real, fake = check_features(real, fake)
    random = np.random.default_rng(seed)
    weights = [
        [
            random.multinomial(len(x), np.full(len(x), 1 / len(x)))
            for x in (real, fake)
        ]
        for _ in range(RESAMPLES)
    ]
    return float(np.std(_distances(real, fake, weights), ddof=1))


def kernel_distance_of_subsets(
    real: np.ndarray,
    fake: np.ndarray,
    subsets: int = 100,
    size: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Mean and deviation over subsets, which is how papers report the KID.

    Args:
        real: features (N, D) of real images.
        fake: features (M, D) of other images.
        subsets: number of subsets of both, drawn without replacement.
        size: images in each, all if there are fewer.
        seed: of the lots.

    Returns:
        (mean, standard deviation) of the distances.

    Raises:
        ValueError: as `kernel_distance`.
    """
    real, fake = check_features(real, fake)
    random = np.random.default_rng(seed)
    size = min(size, len(real), len(fake))
    values = [
        kernel_distance(
            real[random.choice(len(real), size, replace=False)],
            fake[random.choice(len(fake), size, replace=False)],
        )
        for _ in range(subsets)
    ]
    return float(np.mean(values)), float(np.std(values))


def _distances(real, fake, weights):
    """The estimator for every pair of weights of the images, (W,)."""
    w, v = (np.array(each, "float64") for each in zip(*weights))
    within = [_within(x, u) for x, u in ((real, w), (fake, v))]
    across = _sums(real, fake, w, v) / (w.sum(1) * v.sum(1))
    return within[0] + within[1] - 2 * across


def _within(x, w):
    """Weighted means of the kernel over pairs of different images."""
    own = w**2 @ _kernel(np.sum(x**2, 1), x.shape[1])
    pairs = w.sum(1) ** 2 - np.sum(w**2, 1)
    return (_sums(x, x, w, w) - own) / pairs


def _sums(x, y, w, v):
    """Sum of w_i k(x_i, y_j) v_j, for every row of the weights."""
    total = np.zeros(len(w))
    for first in range(0, len(x), CHUNK):
        rows = slice(first, first + CHUNK)
        kernel = _kernel(x[rows] @ y.T, x.shape[1])
        total += np.sum((w[:, rows] @ kernel) * v, 1)
    return total


def _kernel(products, size):
    return (products / size + 1) ** 3
