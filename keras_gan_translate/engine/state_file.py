"""A file of arrays that knows whether it is what was written.

It is HDF5 behind a block of text, which HDF5 has a place for: any reader of
HDF5 opens it. The text holds the format's number and a checksum of all that
follows; inside, an index names every array, its shape, its type and a
checksum of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import zlib

import h5py
import numpy as np

from keras_gan_translate.support.messages import check_format

FORMAT = 2  # 1: files of Keras, which have no checksum
BLOCK = 512  # bytes before HDF5 begins, the smallest that it allows
HDF5 = b"\x89HDF\r\n\x1a\n"
TEXT = "keras_gan_translate checkpoint, format {format}, sha256 {digest}\n"
PATTERN = re.compile(TEXT.format(format=r"(\d{1,4})", digest="([0-9a-f]{64})"))
INDEX = "index"


class Damaged(ValueError):
    """A file is not what was written."""


def write(path, leaves, facts, rest=lambda: None):
    """Writes arrays with their checksums.

    Args:
        path: the file; what is there is overwritten.
        leaves: dict from a unique name to an array, in the order to keep.
        facts: dict for JSON; those that are numbers are attributes, too.
        rest: called after every array and every MiB of the checksum.
    """
    index = []
    with h5py.File(path, "w", userblock_size=BLOCK) as file:
        for number, (name, array) in enumerate(leaves.items()):
            array = np.ascontiguousarray(array).reshape(np.shape(array))
            stored = array
            if array.dtype.kind not in "biuf":  # bfloat16
                stored = array.view(f"u{array.dtype.itemsize}")
            file[_place(number)] = stored
            index.append(
                {
                    "name": name,
                    "shape": list(array.shape),
                    "dtype": str(array.dtype),
                    "crc32": zlib.crc32(stored),
                }
            )
            rest()
        # A dataset: attributes end at 64 kB.
        file[INDEX] = json.dumps({"facts": facts, "leaves": index})
        for name, value in facts.items():
            if isinstance(value, (int, float)):
                file.attrs[name] = value
    with open(path, "rb+") as file:
        file.seek(BLOCK)
        text = TEXT.format(format=FORMAT, digest=_digest(file, FORMAT, rest))
        file.seek(0)
        file.write(_padded(text))


@contextlib.contextmanager
def opened(path):
    """Opens a file that `write` has written, once its checksum is right.

    Args:
        path: the file.

    Yields:
        (facts, index, read): what `write` was given; a list of dicts with
        `name`, `shape` and `dtype` of every array; and a function from a
        number in this list to the array.

    Raises:
        Damaged: it is not what was written.
        ValueError: a later version of this library has written it.
    """
    check_format(path, check(path), FORMAT)
    try:
        with h5py.File(path, "r") as file:
            text = json.loads(_dataset(file, INDEX).asstr()[()])
            facts, index = text["facts"], text["leaves"]

            def read(number):
                return _read(file, index[number], number, path)

            yield facts, index, read
    except (OSError, KeyError, TypeError) as error:
        raise Damaged(f"{path} cannot be read: {error}.") from error


def is_of_keras(path):
    """Whether a file is one of format 1, which Keras itself has written."""
    with open(path, "rb") as file:
        return file.read(len(HDF5)) == HDF5


def check(path):
    """Compares a file with its checksum.

    Args:
        path: the file.

    Returns:
        The number of its format.

    Raises:
        Damaged: it is not what was written.
    """
    try:
        with open(path, "rb") as file:
            block = file.read(BLOCK)
            match = PATTERN.match(block.decode("latin-1"))
            if match and block == _padded(match[0]):
                version = int(match[1])
                if _digest(file, version) == match[2]:
                    return version
    except OSError as error:
        raise Damaged(f"{path} cannot be read: {error}.") from error
    raise Damaged(
        f"{path} is damaged: its checksum is not that of when it was written."
    )


def _digest(file, version, rest=lambda: None):
    """SHA-256 of the rest of a file, and of the format's number."""
    digest = hashlib.sha256(str(version).encode())
    while piece := file.read(2**20):
        digest.update(piece)
        rest()
    return digest.hexdigest()


def _padded(text):
    return text.encode("latin-1").ljust(BLOCK)


def _place(number):
    return f"leaves/{number:05d}"


def _dataset(file, name):
    """A dataset that lies in the file itself."""
    dataset = file[name]
    if (
        not isinstance(dataset, h5py.Dataset)
        or not isinstance(file.get(name, getlink=True), h5py.HardLink)
        or dataset.external
        or dataset.is_virtual
    ):
        raise Damaged(f"'{name}' lies outside of the file.")
    return dataset


def _read(file, entry, number, path):
    stored = _dataset(file, _place(number))
    if list(stored.shape) != entry["shape"]:
        raise Damaged(f"{path} is damaged: {entry['name']} has another shape.")
    array = stored[()]
    if zlib.crc32(np.ascontiguousarray(array)) != entry["crc32"]:
        raise Damaged(f"{path} is damaged in {entry['name']}.")
    array = np.asarray(array)
    if str(array.dtype) == entry["dtype"]:
        return array
    import ml_dtypes  # comes with Keras' backends, and with h5py it does not

    return array.view(getattr(ml_dtypes, entry["dtype"]))
