"""Reads the published heads of LPIPS: tensors of PyTorch, without it.

Files of 2018: pickles, then each storage as its length and its numbers.
"""

import collections
import io
import pickle

import numpy as np


class _Reader(pickle.Unpickler):
    """Only what such a file needs; storages come as their keys."""

    def find_class(self, module, name):
        known = {
            ("collections", "OrderedDict"): collections.OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): lambda key, *rest: (
                key,
                rest[1],
            ),
            ("torch._utils", "_rebuild_tensor"): lambda key, *rest: (
                key,
                rest[1],
            ),
            ("torch", "FloatStorage"): "float32",
        }
        return known[module, name]

    def persistent_load(self, saved):
        return saved[2]


def read_heads(path):
    """Dict of float32 arrays by their names in PyTorch."""
    file = io.BytesIO(path.read_bytes())
    _, _, _, tensors, keys = (_Reader(file).load() for _ in range(5))
    storages = {}
    for key in keys:
        (count,) = np.frombuffer(file.read(8), "<i8")
        storages[key] = np.frombuffer(file.read(4 * count), "<f4")
    return {
        name: storages[key].reshape(shape)
        for name, (key, shape) in tensors.items()
    }
