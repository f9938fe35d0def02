import numpy as np
import pytest

from keras_gan_translate.metrics import (
    frechet_distance,
    frechet_distance_infinity,
)


def features(count, size, seed, shift=0.0):
    random = np.random.default_rng(seed)
    mixed = random.normal(size=(size, size)) / np.sqrt(size)
    return random.normal(size=(count, size)) @ mixed + shift


def by_scipy(real, fake):
    linalg = pytest.importorskip("scipy.linalg")
    root = linalg.sqrtm(np.cov(real.T) @ np.cov(fake.T)).real
    difference = real.mean(0) - fake.mean(0)
    return (
        difference @ difference
        + np.trace(np.cov(real.T))
        + np.trace(np.cov(fake.T))
        - 2 * np.trace(root)
    )


# More images than features, of either or of both; and as many.
@pytest.mark.parametrize("counts", [(50, 70), (12, 70), (70, 12), (20, 20)])
def test_it_is_that_of_scipy_s_root(counts):
    real = features(counts[0], 8, 0)
    fake = features(counts[1], 8, 1, shift=0.5)
    expected = by_scipy(real, fake)
    assert frechet_distance(real, fake) == pytest.approx(expected, rel=1e-6)


def test_fewer_images_than_features():
    # By an SVD of (images, images) and by one of (features, features).
    real, fake = features(9, 30, 0), features(7, 30, 1)
    covariances = [np.cov(x.T) for x in (real, fake)]
    values, vectors = np.linalg.eigh(covariances[0])
    half = vectors * np.sqrt(values.clip(0)) @ vectors.T
    inner = np.linalg.eigvalsh(half @ covariances[1] @ half)
    expected = np.sum((real.mean(0) - fake.mean(0)) ** 2) + sum(
        map(np.trace, covariances)
    )
    expected -= 2 * np.sqrt(inner.clip(0)).sum()
    assert frechet_distance(real, fake) == pytest.approx(expected, rel=1e-6)


def test_equal_and_shifted():
    x = features(20, 5, 0)
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(x, x + 2) == pytest.approx(5 * 4)


def test_few_images_are_too_far_and_the_extrapolation_less():
    # Of one distribution, so that the true distance is 0.
    real, fake = (
        np.random.default_rng(seed).normal(size=(300, 40)) for seed in (0, 1)
    )
    few = frechet_distance(real[:100], fake[:100])
    many = frechet_distance(real, fake)
    assert few > many > 2
    assert abs(frechet_distance_infinity(real, fake)) < many / 4


@pytest.mark.parametrize(
    ("real", "fake", "message"),
    [
        (np.zeros((5, 3)), np.zeros((5, 4)), r"\(5, 3\) and \(5, 4\)"),
        (np.zeros((1, 3)), np.zeros((5, 3)), "2 images or more"),
        (np.zeros((5, 3)), np.full((5, 3), np.nan), "finite"),
    ],
)
def test_errors_name_what_came(real, fake, message):
    with pytest.raises(ValueError, match=message):
        frechet_distance(real, fake)
    with pytest.raises(ValueError, match="10 images or more.*5 and 9"):
        frechet_distance_infinity(np.zeros((5, 3)), np.zeros((9, 3)))
