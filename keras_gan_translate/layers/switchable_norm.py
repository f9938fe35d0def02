"""Normalization that learns over what to normalize."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_translate")
class SwitchableNormalization(keras.layers.Layer):
    """Normalizes by a learned mix of instance, layer and batch statistics.

    Means and variances of the three are mixed, each by a softmax of three
    weights, before the features are normalized. Variances of channels are
    unbiased; those of layer and batch follow from them by the law of total
    variance. At inference the batch's are moving averages. Moments are
    float32 whatever the dtype policy.

    Reference: Luo et al., "Differentiable Learning-to-Normalize via Switchable
    Normalization", 2019, arXiv:1806.10779, eq. 3 to 5.

    Args:
        epsilon: Added to the mixed variance.
        momentum: What a moving average keeps of itself in a step.

    Example:
        >>> SwitchableNormalization()(keras.ops.ones((1, 8, 8, 3))).shape
        (1, 8, 8, 3)
    """

    def __init__(self, epsilon=1e-5, momentum=0.9, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.momentum = momentum

    def build(self, input_shape):
        def add(name, size, initializer, trainable=True):
            return self.add_weight(
                name=name,
                shape=(size,),
                initializer=initializer,
                trainable=trainable,
                dtype="float32",
                autocast=False,
            )

        channels = input_shape[-1]
        self.gamma = add("gamma", channels, "ones")
        self.beta = add("beta", channels, "zeros")
        # Of instance, layer and batch.
        self.mean_weight = add("mean_weight", 3, "ones")
        self.variance_weight = add("variance_weight", 3, "ones")
        self.moving_mean = add("moving_mean", channels, "zeros", False)
        self.moving_variance = add("moving_variance", channels, "ones", False)

    def call(self, inputs, training=False):
        x = ops.cast(inputs, "float32")
        _, height, width, _ = ops.shape(x)
        pixels = ops.cast(height * width, "float32")
        mean = ops.mean(x, axis=(1, 2), keepdims=True)  # (N, 1, 1, C)
        x = x - mean
        variance = ops.mean(x * x, axis=(1, 2), keepdims=True)
        variance = variance * (pixels / ops.maximum(pixels - 1.0, 1.0))
        layer = _pooled(mean, variance, axis=-1)
        if training:
            batch = _pooled(mean, variance, axis=0)
            self._follow(self.moving_mean, batch[0])
            self._follow(self.moving_variance, batch[1])
        else:
            batch = self.moving_mean, self.moving_variance
        mixed_mean = _mix(self.mean_weight, mean, layer[0], batch[0])
        mixed = _mix(self.variance_weight, variance, layer[1], batch[1])
        scale = self.gamma * ops.rsqrt(mixed + self.epsilon)
        x = x * scale + ((mean - mixed_mean) * scale + self.beta)
        return ops.cast(x, self.compute_dtype)

    def _follow(self, average, value):
        value = ops.reshape(value, average.shape)
        kept = self.momentum * average + (1.0 - self.momentum) * value
        average.assign(ops.cast(kept, average.dtype))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = super().get_config()
        return {
            **config,
            "epsilon": self.epsilon,
            "momentum": self.momentum,
        }


def _pooled(mean, variance, axis):
    """Moments of several channels or images together, from those of each."""
    pooled = ops.mean(mean, axis=axis, keepdims=True)
    spread = variance + ops.square(mean - pooled)
    return pooled, ops.mean(spread, axis=axis, keepdims=True)


def _mix(weight, instance, layer, batch):
    """The moments by the softmax of their weights."""
    shares = ops.unstack(ops.softmax(ops.convert_to_tensor(weight)), 3)
    return shares[0] * instance + shares[1] * layer + shares[2] * batch
