import numpy as np
import pytest

from keras_gan_translate.data import epochs, resume_at, to_float
from keras_gan_translate.data.epochs import BatchSource


@pytest.fixture(autouse=True)
def from_the_start():
    yield
    resume_at(0)


def numbered(count, side=6):
    """Images whose red channel is their number, green the row, blue column."""
    images = np.zeros((count, side, side, 3), "uint8")
    images[..., 0] = np.arange(count)[:, None, None]
    images[..., 1] = np.arange(side)[:, None]
    images[..., 2] = np.arange(side)
    return images


def source(a=10, b=4, **options):
    settings = {
        "paired": False,
        "size": (4, 4),
        "augment": True,
        "shuffle": True,
        "seed": 0,
    }
    return BatchSource(numbered(a), numbered(b), **(settings | options))


def bytes_of(batch):
    return np.rint((batch + 1) * 127.5).astype(int)


def test_every_image_once_and_the_smaller_domain_in_rounds():
    for epoch in range(3):
        a, b = source(10, 4).batch(epoch, np.arange(10))
        assert sorted(bytes_of(a)[:, 0, 0, 0]) == list(range(10))
        order = bytes_of(b)[:, 0, 0, 0]
        assert sorted(order[:4]) == sorted(order[4:8]) == [0, 1, 2, 3]
        assert len({*order[8:]}) == 2


def test_a_batch_depends_on_seed_epoch_and_position_alone():
    first, second = source(), source()
    second.batch(5, np.arange(3))
    whole = first.batch(2, np.arange(10))
    for rows in ([0], [9, 3], [3, 4, 5]):
        for one, all_ in zip(second.batch(2, rows), whole):
            np.testing.assert_array_equal(one, all_[rows])


def test_epochs_and_seeds_differ():
    batches = [
        source(seed=seed).batch(epoch, np.arange(10))[0]
        for seed, epoch in ((0, 0), (0, 1), (1, 0))
    ]
    for i in range(3):
        for j in range(i):
            assert (batches[i] != batches[j]).any((1, 2, 3)).mean() > 0.8


def test_the_drawn_numbers_never_change():
    # Resumed runs rely on it, across versions of NumPy and of this library.
    order, crops = source()._draw_plan(3)["a"]
    assert order.tolist() == [7, 2, 8, 9, 1, 6, 4, 5, 3, 0]
    assert crops[:4].tolist() == [[2, 2, 1], [2, 1, 1], [2, 1, 0], [1, 1, 0]]


def test_crops_and_flips_are_uniform():
    a, _ = source(200, 200).batch(0, np.arange(200))
    corner = bytes_of(a)[:, 0, [0, -1]]
    flipped = corner[:, 0, 2] > corner[:, 1, 2]
    left = np.where(flipped, corner[:, 1, 2], corner[:, 0, 2])
    assert 70 < flipped.sum() < 130
    for drawn in (corner[:, 0, 1], left):
        counts = np.bincount(drawn, minlength=3)
        assert len(counts) == 3 and (counts > 40).all()


def test_without_augmentation_the_middle_in_order():
    plain = source(5, 2, augment=False, shuffle=False)
    for epoch in (0, 7):
        a, b = plain.batch(epoch, np.arange(5))
        np.testing.assert_array_equal(a, to_float(numbered(5)[:, 1:5, 1:5]))
        assert bytes_of(b)[:, 0, 0, 0].tolist() == [0, 1, 0, 1, 0]


def test_pairs_share_order_crop_and_flip():
    a, b = source(20, 20, paired=True).batch(1, np.arange(20))
    np.testing.assert_array_equal(a, b)
    a, b = source(20, 20).batch(1, np.arange(20))
    assert (a != b).any((1, 2, 3)).mean() > 0.8


def test_floats_stay_as_they_are():
    images = np.random.default_rng(0).uniform(-1, 1, (3, 4, 4, 3))
    images = images.astype("float32")
    plain = BatchSource(images, images, False, (4, 4), False, False, 0)
    np.testing.assert_array_equal(plain.batch(0, [0, 1, 2])[0], images)


def test_epochs_are_counted():
    counted = source()
    assert [counted.start_epoch() for _ in range(3)] == [0, 1, 2]


def test_resume_at_reaches_old_and_new_sources():
    old = source()
    old.start_epoch()
    resume_at(7)
    assert old.start_epoch() == 7 and old.start_epoch() == 8
    assert source().start_epoch() == 7
    with pytest.raises(ValueError, match="epoch must be 0 or more"):
        resume_at(-1)


def test_sources_are_not_kept_alive():
    import gc

    gc.collect()
    before = len(epochs._sources)
    kept = source()
    assert len(epochs._sources) == before + 1
    del kept
    gc.collect()
    assert len(epochs._sources) == before
