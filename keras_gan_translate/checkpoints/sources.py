"""Where published weights come from: arrays, .npz, PyTorch files."""

import pathlib
import pickle
import zipfile
from collections.abc import Mapping

import numpy as np


def read_source(source):
    """Reads a source of weights without running any code in it.

    Args:
        source: A mapping, or the path of an .npz, .pt or .pth file.

    Returns:
        The mapping, or what the file holds: names to arrays or to mappings.

    Raises:
        FileNotFoundError: If there is no such file.
        ImportError: If a PyTorch file is read without PyTorch.
        ValueError: If the file is of another kind, damaged, or holds more than
            tensors.
    """
    if isinstance(source, Mapping):
        return source
    path = pathlib.Path(source)
    readers = {".npz": _read_npz, ".pt": _read_torch, ".pth": _read_torch}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise ValueError(
            "Weights are read from a dict of arrays or from a file ending in "
            f"{', '.join(readers)}. Received: {path}"
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
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path} is no intact .npz of plain arrays: {error}"
        ) from error


def _read_torch(path):
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            f"Reading {path.name} needs PyTorch: install the extra "
            "keras-gan-translate[torch], or save the tensors as .npz."
        ) from error
    try:
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


def as_array(name, value):
    """A NumPy array of a stored tensor.

    Args:
        name: Its name, for the message.
        value: An array, or a PyTorch tensor.

    Raises:
        ValueError: If it holds no numbers.
    """
    if hasattr(value, "detach"):
        # NumPy has no bfloat16.
        value = value.detach().cpu().float().numpy()
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise ValueError(
            f"{name!r} is no tensor of numbers. "
            f"Received: {type(value).__name__} of dtype {array.dtype}"
        )
    return array
