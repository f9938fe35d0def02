"""Diversity: how much several translations of one image differ."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np


def diversity(
    samples: np.ndarray, distance: Callable | None = None
) -> np.ndarray:
    """Mean distance of two translations of the same image.

    With `LPIPS` it is what MUNIT, DRIT and StarGAN v2 report. Noise has it,
    too: read it beside a measure of quality.

    Args:
        samples: uint8 array (S, N, H, W, 3): S translations of N images.
        distance: function of two uint8 arrays (N, H, W, 3) to N distances;
            if None, the mean absolute difference of pixels, 0..255.

    Returns:
        float64 array (N,); higher is more diverse.

    Raises:
        ValueError: if there are fewer than two translations.
    """
    if len(samples) < 2:
        raise ValueError(
            "Diversity is that of two translations or more of each image. "
            f"Received: {len(samples)}."
        )
    distance = distance or _pixels
    pairs = itertools.combinations(samples, 2)
    return np.mean([distance(a, b) for a, b in pairs], axis=0)


def _pixels(a, b):
    return np.abs(np.asarray(a, "float64") - b).mean((1, 2, 3))
