"""Layer normalization that adds its epsilon to the deviation."""

import keras
from keras import ops

LEAST = 1e-12  # variance, for a finite derivative of the root


@keras.saving.register_keras_serializable("keras_gan_translate")
class DeviationLayerNormalization(keras.layers.Layer):
    """Normalizes every image by the mean and deviation of all its values.

    `gamma * (x - mean) / (deviation + epsilon) + beta` with a gamma and a beta
    per channel, where the deviation is the unbiased one. It is MUNIT's layer
    normalization; gamma starts as U(0, 1). Moments are float32 whatever the
    dtype policy.

    Reference: Huang et al., "Multimodal Unsupervised Image-to-Image
    Translation", ECCV 2018, arXiv:1804.04732, appendix B.

    Args:
        epsilon: Added to the deviation, not to the variance.

    Example:
        >>> DeviationLayerNormalization()(keras.ops.ones((1, 8, 8, 3))).shape
        (1, 8, 8, 3)
    """

    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):
        weight = {
            "shape": (input_shape[-1],),
            "dtype": "float32",
            "autocast": False,
        }
        self.gamma = self.add_weight(
            name="gamma",
            initializer=keras.initializers.RandomUniform(0.0, 1.0),
            **weight,
        )
        self.beta = self.add_weight(name="beta", initializer="zeros", **weight)

    def call(self, inputs):
        x = ops.cast(inputs, "float32")
        _, height, width, channels = ops.shape(x)
        count = ops.cast(height * width * channels, "float32")
        x = x - ops.mean(x, axis=(1, 2, 3), keepdims=True)
        variance = ops.mean(x * x, axis=(1, 2, 3), keepdims=True)
        variance = variance * (count / (count - 1.0))
        deviation = ops.sqrt(ops.maximum(variance, LEAST))
        x = x * (self.gamma / (deviation + self.epsilon)) + self.beta
        return ops.cast(x, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}
