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
            x = self._scale(*half_safe_moments(x, self.epsilon))
        else:
            mean = ops.mean(x, axis=(1, 2), keepdims=True)  # (N, 1, 1, C)
            x = x - mean
            variance = ops.mean(x * x, axis=(1, 2), keepdims=True)
            x = self.normalize_part(x, mean, variance)
        return ops.cast(x, self.compute_dtype)

    def normalize_part(self, x, mean, variance, pixels=None):
        """Normalizes rows of an image by the moments of the whole image.

        Args:
            x: Float32 features without their mean (N, h, W, C).
            mean: Of the whole image (N, 1, 1, C).
            variance: Of the whole image, biased (N, 1, 1, C).
            pixels: Of the whole image, their number.

        Returns:
            Float32 tensor (N, h, W, C).
        """
        return self._scale(x, ops.rsqrt(variance + self.epsilon))

    def _scale(self, x, scale):
        if self.affine:
            return x * (scale * self.gamma) + self.beta
        return x * scale

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = super().get_config()
        return {**config, "epsilon": self.epsilon, "affine": self.affine}
