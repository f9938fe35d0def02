"""Names in two PyTorch implementations of SRGAN.

Sources: Lornatang/SRGAN-PyTorch, model.py, commit 8842030e: SRResNet and
DiscriminatorForVGG, the paper's; leftthomas/SRGAN, model.py, commits 531073f
and 7ddfdf27: Generator, with 5 blocks, biases and tanh.
"""

from keras_gan_translate.checkpoints.layouts import (
    AfterFlatten,
    BeforePixelShuffle,
)
from keras_gan_translate.checkpoints.name_map import NameMap, numbered

MODEL = "srgan"


def recognise(shapes):
    """The arguments of `SRGAN` that follow from a generator's tensors."""

    def count(pattern):
        return sum(pattern.format(i) in shapes for i in range(100))

    if "trunk.0.rcb.0.weight" in shapes:
        stem = "conv1.0.weight"
        options = {
            "num_blocks": count("trunk.{}.rcb.0.weight"),
            "scale": 2 ** count("upsampling.{}.upsample_block.0.weight"),
            "use_bias": False,
            "trunk_end": "batch",
            "output": "linear",
        }
    elif "block2.prelu.weight" in shapes:
        stem = "block1.0.weight"
        blocks = count("block{}.conv1.weight")
        normalized = f"block{blocks + 2}.1.running_mean" in shapes
        options = {
            "num_blocks": blocks,
            "scale": 2 ** count(f"block{blocks + 3}.{{}}.conv.weight"),
            "use_bias": True,
            "trunk_end": "batch" if normalized else "prelu",
            "output": "tanh",
        }
    else:
        return None
    return {"filters": shapes[stem][0] if stem in shapes else 64, **options}


def _is_generator(layers):
    return "stem_prelu" in layers and "up_1_shuffle" in layers


def _paper_generator(layers, names):
    modules = {
        "conv1.0": layers["stem_conv"],
        "conv1.1": layers["stem_prelu"],
        "conv2.0": layers["trunk_conv"],
        "conv2.1": layers.get("trunk_norm", layers.get("trunk_prelu")),
        "conv3": layers["head_conv"],
    }
    for i in range(numbered(layers, "block_{}_conv_1")):
        # [conv, norm, PReLU, conv, norm]
        block, ours = f"trunk.{i}.rcb", f"block_{i + 1}"
        modules[f"{block}.0"] = layers[f"{ours}_conv_1"]
        modules[f"{block}.1"] = layers[f"{ours}_norm_1"]
        modules[f"{block}.2"] = layers[f"{ours}_prelu"]
        modules[f"{block}.3"] = layers[f"{ours}_conv_2"]
        modules[f"{block}.4"] = layers[f"{ours}_norm_2"]
    for i in range(numbered(layers, "up_{}_conv")):
        # [conv, pixel shuffle, PReLU]
        block, ours = f"upsampling.{i}.upsample_block", f"up_{i + 1}"
        conv = BeforePixelShuffle(layers[f"{ours}_conv"], 2)
        modules[f"{block}.0"] = conv
        modules[f"{block}.2"] = layers[f"{ours}_prelu"]
    return modules


def _published_generator(layers, names):
    blocks = numbered(layers, "block_{}_conv_1")
    trunk, head = f"block{blocks + 2}", f"block{blocks + 3}"
    ups = numbered(layers, "up_{}_conv")
    modules = {
        "block1.0": layers["stem_conv"],
        "block1.1": layers["stem_prelu"],
        f"{trunk}.0": layers["trunk_conv"],
        f"{trunk}.1": layers.get("trunk_norm", layers.get("trunk_prelu")),
        f"{head}.{ups}": layers["head_conv"],
    }
    for i in range(1, blocks + 1):
        block, ours = f"block{i + 1}", f"block_{i}"
        modules[f"{block}.conv1"] = layers[f"{ours}_conv_1"]
        modules[f"{block}.bn1"] = layers[f"{ours}_norm_1"]
        modules[f"{block}.prelu"] = layers[f"{ours}_prelu"]
        modules[f"{block}.conv2"] = layers[f"{ours}_conv_2"]
        modules[f"{block}.bn2"] = layers[f"{ours}_norm_2"]
    for i in range(ups):
        conv = BeforePixelShuffle(layers[f"up_{i + 1}_conv"], 2)
        modules[f"{head}.{i}.conv"] = conv
        modules[f"{head}.{i}.prelu"] = layers[f"up_{i + 1}_prelu"]
    return modules


def _is_discriminator(layers):
    return "layer_8_norm" in layers and "dense" in layers


def _discriminator(layers, names):
    # [conv, LeakyReLU], then [conv, norm, LeakyReLU] each
    modules = {"features.0": layers["layer_1_conv"]}
    for i in range(2, 9):
        modules[f"features.{3 * i - 4}"] = layers[f"layer_{i}_conv"]
        modules[f"features.{3 * i - 3}"] = layers[f"layer_{i}_norm"]
    shape = tuple(layers["flatten"].input.shape[1:])
    modules["classifier.0"] = AfterFlatten(layers["dense"], shape)
    modules["classifier.2"] = layers["logits"]
    return modules


NAME_MAPS = (
    NameMap("SRGAN's generator", _is_generator, _paper_generator),
    NameMap(
        "SRGAN's generator as published by leftthomas",
        _is_generator,
        _published_generator,
    ),
    NameMap("SRGAN's discriminator", _is_discriminator, _discriminator),
)
