"""Adversarial losses: what discriminators and generators play for.

They take the discriminator's logits, of any shape, and average over all of
them. `real` says which label the logits should carry: a discriminator's loss
is `f(real_logits, True) + f(fake_logits, False)`, a generator's
`f(fake_logits, True)`.
"""

from __future__ import annotations

from keras import ops

from keras_gan_translate.losses.precision import as_float32
from keras_gan_translate.support.types import Tensor


def least_squares(logits: Tensor, real: bool) -> Tensor:
    """Mean of `(logits - 1)**2` for real, of `logits**2` for fake.

    Reference: Mao et al., "Least Squares Generative Adversarial Networks",
    ICCV 2017, arXiv:1611.04076.

    Args:
        logits: Discriminator's output, any shape.
        real: Whether the target is 1 (real) or 0 (fake).
    """
    (logits,) = as_float32(logits)
    return ops.mean(ops.square(logits - 1.0 if real else logits))


def binary_cross_entropy(logits: Tensor, real: bool) -> Tensor:
    """Mean binary cross-entropy of logits, stable at any magnitude.

    Reference: Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014,
    arXiv:1406.2661.

    Args:
        logits: Discriminator's output before a sigmoid, any shape.
        real: Whether the target is 1 (real) or 0 (fake).
    """
    (logits,) = as_float32(logits)
    # -log sigmoid(x) = softplus(-x), -log(1 - sigmoid(x)) = softplus(x)
    return ops.mean(ops.softplus(-logits if real else logits))


def non_saturating(fake_logits: Tensor) -> Tensor:
    """Generator's loss `-log sigmoid(D(fake))`, averaged.

    Reference: Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014,
    arXiv:1406.2661, section 3.

    Args:
        fake_logits: Discriminator's output for fakes, any shape.
    """
    return binary_cross_entropy(fake_logits, True)


def hinge(logits: Tensor, real: bool) -> Tensor:
    """A discriminator's hinge loss of real images, or of fakes.

    Reference: Lim and Ye, "Geometric GAN", 2017, arXiv:1705.02894.

    Args:
        logits: Discriminator's output, any shape.
        real: Whether they are of real images.
    """
    (logits,) = as_float32(logits)
    return ops.mean(ops.relu(1.0 - logits if real else 1.0 + logits))


def hinge_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Discriminator's hinge loss, real and fake parts added.

    Reference: Lim and Ye, "Geometric GAN", 2017, arXiv:1705.02894.

    Args:
        real_logits: Discriminator's output for real images, any shape.
        fake_logits: Discriminator's output for fakes, any shape.
    """
    return hinge(real_logits, real=True) + hinge(fake_logits, real=False)


def hinge_generator(fake_logits: Tensor) -> Tensor:
    """Generator's part of the hinge loss: the mean of `-D(fake)`.

    Reference: Lim and Ye, "Geometric GAN", 2017, arXiv:1705.02894.

    Args:
        fake_logits: Discriminator's output for fakes, any shape.
    """
    return wasserstein(fake_logits, True)


def wasserstein(logits: Tensor, real: bool) -> Tensor:
    """Mean of `-logits` for real, of `logits` for fake.

    Reference: Arjovsky et al., "Wasserstein GAN", ICML 2017, arXiv:1701.07875.

    Args:
        logits: Critic's output, any shape.
        real: Whether the critic should rate them high (real) or low (fake).
    """
    (logits,) = as_float32(logits)
    return -ops.mean(logits) if real else ops.mean(logits)


def cam(translated_logits: Tensor, same_logits: Tensor) -> Tensor:
    """Generator's loss on the logits of its attention's classifiers.

    They shall tell the source domain (1) from the target domain (0).

    Reference: Kim et al., "U-GAT-IT", ICLR 2020, arXiv:1907.10830, eq. 5.

    Args:
        translated_logits: CAM logits for images of the source domain (N, 2).
        same_logits: CAM logits for images of the target domain (N, 2).
    """
    return binary_cross_entropy(translated_logits, True) + binary_cross_entropy(
        same_logits, False
    )
