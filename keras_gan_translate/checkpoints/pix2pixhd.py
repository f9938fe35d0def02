"""Names in the authors' PyTorch code of pix2pixHD.

Source: NVIDIA/pix2pixHD, models/networks.py, commit 14b3b3c7: GlobalGenerator,
LocalEnhancer, Encoder and MultiscaleDiscriminator. GlobalGenerator and Encoder
have the names of CycleGAN's generator.
"""

import re

from keras_gan_translate.checkpoints.cyclegan import resnet_modules
from keras_gan_translate.checkpoints.name_map import NameMap, numbered

MODEL = "pix2pixhd"


def recognise(shapes):
    """The arguments of `Pix2PixHD` that follow from a generator's tensors."""
    blocks = [
        int(match[1])
        for match in (
            re.fullmatch(r"model\.(\d+)\.conv_block\.1\.weight", name)
            for name in shapes
        )
        if match
    ]
    # CycleGAN's generator halves twice: its blocks begin at 10.
    if not blocks or min(blocks) < 13 or "model.1.weight" not in shapes:
        return None
    filters, channels = shapes["model.1.weight"][:2]
    return {
        # The last plane is that of the edges.
        "classes": tuple(map(str, range(channels - 1))),
        "filters": filters,
        "num_blocks": len(blocks),
        "num_downs": (min(blocks) - 4) // 3,
        "enhancer": "model1_1.1.weight" in shapes,
    }


def _is_enhanced(layers):
    return "trunk" in layers and "enhancer" in layers


def _enhanced(layers, names):
    trunk, local = (
        {layer.name: layer for layer in layers[part].layers}
        for part in ("trunk", "enhancer")
    )
    modules = resnet_modules(trunk, names)
    # [pad, conv, norm, ReLU, conv, norm, ReLU]
    modules["model1_1.1"] = local["stem_conv"]
    modules["model1_1.4"] = local["down_1_conv"]
    # blocks, then [transposed conv, norm, ReLU, pad, conv, tanh]
    blocks = numbered(local, "block_{}_conv_1")
    for i in range(1, blocks + 1):
        block = f"model1_2.{i - 1}.conv_block"
        modules[f"{block}.1"] = local[f"block_{i}_conv_1"]
        modules[f"{block}.5"] = local[f"block_{i}_conv_2"]
    modules[f"model1_2.{blocks}"] = local["up_1_conv"]
    modules[f"model1_2.{blocks + 4}"] = local["head_conv"]
    return modules


def _is_discriminator(layers):
    return "scale_0_conv_1" in layers and "scale_0_conv_2" in layers


def _discriminator(layers, names):
    modules = {}
    scales = 1 + numbered(layers, "scale_{}_conv_1")
    for scale in range(scales):
        # Numbered from the smallest image there.
        theirs = f"scale{scales - 1 - scale}"
        count = numbered(layers, f"scale_{scale}_conv_{{}}")
        for i in range(1, count + 1):
            modules[f"{theirs}_layer{i - 1}.0"] = layers[
                f"scale_{scale}_conv_{i}"
            ]
        modules[f"{theirs}_layer{count}.0"] = layers[f"scale_{scale}_logits"]
    return modules


NAME_MAPS = (
    NameMap("pix2pixHD's enhanced generator", _is_enhanced, _enhanced),
    NameMap("pix2pixHD's discriminators", _is_discriminator, _discriminator),
)
