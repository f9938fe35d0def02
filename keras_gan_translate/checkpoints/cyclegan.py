"""Names in the authors' PyTorch code of CycleGAN and pix2pix.

Source: junyanz/pytorch-CycleGAN-and-pix2pix, models/networks.py, commit
00d55749: ResnetGenerator, NLayerDiscriminator, PixelDiscriminator. Its modules
are numbered as they stand in an `nn.Sequential`. The generator of
aitorzip/PyTorch-CycleGAN has the same names.
"""

import keras

from keras_gan_translate.checkpoints.name_map import NameMap, numbered
from keras_gan_translate.layers import SpectralConv2D

MODEL = "cyclegan"
PARTS = {
    "G_A": "generator_ab",
    "G_B": "generator_ba",
    "netG_A": "generator_ab",
    "netG_B": "generator_ba",
    "netG_A2B": "generator_ab",
    "netG_B2A": "generator_ba",
}


def recognise(shapes):
    """The arguments of `CycleGAN` that follow from a generator's tensors."""
    # Two halvings; pix2pixHD, named alike, has four.
    if "model.10.conv_block.1.weight" not in shapes:
        return None
    return {
        "filters": shapes["model.1.weight"][0],
        "num_blocks": sum(n.endswith(".conv_block.1.weight") for n in shapes),
        # A batch normalization takes the bias' place.
        "normalization": "instance" if "model.1.bias" in shapes else "batch",
    }


def _is_generator(layers):
    return (
        "stem_conv" in layers
        and "cam" not in layers
        and isinstance(layers.get("up_1_conv"), keras.layers.Conv2DTranspose)
    )


def resnet_modules(layers, names):
    """The modules of a ResNet generator, of pix2pixHD's trunk as well.

    Args:
        layers: as of `NameMap.modules`.
        names: as of `NameMap.modules`.
    """
    # [pad, conv, norm, ReLU]
    modules = {"model.1": layers["stem_conv"], "model.2": layers["stem_norm"]}
    position = 4
    downs = numbered(layers, "down_{}_conv")
    for i in range(1, downs + 1):  # [conv, norm, ReLU] each
        modules[f"model.{position}"] = layers[f"down_{i}_conv"]
        modules[f"model.{position + 1}"] = layers[f"down_{i}_norm"]
        position += 3
    # [pad, conv, norm, ReLU, dropout if any, pad, conv, norm]
    second = 5 if any(".conv_block.5." in name for name in names) else 6
    for i in range(1, numbered(layers, "block_{}_conv_1") + 1):
        block = f"model.{position}.conv_block"
        modules[f"{block}.1"] = layers[f"block_{i}_conv_1"]
        modules[f"{block}.2"] = layers[f"block_{i}_norm_1"]
        modules[f"{block}.{second}"] = layers[f"block_{i}_conv_2"]
        modules[f"{block}.{second + 1}"] = layers[f"block_{i}_norm_2"]
        position += 1
    for i in range(1, downs + 1):  # [transposed conv, norm, ReLU] each
        modules[f"model.{position}"] = layers[f"up_{i}_conv"]
        modules[f"model.{position + 1}"] = layers[f"up_{i}_norm"]
        position += 3
    if "head_conv" in layers:  # [pad, conv, tanh]
        modules[f"model.{position + 1}"] = layers["head_conv"]
    return modules


def _is_patch_discriminator(layers):
    return (
        "conv_1" in layers
        and "cam" not in layers
        and not isinstance(layers["conv_1"], SpectralConv2D)
    )


def _patch_discriminator(layers, names):
    # [conv, LeakyReLU], then [conv, norm, LeakyReLU] each, then [conv]
    modules = {"model.0": layers["conv_1"]}
    position = 2
    for i in range(2, numbered(layers, "conv_{}") + 1):
        modules[f"model.{position}"] = layers[f"conv_{i}"]
        position += 1
        if f"norm_{i}" in layers:
            modules[f"model.{position}"] = layers[f"norm_{i}"]
            position += 1
        position += 1
    modules[f"model.{position}"] = layers["logits"]
    return modules


def _is_pixel_discriminator(layers):
    return "pixel_conv_1" in layers


def _pixel_discriminator(layers, names):
    modules = {
        "net.0": layers["pixel_conv_1"],
        "net.2": layers["pixel_conv_2"],
    }
    if "norm_2" in layers:
        modules["net.3"] = layers["norm_2"]
    modules["net.5" if "norm_2" in layers else "net.4"] = layers["logits"]
    return modules


NAME_MAPS = (
    NameMap("CycleGAN's ResNet generator", _is_generator, resnet_modules),
    NameMap(
        "the PatchGAN discriminator of CycleGAN and pix2pix",
        _is_patch_discriminator,
        _patch_discriminator,
    ),
    NameMap(
        "the pixel discriminator of CycleGAN and pix2pix",
        _is_pixel_discriminator,
        _pixel_discriminator,
    ),
)
