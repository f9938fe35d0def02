"""Edges as Canny finds them, in a network."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_translate")
class CannyEdges(keras.layers.Layer):
    """1.0 on Canny's edges of a gray picture, else 0.0.

    Called with `(gray, known)`: pictures (N, H, W, 1) in [0, 1], and 1.0 where
    they are known, of the same shape. A picture is smoothed by a Gaussian of
    what is known, and differentiated by Sobel's kernels; where the gradient
    is the largest along its direction, and at least `low`, there may be an
    edge, and there is one if it is connected to a gradient of at least `high`.
    Pixels at the border, or beside unknown ones, are none.

    These are the semantics of scikit-image's `feature.canny`, whose defaults
    the thresholds are, so that what was trained on its edges finds the same
    here; in LiteRT it is built of ordinary operators.

    Deviation: faint edges are followed for `reach` pixels, there without end;
    and it computes in float32, there in float64.

    Reference: Canny, "A Computational Approach to Edge Detection", PAMI 1986,
    doi:10.1109/TPAMI.1986.4767851.

    Args:
        sigma: Of the Gaussian, in pixels.
        low: The least gradient of an edge; 4.0 is a step from 0 to 1.
        high: The gradient that makes it one.
        reach: How far an edge goes on from there, in pixels.

    Example:
        >>> gray = keras.ops.ones((1, 8, 8, 1))
        >>> CannyEdges()((gray, gray)).shape
        (1, 8, 8, 1)
    """

    def __init__(self, sigma=2.0, low=0.1, high=0.2, reach=64, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.sigma = sigma
        self.low = low
        self.high = high
        self.reach = reach

    def call(self, inputs):
        gray, known = (ops.cast(x, "float32") for x in inputs)
        smooth = self._blur(gray * known)
        # Of the Gaussian's weights only those of known pixels count.
        smooth = smooth / (self._blur(known) + 1e-7)
        down, right = _sobel(smooth)
        size = ops.sqrt(down * down + right * right)
        faint = self._thin(size, down, right) * _inner(known)
        edges = faint * _at_least(size, self.high)
        for _ in range(self.reach):
            grown = ops.max_pool(
                edges, 3, 1, "same", data_format="channels_last"
            )
            edges = grown * faint
        return ops.cast(edges, self.compute_dtype)

    def compute_output_spec(self, inputs):
        return keras.KerasTensor(inputs[0].shape, self.compute_dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "sigma": self.sigma,
            "low": self.low,
            "high": self.high,
            "reach": self.reach,
        }

    def _blur(self, x):
        radius = int(4 * self.sigma + 0.5)  # the rest is cut off
        weights = np.exp(
            -0.5 * (np.arange(-radius, radius + 1) / self.sigma) ** 2
        )
        weights = (weights / weights.sum()).astype("float32")
        for shape in ((-1, 1, 1, 1), (1, -1, 1, 1)):
            x = ops.conv(
                x,
                ops.convert_to_tensor(weights.reshape(shape)),
                padding="same",
                data_format="channels_last",
            )
        return x

    def _thin(self, size, down, right):
        """1.0 where no gradient is larger, before or behind it."""
        steep = ops.abs(down) > ops.abs(right)
        # Downwards the picture gets brighter to the right, or it gets darker
        # to the left; or the other way.
        falling = ops.cast(down * right >= 0.0, "float32")
        least = ops.minimum(ops.abs(down), ops.abs(right))
        most = ops.maximum(ops.abs(down), ops.abs(right))
        share = least / ops.maximum(most, 1e-30)  # of the diagonal neighbour
        near = _shifts(size)

        def behind(sign):
            straight = ops.where(steep, near[sign, 0], near[0, sign])
            other = ops.where(steep, near[sign, -sign], near[-sign, sign])
            diagonal = falling * near[sign, sign] + (1.0 - falling) * other
            # Above or below for a steep gradient, left or right for another.
            return share * diagonal + (1.0 - share) * straight

        largest = _at_least(size, ops.maximum(behind(1), behind(-1)))
        return largest * _at_least(size, self.low)


def _at_least(x, least):
    return ops.cast(x >= least, "float32")


def _sobel(x):
    """How much brighter it gets downwards, and to the right."""
    near = _shifts(x, "symmetric")

    def difference(one, other):
        # (1, 2, 1) across, -1 and 1 along.
        return sum(
            weight * (near[other(i)] - near[one(i)])
            for i, weight in ((-1, 1.0), (0, 2.0), (1, 1.0))
        )

    return (
        difference(lambda i: (-1, i), lambda i: (1, i)),
        difference(lambda i: (i, -1), lambda i: (i, 1)),
    )


def _inner(known):
    """1.0 where a pixel and its eight neighbours are known."""
    near = _shifts(known)
    inner = known
    for one in near.values():
        inner = ops.minimum(inner, one)
    return inner


def _shifts(x, mode="constant"):
    """Every pixel's neighbours: (rows down, columns to the right) -> tensor."""
    _, height, width, _ = ops.shape(x)
    wide = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode=mode)
    return {
        (i, j): wide[:, 1 + i : 1 + i + height, 1 + j : 1 + j + width]
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
    }
