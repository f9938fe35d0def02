"""Normalizations whose every intermediate value fits into float16.

The GPUs of phones compute in float16: 65504 is its largest number, 6.1e-5 the
smallest that all of them keep. Squares of features leave that range on both
sides, and an epsilon of 1e-5 becomes zero, so that flat channels are divided
by zero (tensorflow issue 67216). Here features are divided by their largest
deviation before they are squared, and epsilon by the square of it: in exact
arithmetic the result is the same, whatever one divides by.
"""

import math

from keras import ops

TINY = 2.0**-14  # float16's smallest normal number, 6.1e-5


def half_safe_moments(x, epsilon):
    """Two factors of `(x - mean) / sqrt(variance + epsilon)`.

    Deviation: a standard deviation below 1/128 of the largest deviation
    counts as that; so only a channel that is flat but for 1 pixel in 16384
    comes out smaller.

    Args:
        x: Features (N, H, W, C).
        epsilon: Added to the (biased) variance of each channel.

    Returns:
        (tensor (N, H, W, C) in [-1, 1], tensor (N, 1, 1, C) up to 128); their
        product is the normalized x.
    """
    _, x, size, variance = _scaled_moments(x, epsilon)
    return x, _inverse_deviation(variance, epsilon, size)


def half_safe_layer_instance_normalize(x, rho, gamma, beta, epsilon):
    """As `layer_instance_normalize`, with the same arguments and result.

    Deviation: as of `half_safe_moments`.
    """
    _, height, width, channels = ops.shape(x)
    pixels = ops.cast(height * width, "float32")
    values = pixels * channels

    mean, x, size, variance = _scaled_moments(x, epsilon)
    instance_scale = rho * _inverse_deviation(
        variance * _unbiasing(pixels, x.dtype), epsilon, size
    )

    offset = mean - ops.mean(mean, axis=-1, keepdims=True)  # (N, 1, 1, C)
    largest = ops.max(
        ops.maximum(size, ops.abs(offset)), axis=-1, keepdims=True
    )  # (N, 1, 1, 1)
    offset, size = offset / largest, size / largest
    layer_variance = ops.mean(
        variance * size * size + offset * offset, axis=-1, keepdims=True
    )
    layer_scale = (1.0 - rho) * _inverse_deviation(
        layer_variance * _unbiasing(values, x.dtype), epsilon, largest
    )
    scale = gamma * (instance_scale + layer_scale * size)
    return x * scale + (gamma * layer_scale * offset + beta)


def _scaled_moments(x, epsilon):
    """Moments of every channel, (N, 1, 1, C) each but the second.

    Returns:
        (mean; x without it, divided by size to lie in [-1, 1]; size; variance
        of what was divided)
    """
    mean = _mean(x)
    x = x - mean
    size = ops.max(ops.abs(x), axis=(1, 2), keepdims=True)
    # No smaller than epsilon's root: epsilon / size**2 stays below 1.
    size = ops.maximum(size, math.sqrt(epsilon))
    x = x * (1.0 / size)
    return mean, x, size, _mean(x * x)


def _mean(x):
    # Row by row: a sum of all pixels would leave float16 where it is the
    # accumulator.
    return ops.mean(ops.mean(x, axis=2, keepdims=True), axis=1, keepdims=True)


def _inverse_deviation(variance, epsilon, size):
    """`rsqrt(variance + epsilon / size**2)`."""
    root = math.sqrt(epsilon) / size
    return ops.rsqrt(ops.maximum(variance + root * root, TINY))


def _unbiasing(count, dtype):
    """What makes the N - 1 variance of the biased one."""
    return ops.cast(count / ops.maximum(count - 1.0, 1.0), dtype)
