"""Layer-instance normalization with its own affine parameters."""

import keras
from keras import ops

from keras_gan_translate.layers.half_safe import (
    half_safe_layer_instance_normalize,
)
from keras_gan_translate.layers.unit_interval import UnitInterval


def layer_instance_normalize(x, rho, gamma, beta, epsilon, half_safe=False):
    """Mixes instance and layer normalization by rho, then scales and shifts.

    `gamma * (rho * instance(x) + (1 - rho) * layer(x)) + beta`, where
    `instance` takes the moments of each channel and `layer` those of all
    channels together. The layer's moments follow from the channels' by the
    law of total variance, so that the images are read three times (mean,
    variance, result) and not six.

    Both variances are unbiased (divided by N - 1), as `torch.var` computes
    them in the code that published checkpoints come from.
    Deviation: the authors' TensorFlow code uses biased variances.

    Reference: Kim et al., "U-GAT-IT", ICLR 2020, arXiv:1907.10830, eq. 1.

    Args:
        x: Float32 images or features (N, H, W, C).
        rho: Weight of the instance part in [0, 1], (C,).
        gamma: Scale, broadcastable to (N, 1, 1, C).
        beta: Offset, broadcastable to (N, 1, 1, C).
        epsilon: Added to both variances.
        half_safe: Whether all intermediate values are to fit into float16.

    Returns:
        Float32 tensor (N, H, W, C).
    """
    if half_safe:
        return half_safe_layer_instance_normalize(x, rho, gamma, beta, epsilon)
    _, height, width, _ = ops.shape(x)
    pixels = ops.cast(height * width, "float32")

    mean = ops.mean(x, axis=(1, 2), keepdims=True)  # (N, 1, 1, C)
    x = x - mean
    variance = ops.mean(x * x, axis=(1, 2), keepdims=True)
    return normalize_by_moments(
        x, mean, variance, pixels, rho, gamma, beta, epsilon
    )


def normalize_by_moments(x, mean, variance, pixels, rho, gamma, beta, epsilon):
    """`layer_instance_normalize` where the moments are known.

    Args:
        x: Float32 features without their mean (N, h, W, C).
        mean: Of each channel (N, 1, 1, C).
        variance: Of each channel, biased (N, 1, 1, C).
        pixels: Number of pixels that these are the moments of, a float.
        rho: As of `layer_instance_normalize`, and so the others.
        gamma: Scale.
        beta: Offset.
        epsilon: Added to both variances.

    Returns:
        Float32 tensor (N, h, W, C).
    """
    channels = x.shape[-1]
    layer_mean = ops.mean(mean, axis=-1, keepdims=True)  # (N, 1, 1, 1)
    offset = mean - layer_mean  # (N, 1, 1, C)
    layer_variance = ops.mean(
        variance + offset * offset, axis=-1, keepdims=True
    )

    instance_scale = rho * ops.rsqrt(_unbiased(variance, pixels) + epsilon)
    layer_scale = (1.0 - rho) * ops.rsqrt(
        _unbiased(layer_variance, pixels * channels) + epsilon
    )
    scale = gamma * (instance_scale + layer_scale)
    shift = gamma * layer_scale * offset + beta
    return x * scale + shift


def _unbiased(variance, count):
    """The N - 1 variance; a single value has variance zero, not 0 / 0."""
    return variance * (count / ops.maximum(count - 1.0, 1.0))


def add_rho(layer, channels, initial):
    """Adds the mixing weight rho (C,) in [0, 1] to a layer being built."""
    return layer.add_weight(
        name="rho",
        shape=(channels,),
        initializer=keras.initializers.Constant(initial),
        constraint=UnitInterval(),
        dtype="float32",
        autocast=False,
    )


@keras.saving.register_keras_serializable("keras_gan_translate")
class LayerInstanceNormalization(keras.layers.Layer):
    """U-GAT-IT's LIN: a learned mix of instance and layer normalization.

    Like `AdaLIN`, with a gamma and a beta of its own. Used in the decoder,
    where rho starts at 0: layer normalization alone.

    Reference: Kim et al., "U-GAT-IT: Unsupervised Generative Attentional
    Networks with Adaptive Layer-Instance Normalization for Image-to-Image
    Translation", ICLR 2020, arXiv:1907.10830 (appendix; ILN in PyTorch code).

    Args:
        epsilon: Added to the variances.

    Example:
        >>> LayerInstanceNormalization()(keras.ops.ones((1, 8, 8, 3))).shape
        (1, 8, 8, 3)
    """

    half_safe = False  # set in exports for phones, see `half_safe.py`

    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):
        channels = input_shape[-1]
        weight = {"shape": (channels,), "dtype": "float32", "autocast": False}
        self.rho = add_rho(self, channels, 0.0)
        self.gamma = self.add_weight(name="gamma", initializer="ones", **weight)
        self.beta = self.add_weight(name="beta", initializer="zeros", **weight)

    def call(self, inputs):
        outputs = layer_instance_normalize(
            ops.cast(inputs, "float32"),
            self.rho,
            self.gamma,
            self.beta,
            self.epsilon,
            self.half_safe,
        )
        return ops.cast(outputs, self.compute_dtype)

    def normalize_part(self, x, mean, variance, pixels):
        """As `InstanceNormalization.normalize_part`."""
        return normalize_by_moments(
            x,
            mean,
            variance,
            pixels,
            self.rho,
            self.gamma,
            self.beta,
            self.epsilon,
        )

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}
