"""Penalties of a discriminator's gradient with respect to images."""

from __future__ import annotations

import keras
from keras import ops

from keras_gan_translate.backend import input_gradients
from keras_gan_translate.losses.precision import as_float32
from keras_gan_translate.support.types import Tensor


def gradient_penalty(
    discriminator: keras.Model,
    real: Tensor,
    fake: Tensor,
    epsilon: Tensor,
    mask: Tensor | None = None,
) -> Tensor:
    """WGAN-GP's penalty `mean((|gradient of D(x)| - 1)**2)`.

    x lies on the line between a real image and a fake, `epsilon * real +
    (1 - epsilon) * fake`.

    Reference: Gulrajani et al., "Improved Training of Wasserstein GANs",
    NeurIPS 2017, arXiv:1704.00028.

    Args:
        discriminator: Function from images to logits.
        real: Images (N, H, W, C) in [-1, 1].
        fake: Images of the same shape.
        epsilon: Place on the line, drawn from U(0, 1): (N, 1, 1, 1).
        mask: 1.0 at the pixels whose gradient counts, (N, H, W, 1), or None
            for all: those of a hole in Yu et al., "Generative Image Inpainting
            with Contextual Attention", CVPR 2018, arXiv:1801.07892, eq. 6.
    """
    real, fake, epsilon = as_float32(real, fake, epsilon)
    mixed = epsilon * real + (1.0 - epsilon) * fake
    # 1e-12 keeps the derivative of the root finite where the gradient is 0.
    norm = ops.sqrt(_squared_gradient(discriminator, mixed, mask) + 1e-12)
    return ops.mean(ops.square(norm - 1.0))


def r1(discriminator: keras.Model, real: Tensor) -> Tensor:
    """R1 penalty `1/2 * mean(|gradient of D(real)|**2)`.

    Reference: Mescheder et al., "Which Training Methods for GANs do actually
    Converge?", ICML 2018, arXiv:1801.04406, eq. 9.

    Args:
        discriminator: Function from images to logits.
        real: Images (N, H, W, C) in [-1, 1].
    """
    return 0.5 * ops.mean(_squared_gradient(discriminator, *as_float32(real)))


def _squared_gradient(discriminator, images, mask=None):
    """Squared length of each image's gradient of its logits' sum: (N,)."""
    gradients = ops.cast(input_gradients(discriminator, images), "float32")
    if mask is not None:
        gradients = gradients * ops.cast(mask, "float32")
    return ops.sum(ops.square(gradients), axis=(1, 2, 3))
