"""Losses of the papers: stateless functions that return float32 scalars."""

from keras_gan_translate.losses import perceptual
from keras_gan_translate.losses.adversarial import (
    binary_cross_entropy,
    cam,
    hinge,
    hinge_discriminator,
    hinge_generator,
    least_squares,
    non_saturating,
    wasserstein,
)
from keras_gan_translate.losses.classification import (
    attribute_cross_entropy,
    cross_entropy,
)
from keras_gan_translate.losses.penalties import (
    gradient_penalty,
    r1,
)
from keras_gan_translate.losses.reconstruction import (
    feature_matching,
    l1,
    l2,
    ssim,
    total_variation,
)
