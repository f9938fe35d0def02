"""Names in the authors' PyTorch code of RelGAN.

Source: elvisyjlin/RelGAN-PyTorch, nn.py, commit 8e432d01: G and D. Their D is
our discriminator and matcher: `convs_cls` is the latter.
"""

from keras_gan_translate.checkpoints.name_map import NameMap, numbered

MODEL = "relgan"
PARTS = {"G": "generator"}


def recognise(shapes):
    """The arguments of `RelGAN` that follow from a generator's tensors."""
    if "resb.0.f.1.mean_weight" not in shapes:
        return None
    filters, channels, *_ = shapes["conv_in.0.weight"]
    return {
        "filters": filters,
        "num_blocks": sum(n.endswith(".f.0.weight") for n in shapes),
        # Their names are not stored.
        "attributes": tuple(f"attribute_{i + 1}" for i in range(channels - 3)),
    }


def _is_generator(layers):
    return "append_change" in layers and "up_2_deconv" in layers


def _generator(layers, names):
    # [conv, norm, ReLU] each
    stages = {"conv_in": "stem", "down1": "down_1", "down2": "down_2"}
    modules = {"conv_out.0": layers["head_conv"]}
    for theirs, ours in stages.items():
        modules[f"{theirs}.0"] = layers[f"{ours}_conv"]
        modules[f"{theirs}.1"] = layers[f"{ours}_norm"]
    for i in range(numbered(layers, "block_{}_conv_1")):
        # [conv, norm, ReLU, conv, norm]
        for j in (1, 2):
            modules[f"resb.{i}.f.{3 * j - 3}"] = layers[
                f"block_{i + 1}_conv_{j}"
            ]
            modules[f"resb.{i}.f.{3 * j - 2}"] = layers[
                f"block_{i + 1}_norm_{j}"
            ]
    for theirs, ours in (("up2", "up_1"), ("up1", "up_2")):
        modules[f"{theirs}.0"] = layers[f"{ours}_deconv"]
        modules[f"{theirs}.1"] = layers[f"{ours}_norm"]
    return modules


def _is_discriminator(layers):
    return "amount_conv" in layers and "layer_1_conv" in layers


def _discriminator(layers, names):
    modules = {"conv_adv": layers["logits"], "conv_int": layers["amount_conv"]}
    for i in range(numbered(layers, "layer_{}_conv")):
        # [conv, LeakyReLU]
        modules[f"convs.{2 * i}"] = layers[f"layer_{i + 1}_conv"]
    return modules


def _is_matcher(layers):
    return "match_conv" in layers


def _matcher(layers, names):
    return {
        "convs_cls.0": layers["match_conv"],
        "convs_cls.2": layers["match_logits"],
    }


NAME_MAPS = (
    NameMap("RelGAN's generator", _is_generator, _generator),
    NameMap("RelGAN's discriminator", _is_discriminator, _discriminator),
    NameMap("RelGAN's matching discriminator", _is_matcher, _matcher),
)
