"""Colours that have names, so that captions can say them."""

import functools

import numpy as np

CLOTHES = {
    "white": "#f4f2ee",
    "cream": "#eee0c4",
    "gray": "#9aa0a6",
    "black": "#2e2f36",
    "navy": "#2a3a5e",
    "blue": "#3b6fb5",
    "light blue": "#8fbfe0",
    "teal": "#2f8f8b",
    "green": "#4f9a5b",
    "olive": "#7d8048",
    "yellow": "#efc050",
    "orange": "#e98a45",
    "red": "#cf4546",
    "burgundy": "#7c2f42",
    "pink": "#eda3b4",
    "purple": "#7d5ba6",
    "brown": "#7a5239",
    "beige": "#c9ad86",
}
HAIRS = {
    "black": "#2b2530",
    "dark brown": "#46302a",
    "brown": "#6f4428",
    "light brown": "#9c6a3a",
    "red": "#b4502c",
    "blond": "#ddb868",
    "gray": "#a9a3a8",
    "pink": "#d0789a",
    "blue": "#5a78b8",
}
SKINS = ("#ffe3d0", "#f6cdb0", "#e3ab85", "#c68a5f", "#98633f", "#6b4430")


def rgb(text):
    """RGB in [0, 1], shape (3,), of text such as '#ff8000'."""
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def between(a, b, share):
    """The colour `share` of the way from a to b."""
    return a + (b - a) * share


def noise(x, y, cell, seed):
    """Smooth random values in [-1, 1] over the plane, the same at any size.

    Args:
        x: Coordinates, any shape.
        y: Coordinates, the same shape.
        cell: Size of a patch in the same unit.
        seed: Another seed, other values.
    """
    table = _table(seed)
    x, y = x / cell + 3000.5, y / cell + 3000.5
    i, j = x.astype(int), y.astype(int)
    u, v = x - i, y - j
    u, v = u * u * (3 - 2 * u), v * v * (3 - 2 * v)
    i0, i1, j0, j1 = i % 64, (i + 1) % 64, j % 64, (j + 1) % 64
    upper = table[j0, i0] * (1 - u) + table[j0, i1] * u
    lower = table[j1, i0] * (1 - u) + table[j1, i1] * u
    return upper * (1 - v) + lower * v


@functools.lru_cache(64)
def _table(seed):
    table = np.random.default_rng([seed, 77]).uniform(-1, 1, (64, 64))
    return table.astype("float32")
