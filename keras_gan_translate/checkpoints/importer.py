"""Reads published weights into a network of ours."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np

from keras_gan_translate.checkpoints.layouts import tensors_of
from keras_gan_translate.checkpoints.name_map import papers
from keras_gan_translate.checkpoints.parts import (
    networks_in,
    prefer_averages,
    select,
)
from keras_gan_translate.checkpoints.sources import as_array, read_source
from keras_gan_translate.support.types import Path


def import_weights(
    network: keras.Model, source: Path | Mapping, part: str | None = None
) -> keras.Model:
    """Fills a network with the weights of a reference implementation.

    Which names to expect follows from the network's layers. All tensors are
    checked before the first is written: after an error the network is as it
    was.

    Prefixes of wrapped networks (`module.`), optimizers' states and
    statistics that nothing uses are passed over; a moving average (EMA) is
    preferred to the network beside it. Known are the networks of the files
    beside this one.

    Args:
        network: A `keras.Model` of `networks`, built with the options that the
            weights were trained with.
        source: Arrays by name (the reference's `state_dict`), or a path: an
            .npz, .pt, .pth, .ckpt, .bin or .safetensors file, a TensorFlow
            checkpoint, or a folder of one of these or of .npy files. PyTorch
            files need the extra `keras-gan-translate[torch]`, .safetensors
            `keras-gan-translate[safetensors]`; no code in them is run.
        part: Which of several networks in one source, such as "genA2B".

    Returns:
        The network.

    Raises:
        ValueError: If the network or the part is unknown, or a tensor is
            missing, surplus or misshapen; all of them are named.
        FileNotFoundError: If there is no such file.
        ImportError: If a file is read without the library that reads it.

    Example:
        >>> generator = resnet_generator()
        >>> import_weights(generator, "horse2zebra_pretrained/latest_net_G.pth")
    """
    networks = networks_in(read_source(source))
    stored = _only(networks) if part is None else select(networks, part)
    title, tensors, ignored = _expected(network, stored)
    missing = [
        f"{name} {tensor.shape}"
        for name, tensor in tensors.items()
        if name not in stored
    ]
    surplus = [
        name for name in stored if name not in tensors and name not in ignored
    ]
    misshapen = [
        f"{name}: {_shape(stored[name])}, expected {tensor.shape}"
        for name, tensor in tensors.items()
        if name in stored and _shape(stored[name]) != tensor.shape
    ]
    if missing or surplus or misshapen:
        raise ValueError(
            f"The weights do not fit the network {network.name!r}, which is "
            f"{title}."
            + _listed("Missing", missing)
            + _listed("Surplus", surplus)
            + _listed("Of another shape", misshapen)
            + "\nBuild the network with the options that the weights were "
            "trained with. It has not been changed."
        )
    arrays = {name: as_array(name, stored[name]) for name in tensors}
    # All are read and of the right shape: nothing can fail half-way. One copy
    # at a time, because some networks have gigabytes.
    for name, tensor in tensors.items():
        tensor.variable.assign(tensor.convert(arrays.pop(name)))
    return network


def _only(networks):
    """The one network of a source, or its moving average."""
    networks, _ = prefer_averages(networks)
    if not networks:
        raise ValueError("The source holds no tensors.")
    if len(networks) > 1:
        raise ValueError(
            "The source holds several networks. Choose one with `part`: "
            f"{', '.join(networks)}."
        )
    return networks.popitem()[1]


def _expected(network, stored):
    """What the network is, its tensors by stored name, names to ignore."""
    layers = {layer.name: layer for layer in network.layers}
    name_maps = [m for paper in papers() for m in paper.NAME_MAPS]
    fitting = [name_map for name_map in name_maps if name_map.fits(layers)]
    if not fitting:
        known = "; ".join(name_map.title for name_map in name_maps)
        raise ValueError(
            f"No published weights are known for the network {network.name!r}. "
            f"They are for: {known}."
        )

    def described(name_map):
        tensors, ignored = {}, set()
        between = "/" if name_map.layout == "tensorflow" else "."
        for module, layer in name_map.modules(layers, stored.keys()).items():
            inside, unused = tensors_of(layer, name_map.layout)
            tensors |= {module + between + n: inside[n] for n in inside}
            ignored |= {module + between + n for n in unused}
        return name_map.title, tensors, ignored

    title, tensors, ignored = max(
        map(described, fitting),
        key=lambda described: len(described[1].keys() & stored.keys()),
    )
    if not tensors.keys() & stored.keys():
        raise ValueError(
            f"The source holds no tensor of {title}, which the network "
            f"{network.name!r} is. It holds {_few(stored)}; expected were "
            f"{_few(tensors)}."
        )
    return title, tensors, ignored


def _shape(value):
    return tuple(value.shape) if hasattr(value, "shape") else np.shape(value)


def _listed(title, entries, most=20):
    if not entries:
        return ""
    more = f", and {len(entries) - most} more" if len(entries) > most else ""
    return f"\n{title}: {'; '.join(entries[:most])}{more}."


def _few(names):
    names = list(names)
    return ", ".join(names[:3]) + (", ..." if names[3:] else "") or "nothing"
