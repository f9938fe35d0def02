"""Where published weights come from: files of four formats, and folders.

No code in them is run. What can be left on the disk until it is needed, is:
PyTorch files and .npy are mapped into memory, of .npz, TensorFlow checkpoints
and .safetensors only the directory is read.
"""

import argparse
import contextlib
import dataclasses
import functools
import pathlib
import pickle
import zipfile
import zlib
from collections.abc import Callable, Mapping

import numpy as np

from keras_gan_translate.checkpoints.folders import find_weights
from keras_gan_translate.checkpoints.tensorflow_names import plain_names
from keras_gan_translate.support.types import Path


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
            .safetensors file, or of a TensorFlow checkpoint (what stands
            before `.index`); or a folder of one of these or of .npy files,
            of which the newest epoch is taken.

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
        found = find_weights(path, tuple(READERS))
        if isinstance(found, Mapping):
            return {name: _read(file) for name, file in found.items()}
        return _read(found)
    if path.suffix == ".index":
        path = path.with_suffix("")
    return _read(path)


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
    except (OSError, ValueError, RuntimeError) as error:
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
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ValueError(
            "Weights are read from a dict of arrays, from a TensorFlow "
            "checkpoint, from a folder of .npy files or from a file ending in "
            f"{', '.join(READERS)}. Received: {path}"
        )
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path.absolute()}")
    weights = reader(path)
    if not isinstance(weights, Mapping):
        raise ValueError(
            f"{path} holds a {type(weights).__name__}, not tensors by name. "
            "Save the network's `state_dict()` and import that."
        )
    return weights


def _read_npz(path):
    with _intact(path, ".npz of plain arrays"), zipfile.ZipFile(path) as file:
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
        version = np.lib.format.read_magic(file)
        header = getattr(
            np.lib.format, f"read_array_header_{version[0]}_{version[1]}"
        )
        shape, _, dtype = header(file)
    if dtype.hasobject:
        raise ValueError(f"{member} holds Python objects")
    return shape


def _read_member(path, member):
    with _intact(path, ".npz of plain arrays"):
        with np.load(path, allow_pickle=False) as arrays:
            return arrays[member]


def _read_npy(path):
    with _intact(path, ".npy of a plain array"):
        return np.load(path, mmap_mode="r", allow_pickle=False)


def _read_npy_folder(folder):
    return {p.stem: _read_npy(p) for p in sorted(folder.glob("*.npy"))}


def _read_torch(path):
    torch = _library("torch", "PyTorch", path)
    try:
        # Training checkpoints often hold the command line's arguments.
        with torch.serialization.safe_globals([argparse.Namespace]):
            return torch.load(
                path,
                map_location="cpu",
                weights_only=True,
                # Files of PyTorch before 1.6 cannot be mapped into memory.
                mmap=zipfile.is_zipfile(path),
            )
    except pickle.UnpicklingError as error:
        raise ValueError(
            f"{path} is damaged, or holds more than tensors and is not read, "
            "because that would run code in it. Save the network's "
            "`state_dict()` where the file comes from, and import that."
        ) from error
    except (RuntimeError, EOFError, KeyError, ValueError) as error:
        raise ValueError(
            f"{path} is no intact PyTorch file: {error}"
        ) from error


def _read_safetensors(path):
    safetensors = _library("safetensors", "safetensors", path)
    with _intact(path, "safetensors file", safetensors.SafetensorError):
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
    with _intact(prefix, "TensorFlow checkpoint", tf.errors.OpError):
        reader = tf.train.load_checkpoint(str(prefix))
        shapes = reader.get_variable_to_shape_map()
        types = reader.get_variable_to_dtype_map()
    # Configurations, as strings, are stored beside the numbers.
    numbers = [n for n in shapes if types[n] != tf.string]
    return {
        plain: StoredTensor(
            tuple(shapes[stored]), functools.partial(reader.get_tensor, stored)
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


@contextlib.contextmanager
def _intact(path, kind, *errors):
    """Turns a reader's errors into a ValueError that names the file."""
    try:
        yield
    except (
        ValueError,
        OSError,
        EOFError,
        AttributeError,
        zipfile.BadZipFile,
        zlib.error,
        *errors,
    ) as error:
        raise ValueError(f"{path} is no intact {kind}: {error}") from error
