import numpy as np
import pytest

from keras_gan_translate import data
from tests.data.kinds.test_attributes import (
    HOLDS,
    NAMES,
    PLAIN,
    from_the_start,  # noqa: F401, a fixture
    write_list,
    write_photos,
)
from tests.data.kinds.test_domains import collect

KEYS = ["a", "attribute", "attributes_a", "attributes_b", "b"]


def celeba(folder, holds=HOLDS):
    write_photos(folder / "img_align_celeba", count=len(holds))
    write_list(folder / "list_attr_celeba.txt", holds)
    return folder


def numbers_of(images):
    return np.rint(data.to_uint8(images)[:, 8, 8, 0] / 40).astype(int)


def assert_opposed(batch, holds=HOLDS):
    """Labels are those of the pictures, and the attribute of one alone."""
    for one in "ab":
        np.testing.assert_array_equal(
            batch[f"attributes_{one}"], np.array(holds)[numbers_of(batch[one])]
        )
    rows = np.arange(len(batch["attribute"]))
    assert (batch["attributes_a"][rows, batch["attribute"]] == 1).all()
    assert (batch["attributes_b"][rows, batch["attribute"]] == 0).all()


def test_pairs_are_opposed_and_attributes_come_by_turns(tmp_path):
    dataset = data.attribute_pairs(celeba(tmp_path), **PLAIN, batch_size=6)
    batch = collect(dataset)
    assert sorted(batch) == KEYS
    assert batch["attribute"].dtype == "int32"
    assert_opposed(batch)
    np.testing.assert_array_equal(batch["attribute"], [0, 1, 2, 0, 1, 2])


def test_every_epoch_has_other_pairs_and_can_be_resumed(tmp_path):
    arguments = PLAIN | {"shuffle": True, "batch_size": 6, "seed": 4}
    folder = celeba(tmp_path)
    dataset = data.attribute_pairs(folder, **arguments)
    epochs = [collect(dataset) for _ in range(3)]
    for epoch in epochs:
        assert_opposed(epoch)
        assert (np.bincount(epoch["attribute"]) == 2).all()
    pairs = [(numbers_of(e["a"]), numbers_of(e["b"])) for e in epochs]
    assert not np.array_equal(pairs[0], pairs[1])
    data.resume_at(2)
    again = collect(data.attribute_pairs(folder, **arguments))
    for key in KEYS:
        np.testing.assert_array_equal(again[key], epochs[2][key])


def test_rare_attributes_come_as_often_and_shared_ones_never(tmp_path):
    holds = [(1, 0, 0)] * 5 + [(1, 1, 0)]
    folder = celeba(tmp_path, holds)
    dataset = data.attribute_pairs(folder, attributes=NAMES, **PLAIN)
    batch = collect(dataset)
    assert_opposed(batch, holds)
    np.testing.assert_array_equal(batch["attribute"], [1] * 6)
    np.testing.assert_array_equal(numbers_of(batch["a"]), [5] * 6)
    np.testing.assert_array_equal(numbers_of(batch["b"]), [0, 1, 2, 3, 4, 0])


def test_more_attributes_than_images(tmp_path):
    holds = [(1, 0, 1), (0, 1, 0)]
    dataset = data.attribute_pairs(celeba(tmp_path, holds), **PLAIN)
    assert_opposed(collect(dataset), holds)


def test_without_a_difference_there_are_no_pairs(tmp_path):
    folder = celeba(tmp_path, [(1, 0, 1)] * 3)
    with pytest.raises(ValueError, match="No two images.*Shadow, Smiling"):
        data.attribute_pairs(folder, attributes=NAMES, **PLAIN)


def test_drawn_avatars():
    dataset = data.attribute_pairs(
        "drawn:avatars:lorelei:12", **PLAIN, batch_size=12
    )
    batch = collect(dataset)
    names = dataset.kgt_source.groups[0]["attributes_a"].shape[1]
    assert batch["attributes_a"].shape == (12, names)
    rows = np.arange(12)
    assert batch["attributes_a"][rows, batch["attribute"]].all()
    assert not batch["attributes_b"][rows, batch["attribute"]].any()
