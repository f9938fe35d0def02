import gc
import logging
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from keras_gan_translate import data
from keras_gan_translate.data import epochs
from keras_gan_translate.data.sizes import crop_and_load_size
from tests.shared import shared

tf = pytest.importorskip("tensorflow")


@pytest.fixture(autouse=True)
def from_the_start():
    yield
    data.resume_at(0)


def numbered(count, side=10):
    """Images whose red channel is their number, green the row, blue column."""
    images = np.zeros((count, side, side, 3), "uint8")
    images[..., 0] = np.arange(count)[:, None, None]
    images[..., 1] = np.arange(side)[:, None] * 20
    images[..., 2] = np.arange(side) * 20
    return images


def small(a=7, b=4, **options):
    settings = {"image_size": 6, "batch_size": 2} | options
    return data.from_arrays(numbered(a), numbered(b), **settings)


def batches(dataset):
    return list(dataset.as_numpy_iterator())


def numbers(found, domain="a"):
    first = np.concatenate([batch[domain][:, 0, 0, 0] for batch in found])
    return data.to_uint8(first).tolist()


def assert_equal(one, two):
    assert len(one) == len(two) > 0
    for x, y in zip(one, two):
        assert x.keys() == y.keys()
        for key in x:
            np.testing.assert_array_equal(x[key], y[key])


def test_what_comes_out():
    dataset = small()
    assert dataset.element_spec == {
        key: tf.TensorSpec((2, 6, 6, 3), tf.float32) for key in "ab"
    }
    assert dataset.cardinality() == len(batches(dataset)) == 3
    for batch in batches(dataset):
        for images in batch.values():
            assert images.dtype == "float32" and images.shape == (2, 6, 6, 3)
            assert images.min() >= -1 and images.max() <= 1
    assert dataset.kgt_summary == "unpaired: arrays, A 7 images, B 4 images"
    assert dataset.kgt_skipped == {}


def test_last_batch():
    kept = small(drop_remainder=False)
    assert [len(batch["a"]) for batch in batches(kept)] == [2, 2, 2, 1]
    assert kept.cardinality() == 4
    assert kept.element_spec["a"].shape.as_list() == [None, 6, 6, 3]
    tested = small(augment=False, image_size=None)
    assert sum(len(batch["a"]) for batch in batches(tested)) == 7
    only = small(batch_size=100)
    assert [len(batch["a"]) for batch in batches(only)] == [7]
    exact = small(a=8)
    assert [len(batch["a"]) for batch in batches(exact)] == [2] * 4


def test_unequal_domains():
    found = batches(small(8, 3))
    assert sorted(numbers(found)) == list(range(8))
    order = numbers(found, "b")
    assert sorted(order[:3]) == sorted(order[3:6]) == [0, 1, 2]
    swapped = batches(small(3, 8))
    assert sorted(numbers(swapped, "b")) == list(range(8))


def test_deterministic_under_a_seed():
    assert_equal(batches(small()), batches(small()))
    assert numbers(batches(small(20))) != numbers(batches(small(20, seed=1)))


def test_epochs_differ():
    dataset = small(20)
    assert numbers(batches(dataset)) != numbers(batches(dataset))


def test_resume_is_exact():
    dataset = small(20)
    epochs = [batches(dataset) for _ in range(9)]
    data.resume_at(7)
    resumed = small(20)
    assert_equal(batches(resumed), epochs[7])
    assert_equal(batches(resumed), epochs[8])
    data.resume_at(2)  # those that exist, too
    assert_equal(batches(dataset), epochs[2])
    assert_equal(batches(resumed), epochs[2])


@pytest.mark.parametrize(
    "change",
    [
        lambda dataset: dataset.take(2),
        lambda dataset: dataset.prefetch(3),
        lambda dataset: dataset.map(lambda x: {"a": -x["a"], "b": x["b"]}),
        lambda dataset: dataset.unbatch().batch(3),
    ],
    ids=["take", "prefetch", "map", "rebatch"],
)
def test_resume_is_exact_for_what_is_made_of_it(change):
    dataset = change(small(20))
    epochs = [batches(dataset) for _ in range(4)]
    data.resume_at(3)
    assert_equal(batches(change(small(20))), epochs[3])


def test_repeat_is_epoch_after_epoch():
    dataset = small(8)
    epochs = batches(dataset) + batches(dataset)
    assert_equal(batches(small(8).repeat(2)), epochs)


RESUMED = """
import sys
import numpy as np
from keras_gan_translate import data
from tests.data.test_pipeline import batches, small
data.resume_at(int(sys.argv[1]))
found = batches(small(20))
np.save(sys.argv[2], np.stack([batch["a"] for batch in found]))
"""


def test_resume_in_another_process(tmp_path):
    dataset = small(20)
    epochs = [batches(dataset) for _ in range(3)]
    command = [sys.executable, "-c", RESUMED, "2", str(tmp_path / "found.npy")]
    subprocess.run(command, check=True, capture_output=True)
    found = np.load(tmp_path / "found.npy")
    expected = np.stack([batch["a"] for batch in epochs[2]])
    np.testing.assert_array_equal(found, expected)


def test_images_live_as_long_as_what_is_made_of_them():
    gc.collect()
    before = len(epochs._sources)
    dataset = small(20)
    expected = batches(dataset)
    made = small(20).map(lambda x: x).take(100)
    iterator = small(20).as_numpy_iterator()
    gc.collect()
    assert_equal(batches(made), expected)
    assert_equal(list(iterator), expected)
    assert len(epochs._sources) == before + 3
    del dataset, made, iterator
    gc.collect()
    assert len(epochs._sources) == before


def test_keras_sees_the_steps_and_every_epoch():
    import keras

    if keras.backend.backend() != "tensorflow":
        pytest.skip("other backends look at a batch before the first epoch")
    seen = []

    class Recorder(keras.Model):
        def train_step(self, batch):
            tf.numpy_function(
                lambda a: seen.append(a.copy()) or 0.0,
                [batch["a"]],
                tf.double,
            )
            return {"loss": 0.0}

    model = Recorder()
    model.compile()
    model.fit(small(20), epochs=2, verbose=0)
    dataset = small(20)
    expected = batches(dataset) + batches(dataset)
    np.testing.assert_array_equal(seen, [batch["a"] for batch in expected])


def test_pairs_stay_aligned():
    dataset = data.from_arrays(
        numbered(9),
        255 - numbered(9),
        kind="paired",
        image_size=6,
        batch_size=3,
    )
    for batch in batches(dataset):
        np.testing.assert_allclose(batch["a"], -batch["b"], atol=1e-6)
    assert sorted(numbers(batches(dataset))) == list(range(9))


def test_without_augmentation():
    images = numbered(5)
    dataset = data.from_arrays(images, images, augment=False, shuffle=False)
    found = np.concatenate([batch["a"] for batch in batches(dataset)])
    np.testing.assert_array_equal(found, data.to_float(images))
    resized = data.from_arrays(images, images, augment=False, image_size=5)
    assert resized.element_spec["a"].shape.as_list() == [None, 5, 5, 3]


def test_float_arrays():
    images = data.to_float(numbered(4))
    assert_equal(
        batches(data.from_arrays(images, images)),
        batches(data.from_arrays(numbered(4), numbered(4))),
    )


def test_array_errors():
    good = numbered(3)
    cases = [
        (
            good / 255 * 2,
            good,
            {},
            r"a must lie in \[-1, 1\], received \[0, 1.41",
        ),
        (good, good.astype("int64"), {}, "b must be uint8 or floats"),
        (good[0], good, {}, "shape .count, height, width, 3., received"),
        (good[:0], good, {}, "received .0, 10, 10, 3."),
        (good, good[:2], {"kind": "paired"}, "received 3 and 2"),
        (good, good, {"image_size": 16}, "smaller than image_size=.16, 16."),
        (good, numbered(3, 12), {}, "a and b differ in size"),
        (
            good,
            numbered(3, 12),
            {"kind": "paired", "image_size": 8},
            "share their crops and need one size, received",
        ),
        (good / 255, good, {"load_size": 12}, "with uint8 images only"),
        (good, good, {"kind": "pair"}, "Did you mean 'paired'"),
        (good, good / 255, {"kind": "cartoon"}, "uint8 images, b has floats"),
        (good, good, {"batch_size": 0}, "batch_size must be 1 or more"),
        (good, good, {"image_size": (1, 2, 3)}, "or .height, width., received"),
        (np.full(good.shape, np.nan), good, {}, "received .nan, nan."),
    ]
    for a, b, options, message in cases:
        with pytest.raises(ValueError, match=message):
            data.from_arrays(a, b, **options)


def fill(folder, count, color=None, size=(20, 16)):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        image = Image.new("RGB", size, color or (i, i, i))
        image.save(folder / f"{i}.png")


def test_unpaired_folders(tmp_path, caplog):
    fill(tmp_path / "trainA", 3, "red")
    fill(tmp_path / "trainB", 5, "blue")
    (tmp_path / "trainB" / "bad.png").write_bytes(b"")
    with caplog.at_level(logging.INFO, "keras_gan_translate"):
        with pytest.warns(UserWarning, match="1 of 6 files"):
            dataset = data.unpaired(tmp_path, image_size=8)
    # The other tells that there are few.
    assert caplog.messages[1:] == [dataset.kgt_summary]
    assert "trainA 3 images, trainB 6 images" in dataset.kgt_summary
    assert list(dataset.kgt_skipped) == [tmp_path / "trainB" / "bad.png"]
    found = batches(dataset)
    assert len(found) == 5
    for batch in found:
        assert (batch["a"] == [1, -1, -1]).all()
        assert (batch["b"] == [-1, -1, 1]).all()
    with pytest.warns(UserWarning, match="1 of 6 files"):
        two = data.unpaired(
            tmp_path / "trainB", tmp_path / "trainA", image_size=8
        )
    assert (batches(two)[0]["b"] == [1, -1, -1]).all()


def test_paired_folders(tmp_path):
    fill(tmp_path / "A" / "train", 4)
    fill(tmp_path / "B" / "train", 4)
    dataset = data.paired(tmp_path, image_size=8)
    assert sorted(numbers(batches(dataset))) == [0, 1, 2, 3]
    for batch in batches(dataset):
        np.testing.assert_array_equal(batch["a"], batch["b"])


@pytest.mark.parametrize("direction", ["ab", "ba"])
def test_side_by_side(tmp_path, direction):
    (tmp_path / "train").mkdir()
    image = Image.new("RGB", (32, 16), "red")
    image.paste("blue", (16, 0, 32, 16))
    image.save(tmp_path / "train" / "1.png")
    dataset = data.paired(tmp_path, direction=direction, image_size=8)
    (batch,) = batches(dataset)
    red, blue = direction
    assert (batch[red] == [1, -1, -1]).all()
    assert (batch[blue] == [-1, -1, 1]).all()
    assert dataset.kgt_summary.endswith(f"direction {direction}")
    with pytest.raises(ValueError, match="Unknown direction='a2b'"):
        data.paired(tmp_path, direction="a2b")


def test_paper_augmentation_sizes(tmp_path):
    fill(tmp_path / "A", 1)
    fill(tmp_path / "B", 1)
    assert crop_and_load_size(256, None, True) == ((256, 256), (286, 286))
    assert crop_and_load_size(64, 100, False) == ((64, 64), (64, 64))
    dataset = data.unpaired(tmp_path, image_size=(8, 24), load_size=(9, 30))
    assert dataset.element_spec["a"].shape.as_list() == [None, 8, 24, 3]
    with pytest.raises(ValueError, match="load_size=8 must not be smaller"):
        data.unpaired(tmp_path, image_size=16, load_size=8)
    with pytest.raises(ValueError, match="image_size must be a number"):
        data.unpaired(tmp_path, image_size=0)


def test_no_usable_image_names_the_folder(tmp_path):
    fill(tmp_path / "A", 1)
    (tmp_path / "B").mkdir()
    (tmp_path / "B" / "bad.png").write_bytes(b"")
    with pytest.raises(ValueError, match="No usable image in '.*B': 1 files"):
        data.unpaired(tmp_path / "A", tmp_path / "B", image_size=8)


def test_real_emoji(tmp_path):
    folder = shared("data", "emoji")
    for domain in ("noto", "openmoji"):
        (tmp_path / domain).mkdir()
        for path in data.list_images(folder / domain)[:6]:
            (tmp_path / domain / path.name).symlink_to(path)
    dataset = data.unpaired(tmp_path, image_size=32, batch_size=2)
    assert dataset.cardinality() == 3
    for batch in batches(dataset):
        assert batch["a"].std() > 0.1 and batch["b"].std() > 0.1


def test_real_facades():
    dataset = data.paired(
        shared("data", "facades"), split="val", image_size=16, direction="ba"
    )
    count = len(data.list_images(shared("data", "facades", "val")))
    assert dataset.cardinality() == count
    assert f"val {count} images, A is the left half" in dataset.kgt_summary
    batch = batches(dataset.take(1))[0]
    assert not np.allclose(batch["a"], batch["b"])


def test_cartoon_folders(tmp_path):
    fill(tmp_path / "photo", 3)
    (tmp_path / "toon").mkdir()
    half = Image.new("RGB", (40, 40), "white")
    half.paste("black", (20, 0, 40, 40))
    half.save(tmp_path / "toon" / "1.png")
    dataset = data.cartoon(tmp_path, image_size=32, batch_size=3)
    assert dataset.kgt_summary.startswith("cartoon: photo 3 images, toon 1")
    (batch,) = batches(dataset)
    assert list(batch) == ["a", "b", "smooth"]
    for b, smooth in zip(batch["b"], batch["smooth"]):
        changed = (b != smooth).any((0, 2))
        (edge,) = np.flatnonzero(np.abs(np.diff(b[0, :, 0])) > 1)
        # The same crop and flip: what is blurred is the edge.
        assert 4 <= changed.sum() <= 8 and changed[edge] and changed[edge + 1]
    two = data.cartoon(tmp_path / "photo", tmp_path / "toon", image_size=32)
    assert sorted(batches(two)[0]) == ["a", "b", "smooth"]


def test_cartoons_from_arrays():
    toons = data.synthetic_faces(3, 48)[1]
    dataset = data.from_arrays(
        numbered(3, 48), toons, kind="cartoon", augment=False, shuffle=False
    )
    found = np.concatenate([batch["smooth"] for batch in batches(dataset)])
    expected = np.stack([data.smooth_edges(toon) for toon in toons])
    np.testing.assert_array_equal(found, data.to_float(expected))


def test_super_resolution_folders(tmp_path):
    random = np.random.default_rng(0)
    photos = {}
    for i, (height, width) in enumerate([(40, 24), (16, 90), (64, 64)]):
        photo = random.integers(0, 256, (height, width, 3), "uint8")
        photo[..., 0] = i
        data.write_image(tmp_path / "train" / "x" / f"{i}.png", photo)
        photos[i] = photo
    data.write_image(tmp_path / "train" / "thin.png", photos[0][:, :15])
    data.write_image(tmp_path / "val" / "0.png", photos[2])
    with pytest.warns(UserWarning, match="15 x 40 pixels are less than"):
        dataset = data.super_resolution(tmp_path, image_size=16, batch_size=3)
    assert dataset.kgt_summary == (
        "super_resolution: train 4 photos; reduced 4 times"
    )
    assert list(dataset.kgt_skipped) == [tmp_path / "train" / "thin.png"]
    assert dataset.element_spec["a"].shape.as_list()[1:] == [4, 4, 3]
    for _ in range(3):
        (batch,) = batches(dataset)
        crops = data.to_uint8(batch["b"])
        assert sorted(crops[:, 0, 0, 0]) == [0, 1, 2]
        np.testing.assert_array_equal(
            data.to_uint8(batch["a"]), data.reduce_images(crops, 4)
        )
        for crop in crops:
            windows = np.lib.stride_tricks.sliding_window_view(
                photos[crop[0, 0, 0]], (16, 16, 3)
            )
            assert any(
                (windows == image).all((-3, -2, -1)).any()
                for image in (crop, crop[:, ::-1])
            )
    held_out = data.super_resolution(
        tmp_path, image_size=16, scale=2, split="test", augment=False
    )
    assert "'val' is read instead" in held_out.kgt_summary
    (batch,) = batches(held_out)
    np.testing.assert_array_equal(
        data.to_uint8(batch["b"][0]), photos[2][24:40, 24:40]
    )
    assert batch["a"].shape == (1, 8, 8, 3)
    for size, scale in ((16, 3), (16, 0)):
        with pytest.raises(ValueError, match="must be a multiple of scale"):
            data.super_resolution(tmp_path, image_size=size, scale=scale)


def test_readers_import_neither_keras_nor_tensorflow(request):
    script = """
import pathlib, sys, types
package = types.ModuleType("keras_gan_translate")
package.__path__ = [str(pathlib.Path("keras_gan_translate").resolve())]
sys.modules["keras_gan_translate"] = package
from keras_gan_translate import data
data.synthetic_faces(1, 16)
heavy = {"keras", "rich", "matplotlib", "tensorflow", "tensorflow_datasets"}
print(sorted(heavy & set(sys.modules)))
"""
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=request.config.rootpath,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "[]\n"
