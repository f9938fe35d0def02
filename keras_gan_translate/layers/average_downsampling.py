"""Downsampling by means that see the image only."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_translate")
class AverageDownsampling2D(keras.layers.Layer):
    """Halves height and width by the means of 3 by 3 pixels.

    Windows are centred on every other pixel; at the border the mean is that
    of the pixels within the image (PyTorch's `AvgPool2d(3, 2, padding=1,
    count_include_pad=False)`). "same" padding would centre them on others.

    Reference: Wang et al., "High-Resolution Image Synthesis and Semantic
    Manipulation with Conditional GANs", CVPR 2018, arXiv:1711.11585, section
    3.2, as in the authors' code.

    Example:
        >>> AverageDownsampling2D()(keras.ops.ones((1, 8, 8, 3))).shape
        (1, 4, 4, 3)
    """

    def call(self, inputs):
        within = _pool(ops.ones_like(inputs[:1, :, :, :1]))
        return _pool(inputs) / within

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        return (
            batch,
            None if height is None else (height + 1) // 2,
            None if width is None else (width + 1) // 2,
            channels,
        )


def _pool(x):
    x = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return ops.average_pool(x, 3, 2, "valid", data_format="channels_last")
