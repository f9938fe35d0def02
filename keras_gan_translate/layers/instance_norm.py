"""Instance normalization."""

import keras
from keras import ops

from keras_gan_translate.layers.half_safe import half_safe_moments


@keras.saving.register_keras_serializable("keras_gan_translate")
class InstanceNormalization(keras.layers.Layer):
    """Normalizes every channel of every image by its own mean and variance.

    The variance is biased and computed in two passes, `mean((x - mean)**2)`:
    faster than the usual moments, and the form that quantizes completely for
    LiteRT. Moments are float32 whatever the dtype policy.

    Reference: Ulyanov et al., "Instance Normalization: The Missing Ingredient
    for Fast Stylization", 2016, arXiv:1607.08022.

    Args:
        epsilon: Added to the variance.
        affine: Whether to learn a scale (gamma) and an offset (beta) per
            channel.

    Example:
        >>> InstanceNormalization()(keras.ops.ones((1, 8, 8, 3))).shape
        (1, 8, 8, 3)
    """

    half_safe = False  # set in exports for phones, see `half_safe.py`

    def __init__(self, epsilon=1e-5, affine=False, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.affine = affine

    def build(self, input_shape):
        if self.affine:
            weight = {
                "shape": (input_shape[-1],),
                "dtype": "float32",
                "autocast": False,
            }
            self.gamma = self.add_weight(
                name="gamma", initializer="ones", **weight
            )
            self.beta = self.add_weight(
                name="beta", initializer="zeros", **weight
            )

    def call(self, inputs):
        x = ops.cast(inputs, "float32")
        if self.half_safe:
            x, scale = half_safe_moments(x, self.epsilon)
        else:
            x = x - ops.mean(x, axis=(1, 2), keepdims=True)
            variance = ops.mean(x * x, axis=(1, 2), keepdims=True)
            scale = ops.rsqrt(variance + self.epsilon)  # (N, 1, 1, C)
        if self.affine:
            x = x * (scale * self.gamma) + self.beta
        else:
            x = x * scale
        return ops.cast(x, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = super().get_config()
        return {**config, "epsilon": self.epsilon, "affine": self.affine}
