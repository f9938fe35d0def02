"""A vector beside every pixel."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_translate")
class AppendVector(keras.layers.Layer):
    """Concatenates a vector to the features of every pixel.

    Called with `(x, vector)`: features (N, H, W, C) and vectors (N, D), such
    as labels or styles; returns (N, H, W, C + D).

    Reference: Perarnau et al., "Invertible Conditional GANs for image
    editing", 2016, arXiv:1611.06355, section 3.2.

    Example:
        >>> x, vector = keras.ops.ones((1, 8, 8, 3)), keras.ops.ones((1, 5))
        >>> AppendVector()((x, vector)).shape
        (1, 8, 8, 8)
    """

    def call(self, inputs):
        x, vector = inputs
        # A product, because LiteRT broadcasts no dynamic shapes otherwise.
        planes = ops.ones_like(x[..., :1]) * vector[:, None, None, :]
        return ops.concatenate([x, planes], axis=-1)

    def compute_output_shape(self, input_shape):
        (*leading, channels), (_, size) = input_shape
        return (*leading, channels + size)
