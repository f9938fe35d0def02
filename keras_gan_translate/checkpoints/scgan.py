"""Names in the authors' code of SCGAN.

Source: zhaoyuzhi/Semantic-Colorization-GAN, train/network.py, commit e7e012b:
SCGAN and PatchDiscriminator70. Its spectral norm has names of its own.
"""

from keras_gan_translate.checkpoints.layouts import Renamed
from keras_gan_translate.checkpoints.name_map import NameMap

MODEL = "scgan"
SALIENCY = ("conv11", "conv12", "conv2", "conv3", "conv4", "final")


def recognise(shapes):
    """The arguments of `SCGAN` that follow from a generator's tensors."""
    first = shapes.get("down1.conv2d.module.weight_bar")
    branch = shapes.get(
        "attention_prediction_network.final.conv2d.module.weight_bar"
    )
    if first is None or branch is None:
        return None
    return {"filters": first[0], "saliency_filters": branch[1]}


def _is_generator(layers):
    return "down1_conv" in layers and "pool5_conv" in layers


def _is_discriminator(layers):
    return "block1_conv" in layers and "final2_conv" in layers


def _modules(layers, names):
    modules = {}
    for name, layer in layers.items():
        block, _, kind = name.rpartition("_")
        if kind not in ("conv", "norm"):
            continue
        path = block
        if block in SALIENCY and "pool5_conv" in layers:
            path = f"attention_prediction_network.{block}"
        elif block.startswith(("conv", "pool")):
            path = f"global_feature_network.{block}"
        # What doubles the size first is a block within a block.
        inner = f"{path}.conv2d" if f"{block}_double" in layers else path
        if kind == "norm":
            modules[f"{inner}.norm"] = layer
        else:
            renamed = Renamed(layer, {"weight_orig": "weight_bar"})
            modules[f"{inner}.conv2d.module"] = renamed
    return modules


NAME_MAPS = (
    NameMap("SCGAN's generator", _is_generator, _modules),
    NameMap("SCGAN's discriminator", _is_discriminator, _modules),
)
