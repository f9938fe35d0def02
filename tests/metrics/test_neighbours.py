import numpy as np
import pytest

from keras_gan_translate.metrics import (
    retrieval,
    style_accuracy,
)
from keras_gan_translate.metrics.density_coverage import density_coverage
from keras_gan_translate.metrics.precision_recall import precision_recall


def line(*values):
    return np.array(values, "float64")[:, None]


def test_precision_and_recall_by_hand():
    real = line(0, 1, 2, 3, 20)  # radii to the 1st neighbour: 1 1 1 1 17
    fake = line(0.5, 5, 50, 51)
    # 0.5 lies at 0 and 5 in the outlier's ball; radii of fake 4.5, 4.5, 1, 1.
    precision, recall = precision_recall(real, fake, k=1)
    assert (precision, recall) == (2 / 4, 4 / 5)


def test_density_and_coverage_by_hand():
    real = line(0, 1, 2, 3, 20)
    fake = line(0.5, 5, 50, 51)
    # 0.5 is in the balls of 0 and 1, 5 in that of 20.
    density, coverage = density_coverage(real, fake, k=1)
    assert (density, coverage) == (3 / 4, 3 / 5)


def test_equal_sets_are_all_there():
    x = np.random.default_rng(0).normal(size=(40, 3))
    assert precision_recall(x, x) == (1.0, 1.0)
    assert density_coverage(x, x)[1] == 1.0
    apart = x + 100
    assert precision_recall(x, apart) == (0.0, 0.0)
    assert density_coverage(x, apart) == (0.0, 0.0)
    # One image many times is precise, and covers little.
    precision, recall = precision_recall(x, np.repeat(x[:1], 40, 0))
    assert precision == 1.0 and recall < 0.1


def test_chunks_change_nothing(monkeypatch):
    random = np.random.default_rng(0)
    x, y = random.normal(size=(2, 40, 3))
    before = precision_recall(x, y), density_coverage(x, y)
    from keras_gan_translate.metrics import samples

    monkeypatch.setattr(samples, "CHUNK", 7)
    assert (precision_recall(x, y), density_coverage(x, y)) == before


def test_retrieval():
    originals = line(0, 10, 20)
    assert retrieval(line(1, 9, 24), originals).tolist() == [1, 1, 1]
    assert retrieval(line(9, 1, 24), originals).tolist() == [0, 0, 1]
    with pytest.raises(ValueError, match="2 and 3"):
        retrieval(line(1, 2), originals)


def test_style_is_what_the_neighbours_say():
    source, target = line(0, 1, 2, 9.1), line(9, 10, 11, 12, 13)
    is_target, right = style_accuracy(line(0.4, 10.4), source, target, k=3)
    assert is_target.tolist() == [0, 1]
    # Of four and four, the source at 9.1 alone has the wrong neighbours.
    assert right == 7 / 8
    with pytest.raises(ValueError, match="k=2"):
        style_accuracy(source, source, target, k=2)
