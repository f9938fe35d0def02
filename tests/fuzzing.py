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
import time
import warnings
from collections.abc import Callable

import numpy as np
import yaml
from PIL import Image

from keras_gan_translate.checkpoints.sources import as_array, read_source
from keras_gan_translate.data import read_image
from keras_gan_translate.data.images import read_map, read_size
from keras_gan_translate.data.kinds.paired import Paired
from keras_gan_translate.data.kinds.semantic import read_classes
from keras_gan_translate.data.pair_lists import find_pairs
from keras_gan_translate.data.tables import read_identities, read_table
from keras_gan_translate.export.keras_file import check_keras_file
from keras_gan_translate.export.spec import TranslatorSpec
from keras_gan_translate.runs.run import Run
from tests.export.files import artefact, photos, tiny_model

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
}
# What other libraries are needed for.
NEEDS = {
    "safetensors": "safetensors",
    "parquet": "pyarrow",
    "torch": "torch",
    "tensorflow index": "tensorflow",
    "tensorflow data": "tensorflow",
}
