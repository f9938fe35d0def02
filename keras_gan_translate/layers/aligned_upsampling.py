"""Bilinear resizing that keeps corners where they are."""

import keras
from keras import ops

from keras_gan_translate.layers.enlarged import enlarged


@keras.saving.register_keras_serializable("keras_gan_translate")
class AlignedUpsampling2D(keras.layers.Layer):
    """Doubles height and width; the corners' pixels stay in the corners.

    Between them pixels are linear, as PyTorch's `align_corners=True` has it:
    of n pixels, pixel i of the result lies at i * (n - 1) / (2 n - 1).

    Example:
        >>> AlignedUpsampling2D()(keras.ops.ones((1, 8, 8, 3))).shape
        (1, 16, 16, 3)
    """

    def call(self, inputs):
        _, height, width, _ = ops.shape(inputs)
        return resize_aligned(inputs, 2 * height, 2 * width)

    def compute_output_shape(self, input_shape):
        return enlarged(input_shape, 2)


def resize_aligned(x, height, width):
    """Resizes images to a size, their corners' pixels to the corners.

    Args:
        x: (N, H, W, C).
        height: of the result.
        width: of the result.

    Returns:
        (N, height, width, C), of the same dtype.
    """
    for axis, count in ((1, height), (2, width)):
        last = ops.shape(x)[axis] - 1
        # In integers, so that what falls on a pixel is that pixel.
        place = ops.arange(count, dtype="int32") * last
        gaps = ops.cast(ops.maximum(count - 1, 1), "int32")
        before = place // gaps
        share = ops.cast(place % gaps, "float32") / ops.cast(gaps, "float32")
        shape = (1, -1, 1, 1) if axis == 1 else (1, 1, -1, 1)
        share = ops.reshape(ops.cast(share, x.dtype), shape)
        after = ops.minimum(before + 1, last)
        x = ops.take(x, before, axis) * (1 - share) + (
            ops.take(x, after, axis) * share
        )
    return x
