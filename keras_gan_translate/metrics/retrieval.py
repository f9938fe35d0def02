"""Content retrieval: is a translation found again among all originals?"""

from __future__ import annotations

import numpy as np

from keras_gan_translate.metrics.samples import (
    check_features,
    squared_distances,
)


def retrieval(made: np.ndarray, originals: np.ndarray) -> np.ndarray:
    """Whether the nearest original of each image is its own.

    Its mean is 1 / N for images that have nothing to do with their originals.

    Args:
        made: features (N, D), or pixels as such, of translations.
        originals: features (N, D) of what row by row belongs to them: the true
            translations, or the sources.

    Returns:
        Array of zeros and ones (N,).

    Raises:
        ValueError: if the shapes differ, or values are not finite.
    """
    made, originals = check_features(made, originals)
    if len(made) != len(originals):
        raise ValueError(
            "Each translation has an original. Received: "
            f"{len(made)} and {len(originals)}."
        )
    found = [
        distances.argmin(1) == np.arange(len(made))[rows]
        for rows, distances in squared_distances(made, originals)
    ]
    return np.concatenate(found).astype("float64")
