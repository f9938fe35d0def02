"""Where published weights come from: files of four formats, and folders.

No code in them is run. What can be left on the disk until it is needed, is:
PyTorch files and .npy are mapped into memory, of .npz, TensorFlow checkpoints
and .safetensors only the directory is read.
"""

import argparse
import dataclasses
import functools
import glob
import math
import pathlib
import pickle
import re
import zipfile
from collections.abc import Callable, Mapping

import numpy as np

from keras_gan_translate.checkpoints.folders import find_weights
from keras_gan_translate.checkpoints.tensorflow_names import plain_names
from keras_gan_translate.support.types import Path
from keras_gan_translate.support.untrusted import (
    MAX_TEXT,
    MIB,
    check_declared,
    check_regular,
    check_zip,
    explained,
    open_regular,
    read_npy_header,
)

# Names of a TensorFlow checkpoint's files end so.
OF_TENSORFLOW = re.compile(r"\.(index|meta|data-\d{5}-of-\d{5})$")
# PyTorch files before 1.6 begin with a number, pickled.
PICKLE = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j"
MAX_INDEX = 64 * MIB  # of a TensorFlow checkpoint, its names and places


@dataclasses.dataclass(frozen=True)
class StoredTensor:
    """A tensor that is still on the disk.

    Attributes:
        shape: Its shape.
        read: Function without arguments that returns the array.
    """

    shape: tuple
    read: Callable

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.read(), dtype)


def read_source(source: Path | Mapping) -> Mapping:
    """Reads a source of weights without running any code in it.

    Args:
        source: A mapping; the path of an .npz, .pt, .pth, .ckpt, .bin or
            .safetensors file, or of one with another ending, such as
            .model, that holds what one of these does; of a TensorFlow
            checkpoint, one of its files or what their names have in common;
            or a folder of one of these or of .npy files, of which the newest
            epoch is taken.

    Returns:
        The mapping, or what is there: names to arrays or to mappings. Arrays
        have a `shape`; `as_array` reads them.

    Raises:
        FileNotFoundError: If there is no such file or folder.
        ImportError: If a file is read without the library that reads it.
        ValueError: If the file is of another kind, damaged, or holds more than
            tensors.
    """
    if isinstance(source, Mapping):
        return source
    path = pathlib.Path(source)
    if path.is_dir():
        found = find_weights(path, tuple(READERS), _reader_of)
        if isinstance(found, Mapping):
            return {name: _read(file) for name, file in found.items()}
        return _read(found)
    return _read(path.with_name(OF_TENSORFLOW.sub("", path.name)))


def as_array(name, value):
    """A NumPy array of a stored tensor.

    Args:
        name: Its name, for the message.
        value: An array, a `StoredTensor` or a PyTorch tensor.

    Raises:
        ValueError: If it holds no numbers, or cannot be read.
    """
    if hasattr(value, "detach"):
        # NumPy has no bfloat16.
        value = value.detach().cpu().float().numpy()
    try:
        array = np.asarray(value)
    except Exception as error:  # readers have no common base
        raise ValueError(f"{name!r} cannot be read: {error}") from error
    if array.dtype.name == "bfloat16":
        array = array.astype("float32")
    if array.dtype.kind not in "fiu":
        raise ValueError(
            f"{name!r} is no tensor of numbers. "
            f"Received: {type(value).__name__} of dtype {array.dtype}"
        )
    return array


def _read(path):
    if path.is_dir():
        return _read_npy_folder(path)
    if path.with_name(path.name + ".index").is_file():
        return _read_tensorflow(path)
    # What it holds counts more than its name.
    reader = _reader_of(path) or READERS.get(path.suffix.lower())
    if reader is None:
        raise ValueError(
            "Weights are read from a dict of arrays, from a TensorFlow "
            "checkpoint, from a folder of .npy files or from a file ending in "
            f"{', '.join(READERS)}, or that holds what one of these does. "
            f"Received: {path}"
        )
    try:
        check_regular(path)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"There is no file {path.absolute()}"
        ) from error
    weights = reader(path)
    if not isinstance(weights, Mapping):
        raise ValueError(
            f"{path} holds a {type(weights).__name__}, not tensors by name. "
            "Save the network's `state_dict()` and import that."
        )
    return weights


def _read_npz(path):
    with explained(path, ".npz of plain arrays"), zipfile.ZipFile(path) as file:
        check_zip(path, file)
        members = [n for n in file.namelist() if n.endswith(".npy")]
        return {
            member.removesuffix(".npy"): StoredTensor(
                _shape_of_npy(file, member),
                functools.partial(_read_member, path, member),
            )
            for member in members
        }


def _shape_of_npy(archive, member):
    """Without unpacking the array, which may be made to fill the memory."""
    with archive.open(member) as file:
        return read_npy_header(file, archive.getinfo(member).file_size)[0]


def _read_member(path, member):
    with explained(path, ".npz of plain arrays"):
        with np.load(path, allow_pickle=False) as arrays:
            return arrays[member]


def _read_npy(path):
    with explained(path, ".npy of a plain array"):
        with open_regular(path) as file:
            read_npy_header(file, check_regular(path))
        return np.load(path, mmap_mode="r", allow_pickle=False)


def _read_npy_folder(folder):
    return {p.stem: _read_npy(p) for p in sorted(folder.glob("*.npy"))}


def _read_torch(path):
    torch = _library("torch", "PyTorch", path)
    with explained(path, "PyTorch file"):
        packed = zipfile.is_zipfile(path)  # it may raise, too
        if packed:
            with zipfile.ZipFile(path) as file:
                check_zip(path, file, packed=False)
    try:
        # Training checkpoints often hold the command line's arguments.
        with torch.serialization.safe_globals([argparse.Namespace]):
            stored = torch.load(
                path,
                map_location="cpu",
                weights_only=True,
                # Files of PyTorch before 1.6 cannot be mapped into memory.
                mmap=packed,
            )
    except pickle.UnpicklingError as error:
        raise ValueError(
            f"{path} is damaged, or holds more than tensors and is not read, "
            "because that would run code in it. Save the network's "
            "`state_dict()` where the file comes from, and import that."
        ) from error
    except Exception as error:  # a damaged file raises anything
        raise ValueError(
            f"{path} is no intact PyTorch file: {error}"
        ) from error
    with explained(path, "PyTorch file"):
        _check_tensors(stored)
    return stored


def _check_tensors(stored):
    """Refuses tensors that are larger than what is stored of them."""
    waiting = [stored]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, (list, tuple)):
            waiting += value
        elif hasattr(value, "untyped_storage"):
            held = value.untyped_storage().nbytes()
            check_declared(tuple(value.shape), value.element_size(), held)


def _read_safetensors(path):
    safetensors = _library("safetensors", "safetensors", path)
    with explained(path, "safetensors file"):
        with open_regular(path) as file:
            length = int.from_bytes(file.read(8), "little")
        if length > MAX_TEXT:
            raise ValueError(f"its header declares {length} bytes")
        file = safetensors.safe_open(path, framework="numpy")
        return {
            name: StoredTensor(
                tuple(file.get_slice(name).get_shape()),
                functools.partial(file.get_tensor, name),
            )
            for name in file.keys()
        }


def _read_tensorflow(prefix):
    tf = _library("tensorflow", "TensorFlow", prefix)
    kind = "TensorFlow checkpoint"
    with explained(prefix, kind):
        check_regular(f"{prefix}.index", MAX_INDEX)
        parts = prefix.parent.glob(f"{glob.escape(prefix.name)}.data-*")
        held = sum(map(check_regular, parts))
        reader = tf.train.load_checkpoint(str(prefix))
        shapes = reader.get_variable_to_shape_map()
        types = reader.get_variable_to_dtype_map()
        # Configurations, as strings, are stored beside the numbers.
        numbers = [n for n in shapes if types[n] != tf.string]
        for name in numbers:
            check_declared(tuple(shapes[name]), types[name].size, held)
            held -= math.prod(shapes[name]) * types[name].size

    def read(stored):
        with explained(prefix, kind):
            return reader.get_tensor(stored)

    return {
        plain: StoredTensor(
            tuple(shapes[stored]), functools.partial(read, stored)
        )
        for plain, stored in plain_names(numbers).items()
    }


READERS = {
    ".npz": _read_npz,
    ".pt": _read_torch,
    ".pth": _read_torch,
    ".ckpt": _read_torch,
    ".bin": _read_torch,
    ".safetensors": _read_safetensors,
}


def _reader_of(path):
    """The reader of what a file holds, whatever its name; None if unknown."""
    try:
        size = check_regular(path)
        with open_regular(path) as file:
            head = file.read(16)
            if head.startswith(PICKLE):
                return _read_torch
            if head.startswith(b"PK\3\4"):
                names = zipfile.ZipFile(file).namelist()
                if any(pathlib.PurePath(n).name == "data.pkl" for n in names):
                    return _read_torch
                if names and all(name.endswith(".npy") for name in names):
                    return _read_npz
                return None
    except Exception:  # damaged bytes raise anything; its reader says what
        return None
    length = int.from_bytes(head[:8], "little")
    if head[8:9] == b"{" and length <= min(size - 8, MAX_TEXT):
        return _read_safetensors
    return None


def _library(module, name, path):
    try:
        return __import__(module)
    except ImportError as error:
        what = f"the extra keras-gan-translate[{module}]"
        raise ImportError(
            f"Reading {path.name} needs {name}: install "
            f"{name if module == 'tensorflow' else what}, or save the tensors "
            "as .npz."
        ) from error
