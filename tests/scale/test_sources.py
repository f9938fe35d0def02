"""Files of many pictures, plans and shards: without a model, without Ray."""

import dataclasses
import gzip
import io
import json
import os
import struct
import subprocess
import sys
import tarfile

import numpy as np
import pytest

from keras_gan_translate.data.images import (
    Held,
    ImageError,
    encode_image,
    read_image,
    write_image,
)
from keras_gan_translate.scale import cost_per_million, shards
from keras_gan_translate.scale.on_ray import (
    READS,
    TRIES,
    count_try,
    explained,
)
from keras_gan_translate.scale.places import (
    Folder,
    Unread,
    is_url,
    place,
    read_bytes,
)
from keras_gan_translate.scale.plan import (
    add_names,
    cut,
    find_files,
    is_done,
    read_plans,
    read_unit,
    units_of,
    write_plan,
)
from keras_gan_translate.scale.sources import kind_of, read_pictures


def picture(number, name="x.png"):
    return encode_image(np.full((2, 3, 3), number, "uint8"), name)


def write_tar(path, members, mode="w"):
    with tarfile.open(path, mode) as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def message(*fields):
    """A protocol buffer of (number, bytes), all shorter than 2**14."""
    made = b""
    for number, value in fields:
        size = len(value)
        length = [size] if size < 128 else [size & 127 | 128, size >> 7]
        made += bytes([number << 3 | 2, *length]) + value
    return made


def example(**features):
    """A `tf.train.Example`; texts are bytes, numbers an Int64List."""
    entries = []
    for name, value in features.items():
        if isinstance(value, bytes):
            feature = message((1, message((1, value))))
        else:
            feature = message((3, message((1, bytes([value])))))
        entry = message((1, name.encode()), (2, feature))
        entries.append((1, entry))
    return message((1, message(*entries)))


def records(*examples):
    """The bytes of a file of TFRecords; checksums are not looked at."""
    return b"".join(
        struct.pack("<QI", len(each), 0) + each + bytes(4) for each in examples
    )


def found(folder, name, **how):
    return list(read_pictures(Folder(folder), name, name, **how))


def told(folder, name, **how):
    return [
        (p.name, p.key, p.content and p.content[:4], p.reason)
        for p in found(folder, name, **how)
    ]


def test_a_tar_of_webdataset(tmp_path):
    members = [
        ("a/1.jpg", picture(1, "x.jpg")),
        ("a/1.json", b"{}"),
        ("../../etc/2.gif", picture(2, "x.gif")),
        ("a/1.jpg", picture(3, "x.jpg")),
        ("a/._1.jpg", b"of macOS"),
        ("b.png", b"no image"),
    ]
    jpg, gif = b"\xff\xd8\xff\xe0", b"GIF8"
    expected = [
        ("photos.tar/a/1.jpg", "a/1.jpg", jpg, None),
        ("photos.tar/etc/2.png", "../../etc/2.gif", gif, None),
        ("photos.tar/a/1-2.jpg", "a/1.jpg", jpg, None),
        ("photos.tar/b.png", "b.png", b"no i", None),
    ]
    write_tar(tmp_path / "photos.tar", members)
    assert told(tmp_path, "photos.tar") == expected
    write_tar(tmp_path / "photos.tar.gz", members, "w:gz")
    packed = told(tmp_path, "photos.tar.gz")
    assert [row[1:] for row in packed] == [row[1:] for row in expected]
    whole = (tmp_path / "photos.tar").read_bytes()
    (tmp_path / "photos.tar").write_bytes(whole[: 512 * 2 + 100])
    *_, (name, key, content, reason) = told(tmp_path, "photos.tar")
    assert (name, key, content) == ("photos.tar", None, None)
    assert "damaged" in reason
    # What is before the damage is whole.
    whole = (tmp_path / "photos.tar.gz").read_bytes()
    (tmp_path / "photos.tar.gz").write_bytes(whole[:-40])
    rows = told(tmp_path, "photos.tar.gz")
    assert "damaged" in rows[-1][3] and rows[0][1] == "a/1.jpg"
    (tmp_path / "none.tar").write_bytes(b"<html>" * 200)
    assert "no tar" in told(tmp_path, "none.tar")[0][3]
    assert "no such file" in told(tmp_path, "absent.tar")[0][3]


def test_records(tmp_path):
    png, jpg = picture(1), picture(2, "x.jpg")
    both = records(
        example(label=3, **{"image/encoded": png}),
        example(label=4, **{"image/encoded": jpg, "thumb": png}),
        example(label=5),
    )
    path = tmp_path / "photos-train.tfrecord-00000-of-00001"
    for content in (both, gzip.compress(both)):
        path.write_bytes(content)
        rows = told(tmp_path, path.name)
        assert [row[:3] for row in rows[:2]] == [
            (f"{path.name}/00000000.png", "0", b"\x89PNG"),
            (f"{path.name}/00000001.jpg", "1", b"\xff\xd8\xff\xe0"),
        ]
        assert "no feature" in rows[2][3] and "label" in rows[2][3]
    path.write_bytes(both)
    rows = told(tmp_path, path.name, column="thumbs")
    assert "'thumbs' is not there" in rows[0][3]
    path.write_bytes(both[:-20])
    assert "ends within record 2" in told(tmp_path, path.name)[-1][3]
    path.write_bytes(both[: len(png) + 60] + b"\xff" * 40)
    assert "damaged at record" in told(tmp_path, path.name)[-1][3]
    path.write_bytes(records(b"\xff\xff\xff"))
    assert "no tf.train.Example" in told(tmp_path, path.name)[0][3]


def test_examples_as_tensorflow_writes_them(tmp_path):
    tf = pytest.importorskip("tensorflow")
    path = tmp_path / "photos.tfrecord"
    features = {
        "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[3, 4])),
        "image": tf.train.Feature(
            bytes_list=tf.train.BytesList(value=[picture(7)])
        ),
        "size": tf.train.Feature(float_list=tf.train.FloatList(value=[0.5])),
    }
    with tf.io.TFRecordWriter(str(path)) as writer:
        for _ in range(2):
            one = tf.train.Example(features=tf.train.Features(feature=features))
            writer.write(one.SerializeToString())
    pictures = found(tmp_path, path.name)
    assert [p.content for p in pictures] == [picture(7)] * 2


def test_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    png, jpg = picture(1), picture(2, "x.jpg")
    hub = [{"bytes": png, "path": "a"}, None, {"bytes": jpg, "path": None}]
    table = pa.table({"label": [1, 2, 3], "mask": [b"m"] * 3, "image": hub})
    parquet.write_table(table, tmp_path / "a.parquet")
    rows = told(tmp_path, "a.parquet")
    assert [row[:2] for row in rows] == [
        ("a.parquet/00000000.png", "0"),
        ("a.parquet/00000001.png", "1"),
        ("a.parquet/00000002.jpg", "2"),
    ]
    assert rows[1][3] == "there are no bytes"
    assert told(tmp_path, "a.parquet", column="mask")[0][2] == b"m"
    reason = told(tmp_path, "a.parquet", column="imag")[0][3]
    assert "'imag' is not there" in reason and "'image'" in reason
    reason = told(tmp_path, "a.parquet", column="label")[0][3]
    assert "'label' holds no bytes" in reason
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[:-9])
    assert "no Parquet" in told(tmp_path, "a.parquet")[0][3]


def test_what_is_held_is_read_as_its_file(tmp_path):
    path = tmp_path / "a.jpg"
    write_image(path, np.full((9, 8, 3), 90, "uint8"))
    content = path.read_bytes()
    np.testing.assert_array_equal(
        read_image(Held("a.jpg", content)), read_image(path)
    )
    for name, damaged, reason in [
        ("e.png", b"", "empty"),
        ("t.jpg", content[:200], "damaged"),
        ("h.png", b"<html>", "HTML"),
    ]:
        with pytest.raises(ImageError, match=reason) as caught:
            read_image(Held(name, damaged))
        (tmp_path / name).write_bytes(damaged)
        with pytest.raises(ImageError) as other:
            read_image(tmp_path / name)
        assert caught.value.reason == other.value.reason


def test_kinds_are_told_by_names():
    names = "a.JPG b.tar c.tar.gz d.tgz e.parquet f.tfrecords g.txt h.tif"
    kinds = "images tar tar tar parquet tfrecord None images"
    assert [str(kind_of(name)) for name in names.split()] == kinds.split()


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    for number, name in enumerate(["a.png", "a.gif", "in/b.jpg", "in-b.png"]):
        write_image(folder / name, np.full((2, 3, 3), number, "uint8"))
    (folder / "bad.png").write_bytes(b"no image")
    members = [(f"{i}.png", picture(i)) for i in range(5)]
    write_tar(folder / "many.tar", members)
    return folder


def test_every_picture_is_in_one_shard_for_good(photos, tmp_path):
    files = add_names(find_files([photos]))
    names = ["a.png", "a-2.png", "bad.png", "in/b.jpg", "in-b.png", "many.tar"]
    assert sorted(file.out for file in files) == sorted(names)
    units = units_of(1, files, 2)
    assert [len(unit.files) for unit in units] == [2, 2, 1, 1]
    every = [shard for unit in units for shard in read_unit(unit, 2)]
    assert [shard.last for shard in every] == [True] * 3 + [False] * 2 + [True]
    pictures = [p.name for shard in every for p in shard.pictures]
    assert len(pictures) == len(set(pictures)) == 10
    done = {shard.record for shard in every}
    assert all(is_done(unit, done) for unit in units)
    assert not any(list(read_unit(unit, 2, done=done)) for unit in units)
    for shard in every:
        left = [
            other
            for unit in units
            for other in read_unit(unit, 2, done=done - {shard.record})
        ]
        assert left == [shard]
        assert not all(is_done(unit, done - {shard.record}) for unit in units)
    # New files get shards of their own.
    out = Folder(tmp_path / "out")
    write_plan(out, 1, files)
    write_image(photos / "0.png", np.zeros((2, 3, 3), "uint8"))
    write_image(photos / "a.bmp", np.zeros((2, 3, 3), "uint8"))
    assert read_plans(out) == {1: files}
    new = add_names(find_files([photos]), before=read_plans(out)[1])
    assert [file.out for file in new] == ["0.png", "a.bmp"]
    assert units_of(1, files, 2) == units


def test_a_shard_is_cut_by_number_and_by_bytes(monkeypatch):
    monkeypatch.setattr("keras_gan_translate.scale.plan.MAX_SHARD", 10)
    sizes = [1, 2, 3, 9, 12, -1, -1, -1, -1]
    assert list(cut(sizes, int, 3)) == [
        [1, 2, 3],
        [9],
        [12],
        [-1, -1, -1],
        [-1],
    ]


def test_shards_have_the_same_bytes_whenever_made(photos, tmp_path):
    (first, *_) = units_of(1, add_names(find_files([photos])), 4)
    (shard,) = read_unit(first, 4)

    def translate(picture):
        return encode_image(255 - read_image(held(picture)), picture.name)

    def held(picture):
        return Held(picture.file, picture.content)

    made = []
    for name in ("x", "y"):
        out = Folder(tmp_path / name)
        made.append(shards.write_shard(out, shard, translate))
        assert shards.records_of(out) == {shard.record}
    assert made[0]["skipped"] == [["bad.png", made[0]["skipped"][0][1]]]
    assert "not a JPEG" in made[0]["skipped"][0][1]
    assert made[0]["images"] == 3 and made[0]["sha256"] == made[1]["sha256"]
    manifest = shards.write_manifest(out, {}, shards.records_of(out), {})
    assert manifest["images"] == 3 and manifest["skipped"] == 1
    assert 'bad.png,"it is not a' in (out.path / "skipped.csv").read_text()
    tar = out.path / manifest["shards"][0]["shard"]
    with tarfile.open(tar) as archive:
        assert len(archive.getnames()) == 3
    shards.clear(out)
    assert not [path for path in out.path.rglob("*") if path.is_file()]


def test_errors_stop_a_shard_before_its_record(photos, tmp_path):
    (first, *_) = units_of(1, add_names(find_files([photos])), 4)
    (shard,) = read_unit(first, 4)
    out = Folder(tmp_path / "out")

    def translate(picture):
        raise MemoryError

    with pytest.raises(MemoryError):
        shards.write_shard(out, shard, translate)
    assert not [path for path in out.path.rglob("*") if path.is_file()]


def test_a_file_that_changed_is_not_read(photos):
    *_, unit = units_of(1, add_names(find_files([photos])), 4)
    old = dataclasses.replace(unit.files[0], size=7)
    unit = dataclasses.replace(unit, files=(old,))
    (shard,) = read_unit(unit, 4)
    (one,) = shard.pictures
    assert "had 7 when it was planned" in one.reason


def test_no_images_are_errors(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no images in"):
        find_files([tmp_path / "empty"])
    with pytest.raises(ValueError, match="Did you mean 'empty'"):
        find_files([tmp_path / "emty"])


def test_a_bucket(photos):
    pytest.importorskip("pyarrow")
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    for path in photos.rglob("*"):
        if path.is_file():
            name = path.relative_to(photos).as_posix()
            memory.pipe(f"/bucket/photos/{name}", path.read_bytes())
    memory.pipe("/bucket/photos/.hidden/c.png", picture(1))
    where = "memory://bucket/photos"
    assert is_url(where) and not is_url("file:///tmp")
    here, there = find_files([photos]), find_files([where])
    assert [file[1:] for file in there] == [file[1:] for file in here]
    units = [units_of(1, add_names(files), 2) for files in (here, there)]
    for one, other in zip(*units, strict=True):
        assert list(read_unit(one, 2)) == list(read_unit(other, 2))
    one = find_files([f"{where}/many.tar"])
    assert one == [(where, "many.tar", (photos / "many.tar").stat().st_size)]
    out = place("memory://bucket/out")
    assert out.names("records") == []
    write_plan(out, 1, add_names(there))
    assert read_plans(out) == {1: add_names(there)}
    shards.write_json(out, "records/a.json", {"a": 1})
    assert shards.records_of(out) == {"a"}
    assert json.loads(read_bytes(out, "records/a.json", 99)) == {"a": 1}
    with pytest.raises(Unread, match="more than 3"):
        read_bytes(out, "records/a.json", 3)
    with pytest.raises(Unread, match="no such file"):
        read_bytes(out, "records/b.json", 3)
    with pytest.raises(ValueError, match="nothing at"):
        find_files(["memory://bucket/photoz"])
    with pytest.raises((ValueError, ImportError), match="abc://"):
        place("abc://bucket")


def test_what_a_million_costs():
    manifest = {"images": 2000, "seconds": 720.0}
    cost = cost_per_million(manifest, price=2.0, actors=4)
    assert cost == {"seconds": 0.36, "hours": 25.0, "price": 50.0}
    with pytest.raises(ValueError, match="nothing is known"):
        cost_per_million({"images": 0, "seconds": 0.0}, 1.0)


def test_readers_wait_for_no_keras():
    code = (
        "import sys; from keras_gan_translate.scale import on_ray;"
        "sys.exit('keras' in sys.modules)"
    )
    environment = os.environ | {READS: "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment)
    assert done.returncode == 0


def test_a_picture_that_kills_its_process_ends_the_job(photos, tmp_path):
    (first, *_) = units_of(1, add_names(find_files([photos])), 4)
    (shard,) = read_unit(first, 4)
    out = Folder(tmp_path / "out")
    for _ in range(TRIES):
        name = count_try(out, shard)
    with pytest.raises(ValueError, match="a.gif to in/b.jpg"):
        count_try(out, shard)
    out.remove(name)
    assert count_try(out, shard) == name


def test_of_an_error_of_ray_our_words_are_told():
    ours = "ray::Actor died\n  File x\nValueError: No such model.\n"
    assert str(explained(Exception(ours))).startswith("No such model. What is")
    assert "failed: lost its node. What" in str(
        explained(Exception("lost its node."))
    )
