"""Reads published weights into a network of ours."""

import importlib
import pathlib
import pkgutil
from collections.abc import Mapping

from keras_gan_translate.checkpoints.layouts import tensors_of
from keras_gan_translate.checkpoints.sources import as_array, read_source


def import_weights(network, source, part=None):
    """Fills a network with the weights of a reference implementation.

    Which names to expect follows from the network's layers. All tensors are
    checked before the first is written: after an error the network is as it
    was.

    Known are the PyTorch networks of U-GAT-IT (znxlwm/UGATIT-pytorch), and of
    CycleGAN and pix2pix (junyanz/pytorch-CycleGAN-and-pix2pix).

    Args:
        network: A `keras.Model` of `networks`, built with the options that the
            weights were trained with.
        source: Arrays by name (the reference's `state_dict`), or the path of
            an .npz, .pt or .pth file. PyTorch files need the extra
            `keras-gan-translate[torch]`; no code in them is run.
        part: Which of several networks in one source, such as "genA2B".

    Returns:
        The network.

    Raises:
        ValueError: If the network or the part is unknown, or a tensor is
            missing, surplus or misshapen; all of them are named.
        FileNotFoundError: If there is no such file.
        ImportError: If a PyTorch file is read without PyTorch.

    Example:
        >>> generator = resnet_generator()
        >>> import_weights(generator, "horse2zebra_pretrained/latest_net_G.pth")
    """
    stored = _select(read_source(source), part)
    if all(name.startswith("module.") for name in stored):  # DataParallel
        stored = {name[len("module.") :]: stored[name] for name in stored}
    title, tensors, ignored = _expected(network, stored)
    arrays = {
        name: as_array(name, stored[name]) for name in tensors if name in stored
    }

    missing = [
        f"{name} {tensor.shape}"
        for name, tensor in tensors.items()
        if name not in stored
    ]
    surplus = [
        name for name in stored if name not in tensors and name not in ignored
    ]
    misshapen = [
        f"{name}: {array.shape}, expected {tensors[name].shape}"
        for name, array in arrays.items()
        if array.shape != tensors[name].shape
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
    converted = {
        name: tensor.convert(arrays[name]) for name, tensor in tensors.items()
    }
    for name, tensor in tensors.items():
        tensor.variable.assign(converted[name])
    return network


def _select(stored, part):
    """The tensors of one network among those of several."""
    parts = [
        name for name, value in stored.items() if isinstance(value, Mapping)
    ]
    if part is not None:
        if part in parts:
            return stored[part]
        raise ValueError(
            f"The source has no part {part!r}. It holds "
            + (f"the parts {', '.join(parts)}." if parts else "one network.")
        )
    if parts:
        raise ValueError(
            "The source holds several networks. Choose one with `part`: "
            f"{', '.join(parts)}."
        )
    return stored


def _expected(network, stored):
    """What the network is, its tensors by stored name, names to ignore."""
    layers = {layer.name: layer for layer in network.layers}
    name_maps = _name_maps()
    fitting = [name_map for name_map in name_maps if name_map.fits(layers)]
    if not fitting:
        known = "; ".join(name_map.title for name_map in name_maps)
        raise ValueError(
            f"No published weights are known for the network {network.name!r}. "
            f"They are for: {known}."
        )

    def described(name_map):
        tensors, ignored = {}, set()
        for module, layer in name_map.modules(layers, stored.keys()).items():
            inside, unused = tensors_of(layer)
            tensors |= {f"{module}.{name}": inside[name] for name in inside}
            ignored |= {f"{module}.{name}" for name in unused}
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


def _name_maps():
    """The name maps of all modules beside this one."""
    folder = str(pathlib.Path(__file__).parent)
    modules = (
        importlib.import_module(f"{__package__}.{module.name}")
        for module in pkgutil.iter_modules([folder])
    )
    return [
        name_map
        for module in modules
        for name_map in getattr(module, "NAME_MAPS", ())
    ]


def _listed(title, entries, most=20):
    if not entries:
        return ""
    more = f", and {len(entries) - most} more" if len(entries) > most else ""
    return f"\n{title}: {'; '.join(entries[:most])}{more}."


def _few(names):
    names = list(names)
    return ", ".join(names[:3]) + (", ..." if names[3:] else "") or "nothing"
