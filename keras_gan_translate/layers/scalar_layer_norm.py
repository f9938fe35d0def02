"""Layer normalization with one scale and one offset."""

import keras
from keras import ops

from keras_gan_translate.layers.half_safe import TINY

LEAST = 1e-12  # variance, for a finite derivative of the root


@keras.saving.register_keras_serializable("keras_gan_translate")
class ScalarLayerNormalization(keras.layers.Layer):
    """Normalizes every image by the mean and deviation of all its values.

    `gamma * (x - mean) / (deviation + epsilon) + beta`, where gamma and beta
    are one number each. It is what `InstanceNormalization()` of keras-contrib
    does by default (`axis=None`), and so what networks hold that were trained
    with it. Moments are float32 whatever the dtype policy.

    Args:
        epsilon: Added to the deviation, not to the variance.

    Example:
        >>> ScalarLayerNormalization()(keras.ops.ones((1, 8, 8, 3))).shape
        (1, 8, 8, 3)
    """

    half_safe = False  # set in exports for phones, see `half_safe.py`

    def __init__(self, epsilon=1e-3, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):
        weight = {"shape": (1,), "dtype": "float32", "autocast": False}
        self.gamma = self.add_weight(name="gamma", initializer="ones", **weight)
        self.beta = self.add_weight(name="beta", initializer="zeros", **weight)

    def call(self, inputs):
        x = ops.cast(inputs, "float32")
        x = x - _mean(x)
        epsilon, least = self.epsilon, LEAST
        if self.half_safe:
            size = ops.max(ops.abs(x), axis=(1, 2, 3), keepdims=True)
            size = ops.maximum(size, epsilon)
            x, epsilon, least = x * (1.0 / size), epsilon / size, TINY
        x = self._scale(x, _mean(x * x), epsilon, least)
        return ops.cast(x, self.compute_dtype)

    def normalize_part(self, x, mean, variance, pixels=None):
        """As `InstanceNormalization.normalize_part`."""
        offset = mean - ops.mean(mean, axis=-1, keepdims=True)  # (N, 1, 1, C)
        variance = ops.mean(
            variance + offset * offset, axis=-1, keepdims=True
        )  # (N, 1, 1, 1)
        return self._scale(x + offset, variance, self.epsilon, LEAST)

    def _scale(self, x, variance, epsilon, least):
        deviation = ops.sqrt(ops.maximum(variance, least))  # (N, 1, 1, 1)
        return x * (self.gamma / (deviation + epsilon)) + self.beta

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}


def _mean(x):
    # Row by row, as float16 needs where it is the accumulator.
    for axis in (2, 1, 3):
        x = ops.mean(x, axis=axis, keepdims=True)
    return x
