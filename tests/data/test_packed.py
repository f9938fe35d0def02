import json

import numpy as np
import pytest

from keras_gan_translate import data
from keras_gan_translate.data.kinds import find_kind
from keras_gan_translate.data.packed import PackedImages, is_packed
from keras_gan_translate.data.packing import pack_images

pytest.importorskip("array_record", reason="array_record is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two domains of several formats and sizes, one file of which is none."""
    folder = tmp_path_factory.mktemp("data") / "faces"
    faces, toons = data.synthetic_faces(9, 40)
    for number in range(7):
        suffix = (".jpg", ".png")[number % 2]
        name = f"{number}{suffix}"
        data.write_image(folder / "trainA" / name, faces[number][: 33 + number])
        if number < 4:
            data.write_image(folder / "trainB" / name, toons[number])
    data.write_image(folder / "testA" / "7.png", faces[7])
    data.write_image(folder / "testB" / "8.png", toons[8])
    (folder / "trainA" / "2-bad.png").write_bytes(b"no image")
    return folder


@pytest.fixture(scope="module")
def packed(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("shards") / "faces"
    told = []
    index, skipped = pack_images(
        folder, out, shard_size=3, on_images=lambda *counts: told.append(counts)
    )
    (bad,) = skipped
    assert bad.endswith("2-bad.png") and told[-1] == (2, 2)
    assert (12, 12) in told
    counts = {
        split: {key: each["count"] for key, each in keys.items()}
        for split, keys in index["splits"].items()
    }
    assert counts == {"train": {"a": 7, "b": 4}, "test": {"a": 1, "b": 1}}
    assert len(index["splits"]["train"]["a"]["files"]) == 3
    return out


def batches(source, epochs=2, resumed=None, **options):
    options = {"image_size": 24, "batch_size": 2, "seed": 5} | options
    dataset = data.open_dataset(source, **options)
    dataset.kgt_source.resume_at(0, 0)
    if resumed:
        dataset.kgt_source.resume_at(*resumed)
    return [
        {key: np.asarray(value) for key, value in batch.items()}
        for _ in range(epochs)
        for batch in dataset
    ]


def assert_equal(some, others):
    assert len(some) == len(others)
    for one, other in zip(some, others, strict=True):
        assert one.keys() == other.keys()
        for key in one:
            np.testing.assert_array_equal(one[key], other[key])


@pytest.mark.filterwarnings("ignore:1 of 8 files")
def test_batches_are_those_of_the_folder(folder, packed):
    of_folder = batches(folder)
    assert_equal(batches(packed), of_folder)
    assert len({batch["a"].tobytes() for batch in of_folder}) == len(of_folder)
    for options in ({"split": "test"}, {"augment": False, "how": "letterbox"}):
        assert_equal(batches(packed, **options), batches(folder, **options))


@pytest.mark.filterwarnings("ignore:1 of 8 files")
def test_resumed_at_an_image(folder, packed):
    whole = batches(packed, epochs=2, batch_size=1)
    resumed = batches(packed, epochs=1, batch_size=1, resumed=(1, 3))
    assert_equal(resumed[3:], whole[7 + 3 :])


def test_any_number_of_workers_gives_one_order(packed):
    tf = pytest.importorskip("tensorflow")
    one = batches(packed)
    options = tf.data.Options()
    options.threading.private_threadpool_size = 8
    dataset = data.open_dataset(packed, image_size=24, batch_size=2, seed=5)
    dataset.kgt_source.resume_at(0, 0)
    assert dataset.kgt_source.decodes
    many = [
        {key: value.numpy() for key, value in batch.items()}
        for _ in range(2)
        for batch in dataset.with_options(options)
    ]
    assert_equal(many, one)


def test_nothing_is_decoded_before_its_turn(packed, monkeypatch):
    decoded = []
    original = PackedImages.__getitem__

    def counted(images, number):
        decoded.append(number)
        return original(images, number)

    monkeypatch.setattr(PackedImages, "__getitem__", counted)
    kind = find_kind("unpaired")
    found = kind.find(packed)
    reading = kind.reading(image_size=24)
    source, summary, skipped = kind.source(found, reading)
    assert "A 7 images, B 4 images" in summary and not skipped
    assert source.length == 7 and not decoded
    source.batch(0, [3, 4])
    assert len(decoded) == 4


def test_errors(folder, packed, tmp_path):
    def refused(words, *args, **options):
        with pytest.raises(ValueError, match=words):
            pack_images(*args, **options)

    assert is_packed(packed) and not is_packed(folder)
    refused("paired data cannot be packed", folder, tmp_path, kind="paired")
    refused("packed already", packed, tmp_path / "x")
    refused("nothing in it was touched", folder, packed)
    refused("no folder of images", "drawn:4", tmp_path / "x")
    with pytest.raises(ValueError, match="holds unpaired data, and paired"):
        data.open_dataset(packed, "paired")
    with pytest.raises(ValueError, match="settled when"):
        data.open_dataset(packed, domains=("b", "a"))
    with pytest.raises(ValueError, match="is packed: what can be said"):
        data.diagnose(packed)
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in packed.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    index = json.loads((copy / "packed.json").read_text())
    index["splits"]["train"]["a"]["count"] = 8
    (copy / "packed.json").write_text(json.dumps(index))
    with pytest.raises(ValueError, match="hold 7 images, and 8"):
        data.open_dataset(copy, image_size=24)
    (copy / index["splits"]["train"]["a"]["files"][0]).unlink()
    with pytest.raises(ValueError, match="There is no file"):
        data.open_dataset(copy, image_size=24)
    for broken in ([], {"format": 1}, index | {"splits": {"train": 1}}):
        (copy / "packed.json").write_text(json.dumps(broken))
        with pytest.raises(ValueError, match="does not describe packed"):
            data.open_dataset(copy, image_size=24)
    index["splits"]["train"]["a"]["files"][0] = "../packed/elsewhere"
    (copy / "packed.json").write_text(json.dumps(index))
    with pytest.raises(ValueError, match="lies elsewhere"):
        data.open_dataset(copy, image_size=24)
