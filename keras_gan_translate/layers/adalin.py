"""Adaptive layer-instance normalization."""

import keras
from keras import ops

from keras_gan_translate.layers.layer_instance_norm import (
    add_rho,
    layer_instance_normalize,
    normalize_by_moments,
)


@keras.saving.register_keras_serializable("keras_gan_translate")
class AdaLIN(keras.layers.Layer):
    """U-GAT-IT's adaptive layer-instance normalization.

    Called with `(x, gamma, beta)`: features (N, H, W, C), scale and offset
    (N, C), computed from the attended features by a small dense network. The
    layer learns per channel how much of instance normalization (rho = 1, keeps
    the content of each channel) and of layer normalization (rho = 0, moves
    the style of all channels together) the translation needs; rho stays in
    [0, 1] by its constraint.

    Deviation: rho starts at 0.9 and variances are unbiased, as in the PyTorch
    port; the authors' TensorFlow code has biased variances and smoothing.

    Reference: Kim et al., "U-GAT-IT: Unsupervised Generative Attentional
    Networks with Adaptive Layer-Instance Normalization for Image-to-Image
    Translation", ICLR 2020, arXiv:1907.10830, eq. 1.

    Args:
        epsilon: Added to the variances.
        smoothing: The authors' variant: rho starts at 1.0, and rho - 0.1,
            clipped to [0, 1], is what is used.

    Example:
        >>> x, style = keras.ops.ones((1, 8, 8, 3)), keras.ops.ones((1, 3))
        >>> AdaLIN()((x, style, style)).shape
        (1, 8, 8, 3)
    """

    half_safe = False  # set in exports for phones, see `half_safe.py`

    def __init__(self, epsilon=1e-5, smoothing=False, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.smoothing = smoothing

    def build(self, input_shape):
        initial = 1.0 if self.smoothing else 0.9
        self.rho = add_rho(self, input_shape[0][-1], initial)

    def call(self, inputs):
        x, gamma, beta = (ops.cast(value, "float32") for value in inputs)
        outputs = layer_instance_normalize(
            x, *self._style(gamma, beta), self.epsilon, self.half_safe
        )
        return ops.cast(outputs, self.compute_dtype)

    def normalize_part(self, x, mean, variance, pixels, gamma, beta):
        """As `InstanceNormalization.normalize_part`, in the style (N, C)."""
        return normalize_by_moments(
            x, mean, variance, pixels, *self._style(gamma, beta), self.epsilon
        )

    def _style(self, gamma, beta):
        """Rho (C,), gamma and beta (N, 1, 1, C)."""
        rho = ops.convert_to_tensor(self.rho)
        if self.smoothing:
            rho = ops.clip(rho - 0.1, 0.0, 1.0)
        return (
            rho,
            ops.expand_dims(gamma, (1, 2)),
            ops.expand_dims(beta, (1, 2)),
        )

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "smoothing": self.smoothing,
        }
