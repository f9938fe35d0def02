"""Damaged files for every reader: what comes out is an error in words.

report = fuzz("png", tmp_path, 300)
"""

import collections
import dataclasses
import io
import json
import pathlib
import random
import shutil
import tarfile
import time
import warnings
from collections.abc import Callable
from unittest import mock

import numpy as np
import yaml
from PIL import Image

from keras_gan_translate.callbacks import Resume
from keras_gan_translate.callbacks.checkpoint import FILE
from keras_gan_translate.checkpoints.sources import as_array, read_source
from keras_gan_translate.data import read_image
from keras_gan_translate.data.images import encode_image, read_map, read_size
from keras_gan_translate.data.kinds.paired import Paired
from keras_gan_translate.data.kinds.semantic import read_classes
from keras_gan_translate.data.packed import (
    INDEX,
    PackedImages,
    array_record,
    find_packed,
)
from keras_gan_translate.data.pair_lists import find_pairs
from keras_gan_translate.data.tables import read_identities, read_table
from keras_gan_translate.engine import state_file
from keras_gan_translate.export.keras_file import check_keras_file
from keras_gan_translate.export.spec import TranslatorSpec
from keras_gan_translate.gan import GAN
from keras_gan_translate.inference.video import translate_video
from keras_gan_translate.losses import perceptual
from keras_gan_translate.presets.folders import name_of
from keras_gan_translate.runs.comparing import write_comparison
from keras_gan_translate.runs.evaluating import FILE as EVALUATION
from keras_gan_translate.runs.run import Run
from keras_gan_translate.scale.places import Folder
from keras_gan_translate.scale.sources import read_pictures
from tests.export.files import artefact, photos, tiny_model
from tests.toys import Toy

HANG = 5  # seconds
EXTREMES = [0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1]
WORDS = (b"9" * 40, b"-1", b"1e999", b"[" * 200, b"{", b"null", b"&a *a", b"\0")


@dataclasses.dataclass(frozen=True)
class Reader:
    """A reader and a good file for it.

    Attributes:
        make: function of a folder that writes the file; returns its path.
        read: function of that path.
    """

    make: Callable
    read: Callable


@dataclasses.dataclass
class Report:
    """What a reader did with mutants.

    Attributes:
        read: number that were read as if nothing was.
        refused: number that came out as a ValueError with words.
        raw: number of the mutant -> the exception of another type.
        slow: number of the mutant -> seconds, where they were too many.
    """

    read: int = 0
    refused: int = 0
    raw: dict = dataclasses.field(default_factory=dict)
    slow: dict = dataclasses.field(default_factory=dict)

    def __str__(self):
        kinds = collections.Counter(type(e).__name__ for e in self.raw.values())
        return (
            f"{self.read} read, {self.refused} refused in words, "
            f"{len(self.raw)} raw exceptions {dict(kinds) or ''}, "
            f"{len(self.slow)} over {HANG} s"
        )


def fuzz(name, folder, count, first=0):
    """Gives a reader damaged copies of a good file.

    Args:
        name: of `READERS`.
        folder: an empty one.
        count: number of mutants.
        first: number of the first; each number is always the same mutant.

    Returns:
        A `Report`.
    """
    reader, report = READERS[name], Report()
    path = reader.make(pathlib.Path(folder))
    good = path.read_bytes()
    reader.read(path)  # it is one
    for number in range(first, first + count):
        path.write_bytes(mutant(good, random.Random(f"{name} {number}")))
        start = time.perf_counter()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                reader.read(path)
            report.read += 1
        except ValueError as error:
            if str(error).strip():
                report.refused += 1
            else:
                report.raw[number] = error
        except Exception as error:
            report.raw[number] = error
        took = time.perf_counter() - start
        if took > HANG:
            report.slow[number] = took
    return report


def mutant(good, chance):
    """A damaged copy of some bytes."""
    bad = bytearray(good)
    for _ in range(chance.choice([1, 1, 1, 2, 5])):
        size = max(1, len(bad))
        # What decides lies at the beginning or at the end of most files.
        place = chance.choice(
            [
                chance.randrange(size),
                chance.randrange(min(size, 128)),
                size - 1 - chance.randrange(min(size, 128)),
            ]
        )
        length = chance.choice([1, 2, 4, 8, 64, 512])
        match chance.randrange(8):
            case 0:
                bad[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del bad[place:]
            case 2:
                del bad[place : place + length]
            case 3:
                bad[place:place] = bad[place : place + length]
            case 4:
                bad[place : place + length] = chance.randbytes(length)
            case 5:
                number = chance.choice(EXTREMES)
                width = chance.choice([4, 8])
                order = chance.choice(["little", "big"])
                bad[place : place + width] = (number % 256**width).to_bytes(
                    width, order
                )
            case 6:
                bad[place:place] = chance.choice(WORDS)
            case 7:
                other = chance.randrange(size)
                bad[place : place + length] = bad[other : other + length]
    return bytes(bad)


def _picture(format, **options):
    def make(folder):
        path = folder / f"a.{format.lower()}"
        content = io.BytesIO()
        pixels = Image.fromarray(photos(1)[0])
        exif = Image.Exif()
        exif[0x0112] = 6
        pixels.save(content, format, exif=exif, **options)
        path.write_bytes(content.getvalue())
        return path

    return Reader(make, lambda path: (read_size(path), read_image(path, 64)))


def _map():
    def make(folder):
        path = folder / "a.png"
        Image.fromarray(photos(1)[0]).quantize(9).save(path)
        return path

    return Reader(make, read_map)


ARRAYS = {
    "a.weight": np.arange(48, dtype="float32").reshape(4, 3, 2, 2),
    "a.bias": np.ones(4, "float32"),
}


def _weights(write, name, source=lambda path: path):
    def make(folder):
        write(folder / name)
        return folder / name

    def read(path):
        found = read_source(source(path))
        for key, value in found.items():
            as_array(key, value)

    return Reader(make, read)


def _safetensors(path):
    from safetensors.numpy import save_file

    save_file(ARRAYS, path)


def _tensorflow(path):
    import tensorflow as tf

    module = tf.Module()
    module.kernel = tf.Variable(ARRAYS["a.weight"])
    module.bias = tf.Variable(ARRAYS["a.bias"])
    tf.train.Checkpoint(generator=module).write(str(path.with_suffix("")))


def _torch(path):
    import torch

    torch.save({k: torch.tensor(v) for k, v in ARRAYS.items()}, path)


def _keras_file(folder):
    tiny_model().generator_ab.save(folder / "a.keras")
    return folder / "a.keras"


def _config(folder):
    config = {"model": "cyclegan", "data": "drawn", "domains": ["a", "b"]}
    config |= {"filters": 4, "loss_weights": {"cycle": 10.0}, "stage": None}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    return folder / "config.yaml"


def _results(folder):
    _config(folder)
    path = folder / "results.csv"
    path.write_text("epoch,generator_l1,seconds\n1,0.5,3\n2,0.25,3.5\n")
    return path


def _spec(folder):
    folder.mkdir(exist_ok=True)
    path = folder / "translator.json"
    source = artefact("tiny") / "1" / "assets.extra" / "translator.json"
    path.write_bytes(source.read_bytes())
    return path


def _read_spec(path):
    from keras_gan_translate.export.spec import read_spec

    spec = read_spec(path)
    assert isinstance(spec, TranslatorSpec)
    return spec.fields


def _saved_model(folder):
    source = artefact("tiny") / "1"
    shutil.copytree(source, folder, dirs_exist_ok=True)
    return folder / "saved_model.pb"


def _check_saved_model(path):
    from keras_gan_translate.export.harmless import check_harmless

    check_harmless(path.parent)


def _litert(folder):
    path = folder / "tiny.tflite"
    path.write_bytes(artefact("tiny.tflite").read_bytes())
    return path


def _read_litert(path):
    from keras_gan_translate.export.metadata import read_metadata
    from keras_gan_translate.export.operators import read_graph

    read_graph(path)
    read_metadata(path)


def _json(folder):
    (folder / "a.json").write_text(json.dumps({"a": [1, {"b": None}]}))
    return folder / "a.json"


def _read_json(path):
    from keras_gan_translate.support.untrusted import read_json

    read_json(path)


def _table(name, text, read):
    def make(folder):
        (folder / name).write_text(text)
        return folder / name

    return Reader(make, read)


def _pairs(folder):
    rows = ["photo,drawing"]
    for i in range(4):
        for side in "ab":
            (folder / side).mkdir(exist_ok=True)
            (folder / side / f"{i}.png").touch()
        rows.append(f"a/{i}.png,b/{i}.png")
    (folder / "pairs.csv").write_text("\n".join(rows))
    return folder / "pairs.csv"


def _read_pairs(path):
    find_pairs(path, "train", Paired.words)


def _parquet(folder):
    import pyarrow
    import pyarrow.parquet

    columns = {"file_name": ["1.png", "2.png"], "Smiling": [1, 0]}
    path = folder / "metadata.parquet"
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return path


def _checkpoint(suffix):
    return _weights(
        _tensorflow, f"ckpt.{suffix}", lambda path: path.parent / "ckpt"
    )


def _preset(name, read):
    def make(folder):
        Toy().save_to_preset(folder)
        return folder / name

    return Reader(make, lambda path: read(path.parent))


def _read_preset(folder):
    GAN.from_preset(folder, load_weights=False)


def _packed(folder):
    each = {"files": ["train-a-00000.array_record"], "count": 2}
    index = {
        "format": 1,
        "kind": "unpaired",
        "splits": {"train": {"a": each, "b": each}, "test": {"a": each}},
    }
    (folder / INDEX).write_text(json.dumps(index))
    return folder / INDEX


def _find_packed(path):
    find_packed(path.parent, "unpaired", "train")


def _array_record(folder):
    path = folder / "a.array_record"
    writer = array_record()[0].ArrayRecordWriter(str(path), "group_size:1")
    for image in photos(2):
        writer.write(encode_image(image, "a.png"))
    writer.close()
    return path


def _read_records(path):
    images = PackedImages([path], 2, (8, 8), "cover")
    return [images[i] for i in range(len(images))]


def _many(name, write):
    """A file of many pictures, whose faults are told and not raised."""

    def make(folder):
        write(folder / name, [encode_image(x, "a.png") for x in photos(2)])
        return folder / name

    def read(path):
        for picture in read_pictures(Folder(path.parent), name, "out"):
            if picture.reason:
                raise ValueError(picture.reason)

    return Reader(make, read)


def _tar(path, contents):
    with tarfile.open(path, "w") as archive:
        for number, content in enumerate(contents):
            member = tarfile.TarInfo(f"{number}.png")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def _tfrecord(path, contents):
    import tensorflow as tf

    with tf.io.TFRecordWriter(str(path)) as writer:
        for content in contents:
            image = tf.train.Feature(
                bytes_list=tf.train.BytesList(value=[content])
            )
            features = tf.train.Features(feature={"image": image})
            example = tf.train.Example(features=features)
            writer.write(example.SerializeToString())


def _images_parquet(path, contents):
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table({"image": contents}), path)


def _checkpoint_file(folder):
    path = folder / FILE
    leaves = {"a": ARRAYS["a.weight"], "b": np.array(3, "int32")}
    facts = {"epoch": 2, "step": 0, "order": 1, "slots": ["l1"]}
    state_file.write(path, leaves, facts)
    return path


def _find_checkpoint(path):
    found = Resume.find(path.parent)
    if not state_file.is_of_keras(found.path):
        with state_file.opened(found.path) as (_, index, read):
            for number in range(len(index)):
                read(number)


def _checkpoint_of_keras(folder):
    import h5py

    with h5py.File(folder / FILE, "w") as file:
        file.attrs["epoch"] = 2
    return folder / FILE


def _evaluation(folder):
    _results(folder)
    score = {"name": "PSNR", "value": 20.5, "better": "higher"}
    question = {"name": "ab", "scores": [score]}
    protocol = {"data": "drawn", "split": "test", "images": "32 pixels"}
    result = {"protocol": protocol, "questions": [question]}
    (folder / EVALUATION).write_text(json.dumps(result))
    return folder / EVALUATION


def _compare(path):
    folder = path.parent
    write_comparison([folder, folder], folder / "runs.html")


def _vgg(folder):
    import h5py

    with h5py.File(folder / "vgg.h5", "w") as file:
        for block, count in enumerate(perceptual.NETWORKS["vgg16"], 1):
            for i in range(1, count + 1):
                name, inputs = (
                    f"block{block}_conv{i}",
                    3 if i + block == 2 else 2,
                )
                file[f"{name}/kernel"] = np.ones((3, 3, inputs, 2), "float32")
                file[f"{name}/bias"] = np.ones(2, "float32")
    return folder / "vgg.h5"


def _read_vgg(path):
    with mock.patch.object(perceptual, "FILTERS", [2] * 5):
        perceptual._read(path, "vgg16")


def _clip(folder):
    from tests.inference.test_video import clip

    return clip(folder / "a.mp4", 2, (16, 16), sound=None)


def _read_clip(path):
    translate_video(lambda image: image, path, path.with_name("out.mp4"))


READERS = {
    "jpeg": _picture("JPEG"),
    "progressive jpeg": _picture("JPEG", progressive=True),
    "png": _picture("PNG"),
    "webp": _picture("WEBP", lossless=True),
    "gif": _picture("GIF"),
    "bmp": _picture("BMP"),
    "tiff": _picture("TIFF", compression="tiff_lzw"),
    "map": _map(),
    "npz": _weights(lambda path: np.savez(path, **ARRAYS), "a.npz"),
    "packed npz": _weights(
        lambda path: np.savez_compressed(path, **ARRAYS), "a.npz"
    ),
    "npy": _weights(
        lambda path: np.save(path, ARRAYS["a.weight"]),
        "a.npy",
        lambda path: path.parent,
    ),
    "safetensors": _weights(_safetensors, "a.safetensors"),
    "torch": _weights(_torch, "a.pth"),
    "tensorflow index": _checkpoint("index"),
    "tensorflow data": _checkpoint("data-00000-of-00001"),
    "keras": Reader(_keras_file, check_keras_file),
    "config": Reader(_config, lambda path: Run(path.parent).config),
    "results": Reader(_results, lambda path: Run(path.parent).results),
    "json": Reader(_json, _read_json),
    "description": Reader(_spec, _read_spec),
    "saved model": Reader(_saved_model, _check_saved_model),
    "litert": Reader(_litert, _read_litert),
    "pairs": Reader(_pairs, _read_pairs),
    "csv": _table(
        "table.csv", "image,Smiling,Hat\n1.png,1,0\n2.png,0,1\n", read_table
    ),
    "json lines": _table(
        "metadata.jsonl",
        '{"file_name": "1.png", "a": true}\n{"file_name": "2.png", "a": 0}\n',
        read_table,
    ),
    "attributes": _table(
        "list_attr_celeba.txt",
        "2\nSmiling Hat\n1.jpg  1 -1\n2.jpg -1  1\n",
        read_table,
    ),
    "identities": _table(
        "identity_CelebA.txt", "1.jpg 2880\n2.jpg 2937\n", read_identities
    ),
    "classes": _table("classes.txt", "sky\nroad\ncar\n", read_classes),
    "parquet": Reader(_parquet, read_table),
    "packed": Reader(_packed, _find_packed),
    "array record": Reader(_array_record, _read_records),
    "preset": _preset("metadata.json", name_of),
    "preset's model": _preset("config.json", _read_preset),
    "checkpoint": Reader(_checkpoint_file, _find_checkpoint),
    "checkpoint of format 1": Reader(_checkpoint_of_keras, _find_checkpoint),
    "evaluation": Reader(_evaluation, _compare),
    "vgg": Reader(_vgg, _read_vgg),
    "images tar": _many("a.tar", _tar),
    "images tfrecord": _many("a.tfrecord", _tfrecord),
    "images parquet": _many("a.parquet", _images_parquet),
    "video": Reader(_clip, _read_clip),
}
# What other libraries are needed for.
NEEDS = {
    "safetensors": "safetensors",
    "parquet": "pyarrow",
    "array record": "array_record",
    "images tfrecord": "tensorflow",
    "images parquet": "pyarrow",
    "video": "av",
    "torch": "torch",
    "tensorflow index": "tensorflow",
    "tensorflow data": "tensorflow",
}
