"""The numbers of structural similarity, for its metric and its loss.

Reference: Wang, Bovik, Sheikh, Simoncelli, "Image Quality Assessment: From
Error Visibility to Structural Similarity", IEEE Transactions on Image
Processing 13(4), 2004.
"""

import numpy as np

WINDOW = 11  # pixels
SIGMA = 1.5  # pixels
K1, K2 = 0.01, 0.03


def window():
    """The Gaussian weights of a window's pixels in a line, of sum 1."""
    distances = np.arange(WINDOW) - WINDOW // 2
    weights = np.exp(-0.5 * (distances / SIGMA) ** 2)
    return weights / weights.sum()
