"""Frechet distance of features: FID, where the features are Inception's."""

from __future__ import annotations

import numpy as np

from keras_gan_translate.metrics.samples import check_features

UNBIASED_FROM = 5000  # images; below, the distance is clearly too large
POINTS = 15  # of the line that is followed to infinitely many images
SMALLEST = 0.3  # share of the images at the line's other end


def frechet_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """Squared Frechet distance of two normal distributions.

    `|mean difference|^2 + trace(A + B - 2 (A B)^0.5)` of the features' means
    and covariances. With the pool3 features of the Inception network of 2015
    it is the FID; with other features it is another number.

    Of few samples it is too large, by about a constant divided by their
    number: see `frechet_distance_infinity`.

    Reference: Heusel, Ramsauer, Unterthiner, Nessler, Hochreiter, "GANs
    Trained by a Two Time-Scale Update Rule Converge to a Local Nash
    Equilibrium", 2017, arXiv:1706.08500.

    Args:
        real: features (N, D) of real images, N > 1.
        fake: features (M, D) of other images, M > 1.

    Returns:
        The distance, 0 for equal distributions; lower is better.

    Raises:
        ValueError: if the shapes are others, or values are not finite.

    Example:
        >>> frechet_distance(np.eye(3), np.eye(3) + 1)
        3.0
    """
    real, fake = check_features(real, fake)
    mean = real.mean(0) - fake.mean(0)
    real, fake = (
        (x - x.mean(0)) / np.sqrt(len(x) - 1) for x in (real, fake)
    )  # covariances are x.T @ x
    traces = np.sum(real**2) + np.sum(fake**2)
    return float(max(mean @ mean + traces - 2 * _trace_of_root(real, fake), 0))


def frechet_distance_infinity(
    real: np.ndarray, fake: np.ndarray, seed: int = 0
) -> float:
    """The Frechet distance of as many images as one likes, extrapolated.

    Its bias falls with 1 / (number of images): the distances of 15 shares of
    the images, drawn by lot, are fitted by a line in 1 / share, which is
    followed to zero. A guess, but of the right size where the distance itself
    is not; it may be negative for distributions that are nearly equal.

    Reference: Chong, Forsyth, "Effectively Unbiased FID and Inception Score
    and where to find them", 2020, arXiv:1911.07023. Deviation: they draw from
    the fake images only; here the real ones, of which small data sets have as
    few, shrink by the same share.

    Args:
        real: features (N, D) of real images.
        fake: features (M, D) of other images.
        seed: of the lots.

    Returns:
        The distance.

    Raises:
        ValueError: as `frechet_distance`; or there are fewer than 10 images.
    """
    real, fake = check_features(real, fake)
    if min(len(real), len(fake)) < 10:
        raise ValueError(
            "FID-infinity follows a line through samples of several sizes and "
            f"needs 10 images or more. Received: {len(real)} and {len(fake)}."
        )
    random = np.random.default_rng(seed)
    # Evenly spaced in 1 / share, in which the bias is a line.
    shares = 1 / np.linspace(1, 1 / SMALLEST, POINTS)
    distances = [
        frechet_distance(
            *(
                x[random.permutation(len(x))[: max(2, round(share * len(x)))]]
                for x in (real, fake)
            )
        )
        for share in shares
    ]
    _, limit = np.polyfit(1 / shares, distances, 1)
    return float(limit)


def _trace_of_root(x, y):
    """Trace of (A B)^0.5, where A is x.T @ x and B is y.T @ y.

    The eigenvalues of A B are the squares of the singular values of x y.T:
    no root of a matrix is needed, and none of a singular one fails.
    """
    if min(len(x), len(y)) > x.shape[1]:
        # As well those of two triangles (D, D), which are smaller.
        x, y = (np.linalg.qr(z, mode="r") for z in (x, y))
    return np.linalg.svd(x @ y.T, compute_uv=False).sum()
