"""Names in the authors' PyTorch code of StarGAN.

Source: yunjey/stargan, model.py, commit 94dd002e: Generator and Discriminator,
saved as files of their own such as 200000-G.ckpt. Statistics of instance norms
are saved with them, and not used by the published test: it never leaves the
training mode.
"""

from keras_gan_translate.checkpoints.name_map import NameMap, numbered

MODEL = "stargan"
PARTS = {"G": "generator"}


def recognise(shapes):
    """The arguments of `StarGAN` that follow from a generator's tensors."""
    if "main.9.main.0.weight" not in shapes:
        return None
    filters, channels, *_ = shapes["main.0.weight"]
    return {
        "filters": filters,
        "num_blocks": sum(n.endswith(".main.0.weight") for n in shapes),
        # Their names are not stored.
        "domains": tuple(f"domain_{i + 1}" for i in range(channels - 3)),
    }


def _is_generator(layers):
    return "append_domain" in layers and "up_2_deconv" in layers


def _generator(layers, names):
    # [conv, norm, ReLU] each
    modules, position = {}, 0
    for name in ("stem", "down_1", "down_2"):
        modules[f"main.{position}"] = layers[f"{name}_conv"]
        modules[f"main.{position + 1}"] = layers[f"{name}_norm"]
        position += 3
    for i in range(1, numbered(layers, "block_{}_conv_1") + 1):
        # [conv, norm, ReLU, conv, norm]
        block = f"main.{position}.main"
        modules[f"{block}.0"] = layers[f"block_{i}_conv_1"]
        modules[f"{block}.1"] = layers[f"block_{i}_norm_1"]
        modules[f"{block}.3"] = layers[f"block_{i}_conv_2"]
        modules[f"{block}.4"] = layers[f"block_{i}_norm_2"]
        position += 1
    for i in (1, 2):
        modules[f"main.{position}"] = layers[f"up_{i}_deconv"]
        modules[f"main.{position + 1}"] = layers[f"up_{i}_norm"]
        position += 3
    modules[f"main.{position}"] = layers["head_conv"]
    return modules


def _is_discriminator(layers):
    return "layer_1_conv" in layers and "classes" in layers


def _discriminator(layers, names):
    modules = {"conv1": layers["logits"], "conv2": layers["classes"]}
    for i in range(numbered(layers, "layer_{}_conv")):
        # [conv, LeakyReLU]
        modules[f"main.{2 * i}"] = layers[f"layer_{i + 1}_conv"]
    return modules


NAME_MAPS = (
    NameMap("StarGAN's generator", _is_generator, _generator),
    NameMap("StarGAN's discriminator", _is_discriminator, _discriminator),
)
