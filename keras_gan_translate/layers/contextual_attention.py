"""Holes filled with patches of what is known."""

import keras
import numpy as np
from keras import ops

from keras_gan_translate.layers.patches import overlaid, patches


@keras.saving.register_keras_serializable("keras_gan_translate")
class ContextualAttention(keras.layers.Layer):
    """DeepFill's contextual attention.

    Called with `(foreground, background, mask)`: features (N, H, W, C) that
    are to be filled, features of the same shape where the patches come from,
    and the hole at the resolution of the image, 1.0 where it is missing. At
    half the resolution every 3x3 patch of the foreground is compared with all
    of the background that lie outside of the hole; 4x4 patches of the
    background, weighted by how alike they were, make the result. Fusion
    prefers that neighbours come from neighbours.

    Slices, concatenations and matrix products: static shapes, no kernel that
    depends on the data, and each image has its own hole.

    Deviation: the authors' code takes the first image's hole for the batch.

    Reference: Yu et al., "Generative Image Inpainting with Contextual
    Attention", CVPR 2018, arXiv:1801.07892, section 4.1.

    Args:
        softmax_scale: What similarities are multiplied by.
        fuse: Whether to fuse scores along both diagonals.
        reduction: How many times smaller features are than the mask.
        port: Whether to do as the PyTorch port of the first paper's code: of
            n pixels it takes the first, not the first and the last and those
            between, and the square of a patch's length is 1e-4 larger for
            each of its numbers.

    Example:
        >>> x = keras.ops.ones((1, 8, 8, 3))
        >>> mask = keras.ops.zeros((1, 32, 32, 1))
        >>> ContextualAttention()((x, x, mask)).shape
        (1, 8, 8, 3)
    """

    def __init__(
        self,
        softmax_scale=10.0,
        fuse=True,
        reduction=4,
        port=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.softmax_scale = softmax_scale
        self.fuse = fuse
        self.reduction = reduction
        self.port = port
        self._smaller = _first if port else _smaller

    def call(self, inputs):
        foreground, background, mask = (ops.cast(x, "float32") for x in inputs)
        _, height, width, channels = ops.shape(foreground)
        height, width = height // 2, width // 2
        positions = height * width

        def rows(x):
            return ops.reshape(x, (-1, positions, x.shape[-1]))

        raw = rows(patches(background, 4, stride=2))  # (N, L, 16 C)
        keys = rows(patches(self._smaller(background, 2), 3))  # (N, L, 9 C)
        square = ops.sum(ops.square(keys), axis=-1, keepdims=True)
        if self.port:
            square = square + 9e-4 * channels
        # Not of nothing, where the gradient of the root is infinite.
        keys = keys / ops.sqrt(ops.maximum(square, 1e-8))
        queries = rows(patches(self._smaller(foreground, 2), 3))  # (N, P, 9 C)
        scores = ops.matmul(queries, ops.transpose(keys, (0, 2, 1)))
        if self.fuse:
            scores = _fused(scores)
            scores = _transposed(scores, height, width)
            scores = _fused(scores)
            scores = _transposed(scores, width, height)
        # In two steps, which choose other pixels than one.
        mask = self._smaller(self._smaller(mask, self.reduction), 2)
        hole = ops.max(rows(patches(mask, 3)), axis=-1)  # (N, L)
        known = ops.cast(ops.equal(hole, 0.0), "float32")[:, None]
        weights = ops.softmax(self.softmax_scale * scores * known, axis=-1)
        filled = ops.matmul(weights * known, raw)  # (N, P, 16 C)
        filled = ops.reshape(filled, (-1, height, width, 16 * channels))
        return ops.cast(overlaid(filled, channels) / 4.0, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        return {
            **super().get_config(),
            "softmax_scale": self.softmax_scale,
            "fuse": self.fuse,
            "reduction": self.reduction,
            "port": self.port,
        }


def _smaller(x, factor):
    """Every n-th row and column, the first and the last among them."""
    for axis in (1, 2):
        size = x.shape[axis]
        if size is None:
            size = ops.shape(x)[axis]
            count = size // factor
            index = ops.arange(count)
            least = ops.maximum(count - 1, 1)
        else:
            count = size // factor
            index, least = np.arange(count), max(count - 1, 1)
        # round(index * (size - 1) / (count - 1)), halves up.
        index = (2 * index * (size - 1) + least) // (2 * least)
        x = ops.take(x, ops.cast(index, "int32"), axis=axis)
    return x


def _first(x, factor):
    """The first of every n rows and columns."""
    return x[:, ::factor, ::factor]


def _fused(scores):
    """Adds the scores of the neighbours before and after: (N, P, L)."""
    wide = ops.pad(scores, ((0, 0), (1, 1), (1, 1)))
    return wide[:, :-2, :-2] + scores + wide[:, 2:, 2:]


def _transposed(scores, height, width):
    """Positions in the order of columns, of queries and keys: (N, P, L)."""
    positions = height * width
    x = ops.reshape(scores, (-1, height, width, positions))
    x = ops.reshape(
        ops.transpose(x, (0, 2, 1, 3)), (-1, positions, height, width)
    )
    return ops.reshape(
        ops.transpose(x, (0, 1, 3, 2)), (-1, positions, positions)
    )
