"""Names in the authors' code of PEN-Net.

Source: researchmm/PEN-Net-for-Inpainting, branch pytorch, model/pennet.py,
commit 8721a55: "netG" and "netD" of their files.
"""

from keras_gan_translate.checkpoints.name_map import NameMap

MODEL = "pennet"
PARTS = {"netG": "generator"}


def recognise(shapes):
    """The arguments of `PENNet` that follow from a generator's tensors."""
    if "at_conv01.conv00.0.weight" not in shapes:
        return None
    return {"filters": shapes["dw_conv01.0.weight"][0]}


def _is_generator(layers):
    return "transfer_1_conv_4" in layers


def _generator(layers, names):
    modules = {
        "decoder.0": layers["head_conv"],
        "decoder.2": layers["image_conv"],
    }
    for i in range(1, 7):
        modules[f"dw_conv0{i}.0"] = layers[f"down_{i}_conv"]
    for i in range(1, 6):
        modules[f"up_conv0{i}.0"] = layers[f"up_{i}_conv"]
        modules[f"torgb{i}.0"] = layers[f"level_{i}_conv"]
    for i in range(1, 5):
        for j in range(4):
            layer = layers[f"transfer_{i}_conv_{j + 1}"]
            modules[f"at_conv0{i}.conv0{j}.0"] = layer
    return modules


def _is_discriminator(layers):
    return "logits" in layers and "layer_4_conv" in layers


def _discriminator(layers, names):
    modules = {
        f"encoder.{2 * i}": layers[f"layer_{i + 1}_conv"] for i in range(4)
    }
    return modules | {"classifier": layers["logits"]}


NAME_MAPS = (
    NameMap("PEN-Net's generator", _is_generator, _generator),
    NameMap("PEN-Net's discriminator", _is_discriminator, _discriminator),
)
