"""How far an image, or a discriminator's view of it, is from another."""

from __future__ import annotations

import numpy as np
from keras import ops

from keras_gan_translate.losses.precision import as_float32
from keras_gan_translate.support.similarity import K1, K2, window
from keras_gan_translate.support.types import Tensor


def l1(a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute difference of two tensors of the same shape."""
    a, b = as_float32(a, b)
    return ops.mean(ops.abs(a - b))


def l2(a: Tensor, b: Tensor) -> Tensor:
    """Mean squared difference of two tensors of the same shape."""
    a, b = as_float32(a, b)
    return ops.mean(ops.square(a - b))


def total_variation(images: Tensor) -> Tensor:
    """Mean squared difference of neighbours, vertical plus horizontal.

    Reference: Johnson et al., "Perceptual Losses for Real-Time Style Transfer
    and Super-Resolution", ECCV 2016, arXiv:1603.08155.

    Args:
        images: (N, H, W, C), H and W at least 2.
    """
    return l2(images[:, 1:], images[:, :-1]) + l2(
        images[:, :, 1:], images[:, :, :-1]
    )


def feature_matching(
    real_features: list[Tensor], fake_features: list[Tensor]
) -> Tensor:
    """Mean over the layers of the L1 distance of their features.

    The real features are constants.

    Reference: Wang et al., "High-Resolution Image Synthesis and Semantic
    Manipulation with Conditional GANs", CVPR 2018, arXiv:1711.11585, eq. 4.

    Args:
        real_features: List of a discriminator's features of real images.
        fake_features: List of its features of fakes, of the same shapes.

    Raises:
        ValueError: If the lists are empty or of different length.
    """
    if not real_features or len(real_features) != len(fake_features):
        raise ValueError(
            "feature_matching expects two lists with the features of the same "
            f"layers. Received: {len(real_features)} real, "
            f"{len(fake_features)} fake"
        )
    distances = [
        l1(ops.stop_gradient(real), fake)
        for real, fake in zip(real_features, fake_features)
    ]
    return sum(distances) / len(distances)


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Mean structural similarity of images: 1 if they are equal.

    As `metrics.ssim`, which measures what this trains.

    Reference: Wang, Bovik, Sheikh, Simoncelli, "Image Quality Assessment: From
    Error Visibility to Structural Similarity", IEEE Transactions on Image
    Processing 13(4), 2004, equation 13.

    Args:
        a: (N, H, W, C) in [-1, 1], H and W at least 11.
        b: The same.
    """
    # It takes black for zero.
    a, b = ((x + 1.0) / 2.0 for x in as_float32(a, b))
    c1, c2 = K1**2, K2**2
    mean_a, mean_b = _blur(a), _blur(b)
    variances = _blur(a * a) - mean_a**2 + _blur(b * b) - mean_b**2
    covariance = _blur(a * b) - mean_a * mean_b
    return ops.mean(
        (2 * mean_a * mean_b + c1)
        * (2 * covariance + c2)
        / ((mean_a**2 + mean_b**2 + c1) * (variances + c2))
    )


def _blur(images):
    """Gaussian means of all whole windows of (N, H, W, C)."""
    channels = images.shape[-1]
    for shape in ((-1, 1), (1, -1)):
        line = np.tile(window().reshape(*shape, 1, 1), (1, 1, channels, 1))
        images = ops.depthwise_conv(
            images,
            ops.convert_to_tensor(line, images.dtype),
            data_format="channels_last",
        )
    return images
