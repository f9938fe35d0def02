import math

import numpy as np
import pytest
from keras import ops

from keras_gan_translate import losses, metrics
from keras_gan_translate.backend import input_gradients

LOGITS = np.array([[-1.0, 0.5], [2.0, 0.0]], "float32")


def sigmoid(x):
    return 1 / (1 + np.exp(-np.float64(x)))


@pytest.mark.parametrize(
    "value, expected",
    [
        (losses.least_squares(LOGITS, True), np.mean((LOGITS - 1) ** 2)),
        (losses.least_squares(LOGITS, False), np.mean(LOGITS**2)),
        (
            losses.binary_cross_entropy(LOGITS, True),
            -np.mean(np.log(sigmoid(LOGITS))),
        ),
        (
            losses.binary_cross_entropy(LOGITS, False),
            -np.mean(np.log(1 - sigmoid(LOGITS))),
        ),
        (losses.non_saturating(LOGITS), -np.mean(np.log(sigmoid(LOGITS)))),
        (
            losses.hinge_discriminator(LOGITS, LOGITS - 1),
            np.mean([2, 0.5, 0, 1]) + np.mean([0, 0.5, 2, 0]),
        ),
        (losses.hinge_generator(LOGITS), -0.375),
        (losses.wasserstein(LOGITS, True), -0.375),
        (losses.wasserstein(LOGITS, False), 0.375),
        (losses.cam(LOGITS * 0, LOGITS * 0), 2 * math.log(2)),
        (
            losses.cam(LOGITS, LOGITS),
            -np.mean(np.log(sigmoid(LOGITS)))
            - np.mean(np.log(1 - sigmoid(LOGITS))),
        ),
        (losses.l1(LOGITS, LOGITS * 3), 2 * 0.875),
        (losses.l2(LOGITS, LOGITS * 3), 4 * 1.3125),
        (
            losses.total_variation(
                np.arange(6.0).reshape((1, 2, 3, 1))  # rows apart by 3
            ),
            9 + 1,
        ),
        (
            losses.feature_matching(
                [LOGITS, LOGITS], [LOGITS * 3, LOGITS + 0.25]
            ),
            (1.75 + 0.25) / 2,
        ),
    ],
)
def test_losses_on_constants(value, expected):
    assert float(value) == pytest.approx(expected, rel=1e-6)


def test_cross_entropy_is_finite_at_any_logit():
    assert float(losses.binary_cross_entropy([-1e4], True)) == 1e4
    assert float(losses.binary_cross_entropy([1e4], True)) == 0


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_summed_in_float32(dtype):
    # The sum of 2^17 ones overflows float16 and stalls in bfloat16.
    logits = ops.ones((2**17,), dtype=dtype)
    value = losses.least_squares(logits, False)
    assert "float32" in str(value.dtype)
    assert float(value) == 1
    assert "float32" in str(losses.l1(logits, logits).dtype)


def test_feature_matching_leaves_the_real_features_alone():
    gradient = input_gradients(
        lambda x: losses.feature_matching([x], [LOGITS * 3]), LOGITS
    )
    # Without a path to the input TensorFlow answers None.
    assert gradient is None or not np.any(gradient)


@pytest.mark.parametrize("real, fake", [([], []), ([LOGITS], [LOGITS] * 2)])
def test_feature_matching_refuses_unequal_lists(real, fake):
    with pytest.raises(ValueError, match=f"{len(real)} real"):
        losses.feature_matching(real, fake)


def images(seed):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(2, 3, 4, 2)).astype("float32")


def test_gradient_penalty_of_a_known_function():
    # D(x) = sum(x^2) has the gradient 2x.
    real, fake = images(0), images(1)
    epsilon = np.array([0.25, 1.0], "float32").reshape(2, 1, 1, 1)
    mixed = epsilon * real + (1 - epsilon) * fake
    norm = np.sqrt(np.sum((2 * mixed) ** 2, axis=(1, 2, 3)))
    value = losses.gradient_penalty(
        lambda x: ops.sum(x * x, axis=(1, 2, 3)), real, fake, epsilon
    )
    assert float(value) == pytest.approx(np.mean((norm - 1) ** 2), rel=1e-5)


def test_r1_of_a_known_function():
    real = images(0)
    value = losses.r1(lambda x: ops.sum(x * x, axis=(1, 2, 3)), real)
    expected = 0.5 * np.mean(np.sum((2 * real) ** 2, axis=(1, 2, 3)))
    assert float(value) == pytest.approx(expected, rel=1e-5)


def test_penalties_can_be_differentiated():
    # r1 = (1/2) mean (2 a x)^2 of D(x) = a sum(x^2): d/da = mean 4 a x^2
    real = images(0)

    def penalty(a):
        return losses.r1(lambda x: a * ops.sum(x * x, axis=(1, 2, 3)), real)

    slope = input_gradients(penalty, np.float32(3.0))
    expected = 12 * np.mean(np.sum(real**2, axis=(1, 2, 3)))
    assert float(slope) == pytest.approx(expected, rel=1e-5)
    flat = input_gradients(
        lambda a: losses.gradient_penalty(
            lambda x: a * ops.sum(x, axis=(1, 2, 3)),
            real,
            real,
            np.zeros((2, 1, 1, 1), "float32"),
        ),
        np.float32(0.0),
    )
    assert np.isfinite(float(flat))


def test_ssim_trains_what_the_metric_measures():
    rng = np.random.default_rng(0)
    a = rng.integers(0, 256, (2, 16, 20, 3)).astype("uint8")
    b = (0.7 * a + rng.uniform(0, 70, a.shape)).astype("uint8")
    measured = metrics.ssim(a, b).mean()
    assert 0.3 < measured < 0.97
    x, y = (image.astype("float32") / 127.5 - 1 for image in (a, b))
    assert float(losses.ssim(x, y)) == pytest.approx(measured, abs=1e-5)
    assert float(losses.ssim(x, x)) == pytest.approx(1, abs=1e-6)
