"""Cartoons whose edges are blurred: the third image set of CartoonGAN."""

import numpy as np

from keras_gan_translate.data.edges import (
    gaussian,
    hysteresis,
    sobel,
    windows,
)

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
        region = windows(region, DILATION, axis).any(axis=0)
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
    down, right = sobel(_gaussian(luma))
    slope = np.hypot(down, right)
    thin = _is_crest(slope, down, right)
    return hysteresis(thin & (slope >= LOW), thin & (slope >= HIGH))


def _gaussian(values):
    values = np.asarray(values, "float32")
    return gaussian(values, SIGMA, radius=round(2 * SIGMA))


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
