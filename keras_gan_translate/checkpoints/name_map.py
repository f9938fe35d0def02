"""What a paper's file of names says, in the terms of the importer.

A paper's file in this folder, such as cyclegan.py, holds:

    NAME_MAPS   `NameMap`s, one per published network
    MODEL       the zoo's name of the model: "cyclegan"
    PARTS       dict from the names that published files give to networks to
                the attributes of our model: {"G_A": "generator_ab"}; may be
                left out where there is one translator and it has no name
    recognise   function from the shapes of one network's tensors, a dict from
                stored name to tuple of integers, to the arguments of the
                model's constructor that follow from them, a dict, or to None
                if the network is not one of this model's translators

`recognise` looks at a few names that no other paper has and reads sizes from
shapes. It need not check the rest: what is missing, surplus or misshapen is
found, and named, when the weights are filled in. A name of which only the
shape is wrong should still be recognised. An example:

    def recognise(shapes):
        if "block8.2.weight" not in shapes:
            return None
        return {"filters": shapes["block1.0.weight"][0]}

Nothing is registered: every module of this folder that has these names is
found by `import_weights` and `checkpoints.recognise`.
"""

import dataclasses
import importlib
import pathlib
import pkgutil
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class NameMap:
    """Where the tensors of one published network belong in one of ours.

    Attributes:
        title: What the network is, for messages: "CycleGAN's ResNet
            generator".
        fits: Function from our network's layers, a dict by name, to whether it
            is such a network.
        modules: Function from the layers and the names of the stored tensors
            to a dict from a stored module's name to the layer it fills. What
            `layouts` knows beside layers (`AfterFlatten`, `Renamed`,
            `BeforePixelShuffle`) may stand for one.
        layout: "torch": tensors are `module.weight`, channels first;
            "tensorflow": they are `module/kernel`, laid out as Keras' are.
    """

    title: str
    fits: Callable
    modules: Callable
    layout: str = "torch"


def papers():
    """The modules of this folder that have `NAME_MAPS`, as a list."""
    folder = str(pathlib.Path(__file__).parent)
    modules = (
        importlib.import_module(f"{__package__}.{module.name}")
        for module in pkgutil.iter_modules([folder])
    )
    return [module for module in modules if hasattr(module, "NAME_MAPS")]


def modules_at_scales(layers, scales, convolution):
    """The modules of a discriminator that judges at several scales.

    Args:
        layers: Our network's layers by name.
        scales: What the list of scales is called there, such as "cnns".
        convolution: And the convolution of a block, such as "conv".
    """
    modules = {}
    count = numbered(layers, "scale_1_conv_{}")
    for scale in range(1, numbered(layers, "scale_{}_logits") + 1):
        for i in range(1, count + 1):
            module = f"{scales}.{scale - 1}.{i - 1}.{convolution}"
            modules[module] = layers[f"scale_{scale}_conv_{i}"]
        logits = layers[f"scale_{scale}_logits"]
        modules[f"{scales}.{scale - 1}.{count}"] = logits
    return modules


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
