"""Names in the PyTorch code of U-GAT-IT.

Source: znxlwm/UGATIT-pytorch, networks.py, commit b8c42518: ResnetGenerator
(light and full) and Discriminator. A file of its training run holds six
state dicts: genA2B, genB2A, disGA, disGB, disLA and disLB.
"""

import math

from keras_gan_translate.checkpoints.layouts import AfterFlatten
from keras_gan_translate.checkpoints.name_map import NameMap, numbered
from keras_gan_translate.layers import AdaLIN, SpectralConv2D

MODEL = "ugatit"
PARTS = {"genA2B": "generator_ab", "genB2A": "generator_ba"}


def recognise(shapes):
    """The arguments of `UGATIT` that follow from a generator's tensors."""
    if "UpBlock1_1.norm1.rho" not in shapes:
        return None
    units, features = shapes["FC.0.weight"]
    positions = features // units  # 1, or those of a quarter of the image
    return {
        "filters": shapes["DownBlock.1.weight"][0],
        "num_blocks": sum(name.endswith(".norm1.rho") for name in shapes),
        "light": positions == 1,
    } | ({"image_size": 4 * math.isqrt(positions)} if positions > 1 else {})


def _attention(cam):
    modules = {"gap_fc": cam.average_logit, "conv1x1": cam.projection}
    if not cam.shared:
        modules["gmp_fc"] = cam.maximum_logit
    return modules


def _is_generator(layers):
    return "cam" in layers and any(
        isinstance(layer, AdaLIN) for layer in layers.values()
    )


def _generator(layers, names):
    modules = _attention(layers["cam"])

    # DownBlock: [pad, conv, norm, ReLU] each
    downs = numbered(layers, "down_{}_conv")
    stages = ["stem", *(f"down_{i}" for i in range(1, downs + 1))]
    for position, stage in enumerate(stages):
        modules[f"DownBlock.{4 * position + 1}"] = layers[f"{stage}_conv"]
    # ... then the blocks: [pad, conv, norm, ReLU, pad, conv, norm]
    blocks = numbered(layers, "block_{}_conv_1")
    half = (blocks + 1) // 2
    for i in range(1, half + 1):
        block = f"DownBlock.{4 * len(stages) + i - 1}.conv_block"
        modules[f"{block}.1"] = layers[f"block_{i}_conv_1"]
        modules[f"{block}.5"] = layers[f"block_{i}_conv_2"]

    first = layers["style_dense_1"]
    if "style_flatten" in layers:
        first = AfterFlatten(first, layers["style_flatten"].input.shape[1:])
    modules["FC.0"] = first
    modules["FC.2"] = layers["style_dense_2"]
    modules["gamma"] = layers["style_gamma"]
    modules["beta"] = layers["style_beta"]

    for i in range(half + 1, blocks + 1):
        for part in (1, 2):
            block = f"UpBlock1_{i - half}"
            modules[f"{block}.conv{part}"] = layers[f"block_{i}_conv_{part}"]
            modules[f"{block}.norm{part}"] = layers[f"block_{i}_norm_{part}"]
    # UpBlock2: [upsampling, pad, conv, ILN, ReLU] each, [pad, conv, tanh]
    for i in range(1, downs + 1):
        modules[f"UpBlock2.{5 * i - 3}"] = layers[f"up_{i}_conv"]
        modules[f"UpBlock2.{5 * i - 2}"] = layers[f"up_{i}_norm"]
    modules[f"UpBlock2.{5 * downs + 1}"] = layers["head_conv"]
    return modules


def _is_discriminator(layers):
    return "cam" in layers and isinstance(layers.get("conv_1"), SpectralConv2D)


def _discriminator(layers, names):
    modules = _attention(layers["cam"])
    for i in range(1, numbered(layers, "conv_{}") + 1):
        # [pad, conv, LeakyReLU] each
        modules[f"model.{3 * i - 2}"] = layers[f"conv_{i}"]
    modules["conv"] = layers["logits"]
    return modules


NAME_MAPS = (
    NameMap("U-GAT-IT's generator", _is_generator, _generator),
    NameMap("U-GAT-IT's discriminator", _is_discriminator, _discriminator),
)
