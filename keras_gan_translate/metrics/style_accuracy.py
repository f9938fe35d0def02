"""Style accuracy: of which domain is an image, by its neighbours?"""

from __future__ import annotations

import numpy as np

from keras_gan_translate.metrics.samples import (
    check_features,
    squared_distances,
)


def style_accuracy(
    fake: np.ndarray, source: np.ndarray, target: np.ndarray, k: int = 5
) -> tuple[np.ndarray, float]:
    """Whether images lie among those of the target domain.

    The classifier is the vote of the k nearest real images, of as many
    sources as targets: it needs no training, and what it is worth is measured
    on the real images themselves, each judged by the others.

    Args:
        fake: features (M, D) of translations.
        source: features (N, D) of real images of the source domain.
        target: features (L, D) of real images of the target domain.
        k: number of neighbours, odd.

    Returns:
        (array of zeros and ones (M,), 1 where the target has the majority;
        share of real images that the vote is right about).

    Raises:
        ValueError: if the shapes are others, values are not finite, or k is
            even.
    """
    if k % 2 == 0:
        raise ValueError(f"A vote of an even number may tie. Received: k={k}.")
    count = min(len(source), len(target))
    source, target = check_features(source[:count], target[:count], k)
    fake, real = check_features(fake, np.concatenate([source, target]))
    is_target = np.repeat([0, 1], count)
    right = _vote(real, real, is_target, k, others=True) == is_target
    return (
        _vote(fake, real, is_target, k).astype("float64"),
        float(right.mean()),
    )


def _vote(x, real, is_target, k, others=False):
    votes = []
    for rows, distances in squared_distances(x, real):
        if others:  # not its own neighbour
            own = np.arange(len(x))[rows]
            distances[np.arange(len(own)), own] = np.inf
        nearest = np.argpartition(distances, k - 1, axis=1)[:, :k]
        votes.append(is_target[nearest].mean(1) > 0.5)
    return np.concatenate(votes)
