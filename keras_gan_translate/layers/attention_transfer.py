"""Holes in fine features filled as coarse ones are alike."""

import keras
from keras import ops

from keras_gan_translate.layers.aligned_upsampling import resize_aligned
from keras_gan_translate.layers.patches import overlaid, patches


@keras.saving.register_keras_serializable("keras_gan_translate")
class AttentionTransfer(keras.layers.Layer):
    """PEN-Net's attention transfer, without its convolutions.

    Called with `(low, high, mask)`: features (N, 2 H, 2 W, C) that are to be
    filled, features (N, H, W, D) of the next level, filled already, and the
    hole at any resolution, 1.0 where it is missing. Every patch of the high
    features is compared with those that lie outside of the hole; patches of
    the low features, weighted by how alike the high ones were, make the
    result, of the shape of the low features.

    Slices and matrix products of static shapes, as `ContextualAttention`,
    which differs in where similarities come from, and fuses them.

    Reference: Zeng et al., "Learning Pyramid-Context Encoder Network for
    High-Quality Image Inpainting", CVPR 2019, arXiv:1904.07475, section 3.2.

    Args:
        size: Height and width of the patches that are compared, 3 or 1.
        softmax_scale: What similarities are multiplied by.

    Example:
        >>> low = keras.ops.ones((1, 8, 8, 3))
        >>> high = keras.ops.ones((1, 4, 4, 6))
        >>> mask = keras.ops.zeros((1, 32, 32, 1))
        >>> AttentionTransfer()((low, high, mask)).shape
        (1, 8, 8, 3)
    """

    def __init__(self, size=3, softmax_scale=10.0, **kwargs):
        super().__init__(**kwargs)
        self.size = size
        self.softmax_scale = softmax_scale

    def call(self, inputs):
        low, high, mask = (ops.cast(x, "float32") for x in inputs)
        _, height, width, _ = ops.shape(high)
        positions, channels = height * width, low.shape[-1]

        def rows(x):
            return ops.reshape(x, (-1, positions, x.shape[-1]))

        raw = rows(patches(low, 4, stride=2))  # (N, L, 16 C)
        queries = rows(patches(high, self.size))  # (N, P, 9 D)
        square = ops.sum(ops.square(queries), axis=-1, keepdims=True)
        # The gradient of the root of nothing would be infinite.
        keys = queries / ops.sqrt(ops.maximum(square, 1e-8))
        scores = ops.matmul(queries, ops.transpose(keys, (0, 2, 1)))
        mask = resize_aligned(mask, height, width)
        hole = ops.max(rows(patches(mask, self.size)), axis=-1)  # (N, L)
        known = ops.cast(ops.equal(hole, 0.0), "float32")[:, None]
        scores = self.softmax_scale * scores * known
        # Keras warns of a single position, whose share is always 1.
        alone = scores.shape[-1] == 1
        weights = known if alone else ops.softmax(scores, axis=-1)
        # As the authors': something is left where nothing is known.
        weights = ops.maximum(weights * known, 1e-8)
        filled = ops.matmul(weights, raw)  # (N, P, 16 C)
        filled = ops.reshape(filled, (-1, height, width, 16 * channels))
        return ops.cast(overlaid(filled, channels) / 4.0, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        return {
            **super().get_config(),
            "size": self.size,
            "softmax_scale": self.softmax_scale,
        }
