"""Every pixel's features as a vector of one length."""

import keras
from keras import ops

from keras_gan_translate.layers.half_safe import TINY
from keras_gan_translate.layers.reach import Reach

LEAST = 1e-12  # length that a vector is divided by


@keras.saving.register_keras_serializable("keras_gan_translate")
class ChannelUnitNormalization(keras.layers.Layer):
    """Divides every pixel's features by their Euclidean length.

    `gamma * x / max(|x|, 1e-12) + beta`, where gamma and beta are one number
    each. No statistics of images or batches are in it, so that the same pixel
    comes out the same in any of them. Computed in float32 whatever the dtype
    policy.

    Reference: Xiao et al., "ELEGANT: Exchanging Latent Encodings with GAN for
    Transferring Multiple Face Attributes", ECCV 2018, arXiv:1803.10562.

    Example:
        >>> ChannelUnitNormalization()(keras.ops.ones((1, 8, 8, 4)))[0, 0, 0]
        [0.5, 0.5, 0.5, 0.5]
    """

    half_safe = False  # set in exports for phones, see `half_safe.py`

    def build(self, input_shape):
        weight = {"shape": (1,), "dtype": "float32", "autocast": False}
        self.gamma = self.add_weight(name="gamma", initializer="ones", **weight)
        self.beta = self.add_weight(name="beta", initializer="zeros", **weight)

    @property
    def reach(self):
        """See `layers.Reach`."""
        return Reach()

    def call(self, inputs):
        x = ops.cast(inputs, "float32")
        least = LEAST**2
        if self.half_safe:
            size = ops.max(ops.abs(x), axis=-1, keepdims=True)
            x, least = x / ops.maximum(size, TINY), TINY
        square = ops.sum(x * x, axis=-1, keepdims=True)
        x = x * ops.rsqrt(ops.maximum(square, least))
        return ops.cast(x * self.gamma + self.beta, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape
