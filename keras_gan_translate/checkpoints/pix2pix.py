"""Names in the authors' PyTorch code of pix2pix.

Source: junyanz/pytorch-CycleGAN-and-pix2pix, models/networks.py, commit
00d55749: UnetGenerator, blocks nested in blocks. The discriminators are
CycleGAN's.
"""

from keras_gan_translate.checkpoints.name_map import NameMap, numbered

MODEL = "pix2pix"
PARTS = {"G": "generator", "netG": "generator"}


def recognise(shapes):
    """The arguments of `Pix2Pix` that follow from a generator's tensors."""
    if "model.model.1.model.1.weight" not in shapes:
        return None
    # Every level has a convolution and a transposed one.
    levels = sum(len(shape) == 4 for shape in shapes.values()) // 2
    return {
        "image_size": 2**levels,
        "filters": shapes["model.model.0.weight"][0],
    }


def _is_generator(layers):
    return "up_1_skip" not in layers and "up_2_skip" in layers


def _generator(layers, names):
    # [conv, next level, ReLU, transposed conv, tanh]
    modules = {
        "model.model.0": layers["down_1_conv"],
        "model.model.3": layers["up_1_conv"],
    }
    level = "model.model.1.model"
    downs = numbered(layers, "down_{}_conv")
    for i in range(2, downs):
        # [LeakyReLU, conv, norm, next level, ReLU, transposed conv, norm]
        modules[f"{level}.1"] = layers[f"down_{i}_conv"]
        modules[f"{level}.2"] = layers[f"down_{i}_norm"]
        modules[f"{level}.5"] = layers[f"up_{i}_conv"]
        modules[f"{level}.6"] = layers[f"up_{i}_norm"]
        level = f"{level}.3.model"
    # [LeakyReLU, conv, ReLU, transposed conv, norm]
    modules[f"{level}.1"] = layers[f"down_{downs}_conv"]
    modules[f"{level}.3"] = layers[f"up_{downs}_conv"]
    modules[f"{level}.4"] = layers[f"up_{downs}_norm"]
    return modules


NAME_MAPS = (NameMap("pix2pix' U-Net generator", _is_generator, _generator),)
