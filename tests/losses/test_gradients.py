"""Each loss's gradients are those of its values."""

import inspect

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.losses import perceptual
from tests.gradients import assert_gradients, in_float64

LABELS = np.eye(3)[[0, 2, 1, 2]]


def numbers(seed, shape=(4, 3)):
    return np.random.default_rng(seed).normal(size=shape)


def both(loss):
    """Of what is real, and of what is not."""
    return [lambda x: loss(x, True), lambda x: loss(x, False)]


# name -> (how many tensors are compared, functions of them)
LOSSES = {
    "least_squares": (1, both(losses.least_squares)),
    "binary_cross_entropy": (1, both(losses.binary_cross_entropy)),
    "hinge": (1, both(losses.hinge)),
    "wasserstein": (1, both(losses.wasserstein)),
    "non_saturating": (1, [losses.non_saturating]),
    "hinge_generator": (1, [losses.hinge_generator]),
    "hinge_discriminator": (2, [losses.hinge_discriminator]),
    "cam": (2, [losses.cam]),
    "cross_entropy": (1, [lambda x: losses.cross_entropy(x, LABELS)]),
    "attribute_cross_entropy": (
        1,
        [lambda x: losses.attribute_cross_entropy(x, LABELS)],
    ),
    "l1": (2, [losses.l1]),
    "l2": (2, [losses.l2]),
}


@pytest.mark.parametrize("name", LOSSES)
def test_of_what_is_compared(name):
    count, functions = LOSSES[name]
    with in_float64():
        for loss in functions:
            assert_gradients(loss, [numbers(seed) for seed in range(count)])


def test_of_images_and_features():
    shape = (2, 6, 5, 3)
    x, y = numbers(0, shape), numbers(1, shape)
    with in_float64():
        assert_gradients(losses.total_variation, [x])
        images = [0.3 * numbers(seed, (2, 12, 13, 2)) for seed in (2, 3)]
        assert_gradients(losses.ssim, images)
        real = [ops.convert_to_tensor(y)] * 2
        assert_gradients(
            lambda a, b: losses.feature_matching(real, [a, b]), [x, y + 0.1]
        )
        assert_gradients(perceptual.gram_matrix, [x])
        assert_gradients(
            lambda a, b: perceptual.style_loss({"1": a}, {"1": b}), [x, y]
        )
        for distance in ("l1", "l2"):
            assert_gradients(
                lambda a, b: perceptual.feature_loss(
                    {"1": a, "2": a}, {"1": b, "2": b}, distance, {"2": 0.3}
                ),
                [x, y],
            )


def test_of_what_vgg_sees():
    shape = (1, 16, 16, 3)
    x, y = (np.tanh(numbers(seed, shape)) for seed in (0, 1))
    with in_float64():
        names = list(perceptual.SYNTHESIS_LAYERS)
        features = perceptual.VGGFeatures("vgg19", names, weights=None)
        real = ops.convert_to_tensor(y)
        assert_gradients(
            lambda fake: perceptual.synthesis_loss(features, fake, real), [x]
        )


def test_of_penalties_second_derivatives_are_meant():
    """With respect to the critic's weights, as its player trains."""
    shape = (2, 6, 5, 3)
    mask = (numbers(4, (2, 6, 5, 1)) > 0) * 1.0
    with in_float64():
        critic = keras.Sequential(
            [
                keras.layers.Conv2D(4, 3, activation="tanh"),
                keras.layers.Conv2D(1, 3, activation="softplus"),
            ]
        )
        x, y, share = (
            ops.convert_to_tensor(a)
            for a in (
                numbers(0, shape),
                numbers(1, shape),
                np.full((2, 1, 1, 1), 0.3),
            )
        )
        critic(x)
        weights = critic.trainable_variables
        for penalty in (
            lambda: losses.r1(critic, x),
            lambda: losses.gradient_penalty(critic, x, y, share),
            lambda: losses.gradient_penalty(
                critic, x, y, share, ops.convert_to_tensor(mask)
            ),
        ):
            assert_gradients(penalty, [], weights)


def test_no_loss_is_left_out():
    tested = {*LOSSES, "total_variation", "feature_matching"}
    tested |= {"gradient_penalty", "r1", "ssim"}
    functions = {n for n, x in vars(losses).items() if inspect.isfunction(x)}
    assert functions == tested
