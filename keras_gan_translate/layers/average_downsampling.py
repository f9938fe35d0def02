"""Halving an image for discriminators of several scales."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_translate")
class AverageDownsampling2D(keras.layers.Layer):
    """Halves height and width, each pixel the mean of 3x3.

    Every second pixel is taken, from the first one on, with its neighbours;
    at the borders only those that exist are averaged (PyTorch's
    `AvgPool2d(3, stride=2, padding=1, count_include_pad=False)`). Keras'
    "same" pads even sizes at the right and the bottom only.

    Reference: Wang et al., "High-Resolution Image Synthesis and Semantic
    Manipulation with Conditional GANs", CVPR 2018, arXiv:1711.11585,
    section 3.2.

    Example:
        >>> AverageDownsampling2D()(keras.ops.ones((1, 8, 8, 3))).shape
        (1, 4, 4, 3)
    """

    def call(self, inputs):
        return _mean(inputs) / _mean(ops.ones_like(inputs[:1, :, :, :1]))

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        return (
            batch,
            None if height is None else (height + 1) // 2,
            None if width is None else (width + 1) // 2,
            channels,
        )


def _mean(x):
    """Of 3x3 pixels, zeros beyond the borders."""
    x = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return ops.average_pool(x, 3, 2, "valid", data_format="channels_last")
