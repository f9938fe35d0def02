"""What a paper's file of names says, in the terms of the importer."""

import dataclasses
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class NameMap:
    """Where the tensors of one published network belong in one of ours.

    Attributes:
        title: What the network is, for messages.
        fits: Function from our network's layers, a dict by name, to whether it
            is such a network.
        modules: Function from the layers and the names of the stored tensors
            to a dict from a PyTorch module's name to the layer it fills.
    """

    title: str
    fits: Callable
    modules: Callable


def numbered(layers, pattern):
    """How many layers `pattern.format(1)`, `pattern.format(2)` ... exist.

    Args:
        layers: A network's layers by name.
        pattern: Name with a `{}` for the number.
    """
    count = 0
    while pattern.format(count + 1) in layers:
        count += 1
    return count
