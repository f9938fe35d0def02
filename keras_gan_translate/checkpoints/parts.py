"""Which networks a source of weights holds, and under which names."""

import re
from collections.abc import Mapping

# What wrappers put before every name: DataParallel, torch.compile.
_WRAPPERS = re.compile(r"((module|_orig_mod)\.)+")
_NO_NETWORK = re.compile("optim|sched|scaler", re.IGNORECASE)


def networks_in(stored):
    """All networks of a source, by their names in it.

    Optimizers' states and what else a training checkpoint holds are left
    out, as are the prefixes of wrapped networks.

    Args:
        stored: What `read_source` returns.

    Returns:
        Dict from a network's path, such as "genA2B" or "state.generator", to
        a dict of its tensors by name. The path is "" if the source is the one
        network.
    """
    inner = {
        str(name): value
        for name, value in stored.items()
        if isinstance(value, Mapping)
    }
    if not inner:
        return {"": _unwrap(stored)} if _has_tensors(stored) else {}
    networks = {}
    for name, value in inner.items():
        if "param_groups" in value or _NO_NETWORK.search(name):
            continue
        for path, tensors in networks_in(value).items():
            networks[f"{name}.{path}" if path else name] = tensors
    return networks


def split_by_prefix(tensors):
    """The networks that a flat dict holds under a prefix each.

    Args:
        tensors: A network's tensors, named such as "netG.model.1.weight" or
            "generator/conv/kernel".

    Returns:
        Dict from prefix to a dict of tensors by the rest of their names.
    """
    groups = {}
    for name, tensor in tensors.items():
        prefix, _, rest = re.sub("[./]", "\0", name, count=1).partition("\0")
        if rest:
            groups.setdefault(prefix, {})[rest] = tensor
    return {prefix: _unwrap(group) for prefix, group in groups.items()}


def without_ema(path):
    """The path of the network of which another is the moving average.

    Args:
        path: Such as "generator_ema", "ema.generator" or "generator".

    Returns:
        "generator" for all of them.
    """
    plain = re.sub(r"(^|[._])ema(?=[._]|$)", "", path, flags=re.IGNORECASE)
    return plain.lstrip("._")


def prefer_averages(networks):
    """Leaves out networks of which there is a moving average (EMA).

    Published results are made with the averages.

    Args:
        networks: Dict as `networks_in` returns it.

    Returns:
        The dict without them, and a dict from the path of an average to that
        of the network it replaces.
    """
    averages = {
        path: without_ema(path)
        for path in networks
        if without_ema(path) != path and without_ema(path) in networks
    }
    replaced = averages.values()
    return {p: networks[p] for p in networks if p not in replaced}, averages


def select(networks, part):
    """The network of a given name.

    Args:
        networks: As `networks_in` returns them.
        part: A path, or the end of one: "generator" for "state.generator"; or
            a prefix of the names in the only network.

    Returns:
        Its tensors by name.

    Raises:
        ValueError: If there is none, or several end so.
    """
    if part in networks:
        return networks[part]
    ends = [path for path in networks if path.endswith(f".{part}")]
    if len(ends) == 1:
        return networks[ends[0]]
    if list(networks) == [""]:
        groups = split_by_prefix(networks[""])
        if part in groups:
            return groups[part]
    names = [path for path in networks if path]
    raise ValueError(
        f"The source has no part {part!r}. It holds "
        + (f"the parts {', '.join(names)}." if names else "one network.")
    )


def _unwrap(tensors):
    tensors = {str(name): value for name, value in tensors.items()}
    if all(map(_WRAPPERS.match, tensors)):
        tensors = {_WRAPPERS.sub("", n, 1): t for n, t in tensors.items()}
    return tensors


def _has_tensors(stored):
    return any(hasattr(value, "shape") for value in stored.values())
