"""Losses of the papers: stateless functions that return float32 scalars.

Adversarial losses take the discriminator's logits, of any shape, and average
over all of them. `real` says which label the logits should carry: a
discriminator's loss is `f(real_logits, True) + f(fake_logits, False)`, a
generator's `f(fake_logits, True)`.
"""

from keras import ops


def _float32(*values):
    return tuple(ops.cast(value, "float32") for value in values)


def least_squares(logits, real):
    """Mean of `(logits - 1)**2` for real, of `logits**2` for fake.

    Reference: Mao et al., "Least Squares Generative Adversarial Networks",
    ICCV 2017, arXiv:1611.04076.

    Args:
        logits: Discriminator's output, any shape.
        real: Whether the target is 1 (real) or 0 (fake).
    """
    (logits,) = _float32(logits)
    return ops.mean(ops.square(logits - 1.0 if real else logits))


def binary_cross_entropy(logits, real):
    """Mean binary cross-entropy of logits, stable at any magnitude.

    Reference: Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014,
    arXiv:1406.2661.

    Args:
        logits: Discriminator's output before a sigmoid, any shape.
        real: Whether the target is 1 (real) or 0 (fake).
    """
    (logits,) = _float32(logits)
    # -log sigmoid(x) = softplus(-x), -log(1 - sigmoid(x)) = softplus(x)
    return ops.mean(ops.softplus(-logits if real else logits))


def non_saturating(fake_logits):
    """Generator's loss `-log sigmoid(D(fake))`, averaged.

    Reference: Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014,
    arXiv:1406.2661, section 3.

    Args:
        fake_logits: Discriminator's output for fakes, any shape.
    """
    return binary_cross_entropy(fake_logits, True)


def hinge_discriminator(real_logits, fake_logits):
    """Discriminator's hinge loss, real and fake parts added.

    Reference: Lim and Ye, "Geometric GAN", 2017, arXiv:1705.02894.

    Args:
        real_logits: Discriminator's output for real images, any shape.
        fake_logits: Discriminator's output for fakes, any shape.
    """
    real_logits, fake_logits = _float32(real_logits, fake_logits)
    return ops.mean(ops.relu(1.0 - real_logits)) + ops.mean(
        ops.relu(1.0 + fake_logits)
    )


def hinge_generator(fake_logits):
    """Generator's part of the hinge loss: the mean of `-D(fake)`.

    Reference: Lim and Ye, "Geometric GAN", 2017, arXiv:1705.02894.

    Args:
        fake_logits: Discriminator's output for fakes, any shape.
    """
    return wasserstein(fake_logits, True)


def wasserstein(logits, real):
    """Mean of `-logits` for real, of `logits` for fake.

    Reference: Arjovsky et al., "Wasserstein GAN", ICML 2017, arXiv:1701.07875.

    Args:
        logits: Critic's output, any shape.
        real: Whether the critic should rate them high (real) or low (fake).
    """
    (logits,) = _float32(logits)
    return -ops.mean(logits) if real else ops.mean(logits)


def cam(translated_logits, same_logits):
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


def l1(a, b):
    """Mean absolute difference of two tensors of the same shape."""
    a, b = _float32(a, b)
    return ops.mean(ops.abs(a - b))


def l2(a, b):
    """Mean squared difference of two tensors of the same shape."""
    a, b = _float32(a, b)
    return ops.mean(ops.square(a - b))


def total_variation(images):
    """Mean squared difference of neighbours, vertical plus horizontal.

    Reference: Johnson et al., "Perceptual Losses for Real-Time Style Transfer
    and Super-Resolution", ECCV 2016, arXiv:1603.08155.

    Args:
        images: (N, H, W, C), H and W at least 2.
    """
    return l2(images[:, 1:], images[:, :-1]) + l2(
        images[:, :, 1:], images[:, :, :-1]
    )


def feature_matching(real_features, fake_features):
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


def gradient_penalty(discriminator, real, fake, epsilon):
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
    """
    real, fake, epsilon = _float32(real, fake, epsilon)
    mixed = epsilon * real + (1.0 - epsilon) * fake
    # 1e-12 keeps the derivative of the root finite where the gradient is 0.
    norm = ops.sqrt(_squared_gradient(discriminator, mixed) + 1e-12)
    return ops.mean(ops.square(norm - 1.0))


def r1(discriminator, real):
    """R1 penalty `1/2 * mean(|gradient of D(real)|**2)`.

    Reference: Mescheder et al., "Which Training Methods for GANs do actually
    Converge?", ICML 2018, arXiv:1801.04406, eq. 9.

    Args:
        discriminator: Function from images to logits.
        real: Images (N, H, W, C) in [-1, 1].
    """
    return 0.5 * ops.mean(_squared_gradient(discriminator, *_float32(real)))


def _squared_gradient(discriminator, images):
    """Squared length of each image's gradient of its logits' sum: (N,)."""
    from keras_gan_translate.backend import input_gradients

    gradients = ops.cast(input_gradients(discriminator, images), "float32")
    return ops.sum(ops.square(gradients), axis=(1, 2, 3))
