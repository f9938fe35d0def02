"""Cartoons whose edges are blurred: the third image set of CartoonGAN.

Pillow has no Canny detector, and the libraries that have one, OpenCV and
scikit-image, weigh more than this package and all else that it needs to read
images; the detector is a page of NumPy.
"""

import numpy as np

SIGMA = 1.1  # pixels, of all Gaussians here; 5 x 5 taps
DILATION = 2  # pixels by which an edge grows to each side: a 5 x 5 square
# Gray levels per pixel. Behind the Gaussian a sharp step of 17 levels has the
# lower slope, one of 34 levels the higher.
LOW, HIGH = 5.0, 10.0


def smooth_edges(image):
    """Blurs an image along its edges and leaves flat regions as they are.

    Edges are detected, dilated, and what lies in the dilated region is
    replaced by a Gaussian-smoothed copy. The discriminator of CartoonGAN is
    shown the result as no cartoon, so that it looks for clear edges.

    Args:
        image: uint8 array of shape (height, width, 3).

    Returns:
        uint8 array of the same shape.

    Reference:
        Chen, Lai, Liu, "CartoonGAN: Generative Adversarial Networks for Photo
        Cartoonization", 2018, section 3.1.
    """
    region = find_edges(image)
    for axis in (0, 1):
        region = _windows(region, DILATION, axis).any(axis=0)
    smoothed = np.array(image)
    smoothed[region] = np.rint(_gaussian(image)[region])
    return smoothed


def find_edges(image):
    """Canny's detector on the luma of an image.

    Args:
        image: uint8 array of shape (height, width, 3).

    Returns:
        bool array of shape (height, width), true on edges, which are one
        pixel wide.

    Reference:
        Canny, "A Computational Approach to Edge Detection", 1986.
    """
    luma = np.asarray(image, "float32") @ [0.299, 0.587, 0.114]  # BT.601
    down, right = _sobel(_gaussian(luma))
    slope = np.hypot(down, right)
    thin = _is_crest(slope, down, right)
    return _hysteresis(thin & (slope >= LOW), thin & (slope >= HIGH))


def _gaussian(values):
    radius = round(2 * SIGMA)
    taps = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * SIGMA**2))
    taps = (taps / taps.sum()).astype("float32")
    for axis in (0, 1):
        windows = _windows(np.asarray(values, "float32"), radius, axis)
        values = np.einsum("t,t...->...", taps, windows)
    return values


def _sobel(values):
    """Slopes downwards and to the right, in levels per pixel."""
    slopes = []
    for axis in (0, 1):
        before, at, after = _windows(values, 1, 1 - axis)
        before, _, after = _windows(before + 2 * at + after, 1, axis)
        slopes.append((after - before) / 8)
    return slopes


def _is_crest(slope, down, right):
    """Where the slope is largest along its own direction."""
    height, width = slope.shape
    padded = np.pad(slope, 1)

    def neighbour(dy, dx):
        return padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]

    # Eighths of a turn; opposite directions are one.
    octant = np.rint(np.arctan2(down, right) / (np.pi / 4)).astype(int) % 4
    crest = np.zeros(slope.shape, bool)
    for number, (dy, dx) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        # Of two equal neighbours one stays.
        largest = (slope > neighbour(dy, dx)) & (slope >= neighbour(-dy, -dx))
        crest |= (octant == number) & largest
    return crest


def _hysteresis(weak, strong):
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


def _windows(values, radius, axis):
    """The array shifted by -radius to radius along an axis, stacked."""
    margins = [(0, 0)] * values.ndim
    margins[axis] = (radius, radius)
    padded = np.pad(values, margins, "edge")
    windows = np.lib.stride_tricks.sliding_window_view(
        padded, 2 * radius + 1, axis
    )
    return np.moveaxis(windows, -1, 0)
