"""Canny's edge detector, with the semantics of scikit-image.

Pillow has no Canny detector, and the libraries that have one, OpenCV and
scikit-image, weigh more than this package and all else that it needs to read
images; the detector is a page of NumPy.
"""

import numpy as np

TINY = np.finfo("float64").eps


def canny(image, sigma=2.0, low=0.1, high=0.2):
    """The edges of a picture, as `skimage.feature.canny` finds them.

    Args:
        image: uint8 array of shape (height, width, 3) or (height, width).
        sigma: Width of the Gaussian before it, in pixels; larger, fewer edges.
        low: Slope from which on what touches an edge is one; Sobel's, of
            brightness in [0, 1].
        high: Slope from which on a crest is an edge by itself.

    Returns:
        bool array of shape (height, width), true on edges, which are one
        pixel wide.

    Reference:
        Canny, "A Computational Approach to Edge Detection", 1986.
    """
    values = np.asarray(image, "float64") / 255
    if values.ndim == 3:
        values = values @ [0.2125, 0.7154, 0.0721]  # scikit-image's rgb2gray
    # What lies outside does not count, where "edge" would repeat it.
    inside = gaussian(np.ones_like(values), sigma, mode="constant")
    smooth = gaussian(values, sigma, mode="constant") / (inside + TINY)
    down, right = (8 * slope for slope in sobel(smooth, mode="symmetric"))
    slope = np.hypot(down, right)
    thin = _is_crest(slope, down, right) & (slope >= low)
    thin[[0, -1]] = thin[:, [0, -1]] = False
    return hysteresis(thin, thin & (slope >= high))


def gaussian(values, sigma, radius=None, mode="edge"):
    """A Gaussian along height and width.

    Args:
        values: float array of shape (height, width, ...).
        sigma: Its width in pixels.
        radius: Taps on either side; four sigmas, if not given.
        mode: What lies outside, as of `numpy.pad`.
    """
    radius = int(4 * sigma + 0.5) if radius is None else radius
    taps = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
    taps = (taps / taps.sum()).astype(values.dtype)
    for axis in (0, 1):
        stacked = windows(values, radius, axis, mode)
        values = np.einsum("t,t...->...", taps, stacked)
    return values


def sobel(values, mode="edge"):
    """Slopes downwards and to the right, in levels per pixel."""
    slopes = []
    for axis in (0, 1):
        before, at, after = windows(values, 1, 1 - axis, mode)
        before, _, after = windows(before + 2 * at + after, 1, axis, mode)
        slopes.append((after - before) / 8)
    return slopes


def hysteresis(weak, strong):
    """The weak pixels that touch strong ones, directly or through others."""
    width = weak.shape[1] + 2
    # A border, so that no neighbour lies outside; flat, for single indices.
    weak, edges = np.pad(weak, 1).ravel(), np.pad(strong, 1).ravel()
    steps = np.array(
        [dy * width + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    )
    newest = np.flatnonzero(edges)
    while len(newest):
        around = (newest[:, None] + steps).ravel()
        newest = np.unique(around[weak[around] & ~edges[around]])
        edges[newest] = True
    return edges.reshape(-1, width)[1:-1, 1:-1]


def windows(values, radius, axis, mode="edge"):
    """The array shifted by -radius to radius along an axis, stacked."""
    margins = [(0, 0)] * values.ndim
    margins[axis] = (radius, radius)
    padded = np.pad(values, margins, mode)
    stacked = np.lib.stride_tricks.sliding_window_view(
        padded, 2 * radius + 1, axis
    )
    return np.moveaxis(stacked, -1, 0)


def _is_crest(slope, down, right):
    """Where the slope is not less than before and behind, along itself.

    Between two of the eight neighbours it is interpolated.
    """
    height, width = slope.shape
    padded = np.pad(slope, 1)

    def neighbour(dy, dx):
        return padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]

    steep, falls = np.abs(down) > np.abs(right), (down * right) < 0
    larger = np.maximum(np.abs(down), np.abs(right))
    smaller = np.minimum(np.abs(down), np.abs(right))
    share = smaller / np.where(larger > 0, larger, 1)  # of the diagonal
    crest = np.zeros(slope.shape, bool)
    for diagonal, here in (((1, 1), ~falls), ((-1, 1), falls)):
        for is_steep in (True, False):
            dy, dx = (diagonal[0], 0) if is_steep else (0, 1)
            largest = here & (steep == is_steep)
            for sign in (1, -1):
                straight = neighbour(sign * dy, sign * dx)
                oblique = neighbour(sign * diagonal[0], sign * diagonal[1])
                ahead = oblique * share + straight * (1 - share)
                largest &= ahead <= slope
            crest |= largest
    return crest & (slope > 0)
