import sys

import numpy as np
import pytest
from PIL import Image

from keras_gan_translate import data

pytest.importorskip("tensorflow")


@pytest.fixture(autouse=True)
def from_the_start():
    yield
    data.resume_at(0)


def test_synthetic_pairs():
    dataset = data.open_dataset(
        "synthetic:3", "paired", image_size=32, augment=False, shuffle=False
    )
    assert dataset.kgt_summary == (
        "paired: synthetic faces (train), A 3 images, B 3 images"
    )
    found = list(dataset.as_numpy_iterator())
    for images, expected in zip("ab", data.synthetic_faces(3, 32)):
        images = np.concatenate([batch[images] for batch in found])
        np.testing.assert_array_equal(images, data.to_float(expected))
    swapped = data.open_dataset(
        "synthetic:3",
        "paired",
        direction="ba",
        image_size=32,
        augment=False,
        shuffle=False,
    )
    first = next(swapped.as_numpy_iterator())
    np.testing.assert_array_equal(first["b"], found[0]["a"])


def test_synthetic_unpaired_shows_no_face_twice():
    plain = {"image_size": 32, "augment": False, "shuffle": False}
    dataset = data.open_dataset("synthetic:3", **plain)
    toons = data.synthetic_faces(3, 32, start=3)[1]
    found = [batch["b"][0] for batch in dataset.as_numpy_iterator()]
    np.testing.assert_array_equal(found, data.to_float(toons))
    tested = data.open_dataset("synthetic:3", split="test", **plain)
    held_out = next(tested.as_numpy_iterator())["a"]
    trained = next(dataset.as_numpy_iterator())["a"]
    assert not np.allclose(held_out, trained)


def test_synthetic_faces_are_drawn_at_the_size_they_are_cropped_from():
    dataset = data.open_dataset("synthetic:2", image_size=32, batch_size=2)
    assert dataset.element_spec["a"].shape.as_list()[1:] == [32, 32, 3]


def test_synthetic_cartoons():
    dataset = data.open_dataset(
        "synthetic:3", "cartoon", image_size=32, augment=False, shuffle=False
    )
    assert dataset.kgt_summary.startswith("cartoon: synthetic faces (train)")
    toons = data.synthetic_faces(3, 32, start=3)[1]
    for batch, toon in zip(dataset.as_numpy_iterator(), toons, strict=True):
        np.testing.assert_array_equal(batch["b"][0], data.to_float(toon))
        smooth = data.to_float(data.smooth_edges(toon))
        np.testing.assert_array_equal(batch["smooth"][0], smooth)


def test_synthetic_super_resolution():
    plain = {"image_size": 32, "augment": False, "shuffle": False}
    dataset = data.open_dataset(
        "synthetic:3", "super_resolution", scale=2, **plain
    )
    assert dataset.kgt_summary == (
        "super_resolution: synthetic faces (train), 3 photos; reduced 2 times"
    )
    (photos,) = data.synthetic_faces(3, 32, styles=("photo",))
    for batch, photo in zip(dataset.as_numpy_iterator(), photos, strict=True):
        np.testing.assert_array_equal(batch["b"][0], data.to_float(photo))
        small = data.reduce_images(photo[None], 2)
        np.testing.assert_array_equal(batch["a"], data.to_float(small))


def test_folders(tmp_path):
    for name in ("A", "B"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (9, 9)).save(tmp_path / name / "1.png")
    both = (tmp_path / "A", str(tmp_path / "B"))
    for source in (tmp_path, str(tmp_path), both):
        for kind in ("unpaired", "paired", "cartoon"):
            dataset = data.open_dataset(
                source, kind, image_size=8, load_size=None, domains=None
            )
            assert dataset.kgt_summary.startswith(kind)
            assert dataset.cardinality() == 1
    photos = data.open_dataset(tmp_path, "super_resolution", image_size=8)
    assert photos.cardinality() == 2


def test_open_dataset_errors(tmp_path):
    with pytest.raises(ValueError, match="Did you mean 'unpaired'"):
        data.open_dataset("synthetic", "unpaird")
    with pytest.raises(ValueError, match="received 'synthetic:many'"):
        data.open_dataset("synthetic:many")
    with pytest.raises(ValueError, match="'tfds:cycle_gan/maps' has none"):
        data.open_dataset("tfds:cycle_gan/maps", domains=("a", "b"))
    with pytest.raises(ValueError, match="paired data are read from"):
        data.open_dataset("tfds:cycle_gan/maps", "paired")
    with pytest.raises(ValueError, match="super_resolution data are read"):
        data.open_dataset("tfds:cycle_gan/maps", "super_resolution")
    with pytest.raises(ValueError, match="one folder of photos, received 2"):
        data.open_dataset((tmp_path, tmp_path), "super_resolution")
    with pytest.raises(ValueError, match="must be a multiple of scale"):
        data.open_dataset("synthetic", "super_resolution", image_size=30)
    with pytest.raises(ValueError, match="Unknown split='dev'"):
        data.open_dataset("synthetic", split="dev")
    with pytest.raises(ValueError, match="There is no folder 'sinthetic'"):
        data.open_dataset("sinthetic")
    with pytest.raises(ValueError, match="Faces are square"):
        data.open_dataset("synthetic:1", image_size=(16, 32))


@pytest.mark.parametrize(
    "name", ["tfds:cycle_gan/horse2zebra", "cycle_gan/maps"]
)
def test_tfds(name, tmp_path):
    tfds = pytest.importorskip("tensorflow_datasets")
    with tfds.testing.mock_data(num_examples=5):
        dataset = data.from_tfds(
            name, image_size=16, split="test", data_dir=tmp_path
        )
    assert dataset.cardinality() == 5
    assert "(testA, testB), A 5 images, B 5 images" in dataset.kgt_summary
    batch = next(dataset.as_numpy_iterator())
    assert batch["a"].shape == batch["b"].shape == (1, 16, 16, 3)


def test_tfds_by_open_dataset(tmp_path):
    tfds = pytest.importorskip("tensorflow_datasets")
    with tfds.testing.mock_data(num_examples=2):
        dataset = data.open_dataset(
            "tfds:cycle_gan/maps", image_size=16, data_dir=tmp_path
        )
    assert dataset.kgt_summary.startswith("unpaired: tfds:cycle_gan/maps (tra")


def test_tfds_is_optional(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(ImportError, match="install tensorflow tensorflow-data"):
        data.from_tfds("cycle_gan/maps")
