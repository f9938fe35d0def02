"""Names in the PyTorch port of Context Encoders.

Source: BoyuanJiang/context_encoder_pytorch, model.py, commit 01cbf96b: _netG
and _netlocalD, for the middle half of images of 128 pixels. Its modules are
numbered as they stand in an `nn.Sequential`.
"""

from keras_gan_translate.checkpoints.name_map import NameMap, numbered

MODEL = "contextencoder"


def recognise(shapes):
    """The arguments of `ContextEncoder` that follow from the tensors."""
    # The middle of five halvings, and four doublings after it.
    if "main.14.weight" not in shapes or "main.29.weight" not in shapes:
        return None
    return {
        "image_size": 128,
        "filters": shapes["main.0.weight"][0],
        "region": "centre",
        "bottleneck_filters": shapes["main.14.weight"][0],
    }


def _is_generator(layers):
    return "middle_conv" in layers and "up_0_conv" in layers


def _generator(layers, names):
    # [conv, LeakyReLU], then [conv, norm, activation] each, then [conv, tanh]
    downs = numbered(layers, "down_{}_conv")
    ups = numbered(layers, "up_{}_conv")
    stages = [
        *(f"down_{i}" for i in range(2, downs + 1)),
        "middle",
        *(f"up_{i}" for i in range(ups)),
    ]
    modules = {"main.0": layers["down_1_conv"]}
    for i, stage in enumerate(stages):
        modules[f"main.{3 * i + 2}"] = layers[f"{stage}_conv"]
        modules[f"main.{3 * i + 3}"] = layers[f"{stage}_norm"]
    modules[f"main.{3 * len(stages) + 2}"] = layers[f"up_{ups}_conv"]
    return modules


def _is_discriminator(layers):
    # CycleGAN's pads before its last layer.
    return (
        "logits" in layers
        and "conv_1_pad" in layers
        and "logits_pad" not in layers
    )


def _discriminator(layers, names):
    modules = {"main.0": layers["conv_1"]}
    position = 2
    for i in range(2, numbered(layers, "conv_{}") + 1):
        modules[f"main.{position}"] = layers[f"conv_{i}"]
        modules[f"main.{position + 1}"] = layers[f"norm_{i}"]
        position += 3
    modules[f"main.{position}"] = layers["logits"]
    return modules


NAME_MAPS = (
    NameMap("Context Encoder's generator", _is_generator, _generator),
    NameMap(
        "Context Encoder's discriminator", _is_discriminator, _discriminator
    ),
)
