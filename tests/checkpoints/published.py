"""Weights as somebody else might have published them, with random values."""

import numpy as np

from keras_gan_translate.checkpoints.layouts import tensors_of
from keras_gan_translate.checkpoints.name_map import papers


def published(network, seed=0):
    """Arrays by the names that a published file has for a network."""
    layers = {layer.name: layer for layer in network.layers}
    name_map = next(
        name_map
        for paper in papers()
        for name_map in paper.NAME_MAPS
        if name_map.layout == "torch" and name_map.fits(layers)
    )
    random = np.random.default_rng(seed)
    arrays = {}
    for module, layer in name_map.modules(layers, ()).items():
        for name, tensor in tensors_of(layer)[0].items():
            values = random.normal(size=tensor.shape, scale=0.1)
            arrays[f"{module}.{name}"] = values.astype("float32")
    return arrays


def as_torch(arrays):
    import torch

    return {name: torch.from_numpy(array) for name, array in arrays.items()}
