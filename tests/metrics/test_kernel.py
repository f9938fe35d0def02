import numpy as np
import pytest

from keras_gan_translate.metrics import (
    kernel_distance,
    kernel_distance_of_subsets,
)
from keras_gan_translate.metrics import samples as samples_module
from keras_gan_translate.metrics.kernel import (
    _distances,
    kernel_distance_deviation,
)


def pair(counts=(11, 8), size=4):
    random = np.random.default_rng(0)
    return [random.normal(i, 1, (n, size)) for i, n in enumerate(counts)]


def by_hand(real, fake):
    """The estimator as the paper writes it, a pair at a time."""

    def kernel(x, y):
        return (x @ y / len(x) + 1) ** 3

    def within(z):
        n = len(z)
        values = [
            kernel(z[i], z[j]) for i in range(n) for j in range(n) if i != j
        ]
        return sum(values) / (n * (n - 1))

    across = [kernel(x, y) for x in real for y in fake]
    return within(real) + within(fake) - 2 * np.mean(across)


def test_it_is_the_unbiased_estimator():
    real, fake = pair()
    expected = by_hand(real, fake)
    assert kernel_distance(real, fake) == pytest.approx(expected, rel=1e-10)


def test_chunks_change_nothing(monkeypatch):
    real, fake = pair()
    expected = kernel_distance(real, fake)
    from keras_gan_translate.metrics import kernel

    monkeypatch.setattr(kernel, "CHUNK", 3)
    assert kernel_distance(real, fake) == pytest.approx(expected)
    assert samples_module.CHUNK > 3


def test_it_has_no_bias():
    random = np.random.default_rng(1)
    distances = [
        kernel_distance(*random.normal(size=(2, 10, 3))) for _ in range(300)
    ]
    error = np.std(distances) / np.sqrt(len(distances))
    assert abs(np.mean(distances)) < 3 * error
    assert min(distances) < 0


def test_repeated_images_are_no_pairs():
    real, fake = pair()
    weights = [np.array([2] + [1] * 9 + [0]), np.ones(8)]
    # Without the last; the first one counts twice in every mean.
    value = _distances(real, fake, [weights])[0]
    twice = np.concatenate([real[:1], real[:10]])
    n = len(twice)
    kernel = (twice @ twice.T / 4 + 1) ** 3
    kept = ~np.eye(n, dtype=bool)
    kept[0, 1] = kept[1, 0] = False  # the same image
    across = (twice @ fake.T / 4 + 1) ** 3
    other = (fake @ fake.T / 4 + 1) ** 3
    within = other[~np.eye(8, dtype=bool)].mean()
    expected = kernel[kept].mean() + within - 2 * across.mean()
    assert value == pytest.approx(expected)


def test_deviation_falls_with_the_number_of_images():
    few = kernel_distance_deviation(*pair((20, 20)))
    many = kernel_distance_deviation(*pair((320, 320)))
    assert 0 < 2 * many < few


def test_subsets():
    real, fake = pair((30, 30))
    mean, deviation = kernel_distance_of_subsets(real, fake, 5)
    assert mean == pytest.approx(kernel_distance(real, fake))
    assert deviation == pytest.approx(0, abs=1e-12)
    mean, deviation = kernel_distance_of_subsets(real, fake, 50, 15)
    assert mean == pytest.approx(kernel_distance(real, fake), rel=0.2)
    assert deviation > 0
