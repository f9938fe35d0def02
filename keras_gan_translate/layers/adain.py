"""Adaptive instance normalization."""

import keras
from keras import ops

from keras_gan_translate.layers.half_safe import half_safe_moments


@keras.saving.register_keras_serializable("keras_gan_translate")
class AdaIN(keras.layers.Layer):
    """Normalizes every channel of every image, then gives it a style.

    Called with `(x, style)`: features (N, H, W, C) and a vector (N, D) that
    holds the offsets and scales of several such layers one after the other,
    2 * C for each: first its offsets, then its scales. Moments are float32
    whatever the dtype policy, and the variance is biased.

    Reference: Huang & Belongie, "Arbitrary Style Transfer in Real-time with
    Adaptive Instance Normalization", ICCV 2017, arXiv:1703.06868, eq. 8.

    Args:
        index: Which of these layers it is, from 0.
        epsilon: Added to the variance.

    Example:
        >>> x, style = keras.ops.ones((1, 8, 8, 3)), keras.ops.ones((1, 12))
        >>> AdaIN(index=1)((x, style)).shape
        (1, 8, 8, 3)
    """

    half_safe = False  # set in exports for phones, see `half_safe.py`

    def __init__(self, index=0, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.index = index
        self.epsilon = epsilon

    def call(self, inputs):
        x, style = (ops.cast(value, "float32") for value in inputs)
        channels = x.shape[-1]
        first = 2 * self.index * channels
        style = style[:, None, None, first : first + 2 * channels]
        beta, gamma = style[..., :channels], style[..., channels:]
        if self.half_safe:
            x, scale = half_safe_moments(x, self.epsilon)
        else:
            x = x - ops.mean(x, axis=(1, 2), keepdims=True)
            variance = ops.mean(x * x, axis=(1, 2), keepdims=True)
            scale = ops.rsqrt(variance + self.epsilon)
        return ops.cast(x * (scale * gamma) + beta, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        config = super().get_config()
        return {**config, "index": self.index, "epsilon": self.epsilon}
