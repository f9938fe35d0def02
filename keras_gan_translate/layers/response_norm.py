"""Normalization of a channel by its neighbours."""

import keras
import numpy as np
from keras import ops

RADIUS, BIAS = 5, 5e-5


@keras.saving.register_keras_serializable("keras_gan_translate")
class ResponseNormalization(keras.layers.Layer):
    """Divides a channel by the root of the squares of those around it.

    x / sqrt(5e-5 + the sum of x**2 over eleven channels), in float32: local
    response normalization with the defaults of TensorFlow, whose sum is no
    mean.

    Reference: Krizhevsky et al., "ImageNet Classification with Deep
    Convolutional Neural Networks", NeurIPS 2012, section 3.3.

    Example:
        >>> ResponseNormalization()(keras.ops.ones((1, 8, 8, 3)))[0, 0, 0, 0]
        0.577
    """

    def call(self, inputs):
        squares = ops.square(ops.cast(inputs, "float32"))
        # A product with ones near the diagonal, which every runtime has.
        channel = np.arange(inputs.shape[-1])
        near = np.abs(channel[:, None] - channel) <= RADIUS
        around = ops.matmul(squares, ops.convert_to_tensor(near, "float32"))
        return inputs * ops.cast(ops.rsqrt(BIAS + around), inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape
