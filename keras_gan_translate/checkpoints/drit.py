"""Names in the authors' PyTorch code of DRIT.

Source: HsinYingLee/DRIT, src/networks.py, commit f19f50a8: E_content,
E_attr_concat and G_concat, E_attr and G, MultiScaleDis and Dis_content. A file
of its training run holds the state dicts enc_c, enc_a, gen, disA, disA2, disB,
disB2 and disContent.
"""

from keras_gan_translate.checkpoints.layouts import Widened
from keras_gan_translate.checkpoints.name_map import (
    NameMap,
    modules_at_scales,
    numbered,
)

MODEL = "drit"
PARTS = {
    "enc_c": "content_encoder",
    "gen": "decoder",
    "enc_a": "style_encoder",
}
DOMAINS = (("a", "A"), ("b", "B"))


def recognise(shapes):
    """The arguments of `DRIT` that follow from a network's tensors."""

    def count(pattern):
        return sum(pattern.format(i) in shapes for i in range(100))

    if "convA.0.model.1.weight" in shapes:
        return {
            "filters": shapes["convA.0.model.1.weight"][0],
            "num_blocks": count("convA.{}.model.5.weight"),
        }
    if "dec_share.0.model.1.weight" in shapes:
        channels = shapes["dec_share.0.model.1.weight"][0]
        return {
            "filters": channels // 4,
            "num_blocks": count("decA1.{}.model.5.weight"),
            "style_size": shapes["decA1.0.model.1.weight"][0] - channels,
            "concat": True,
        }
    if "mlpA.0.weight" in shapes:
        channels, style_size = shapes["mlpA.0.weight"]
        return {
            "filters": channels // 4,
            "num_blocks": count("decA{}.conv1.0.1.weight") - 1,
            "style_size": style_size,
            "concat": False,
        }
    return None


def _inside(network):
    return {layer.name: layer for layer in network.layers}


def _block(theirs, layers, ours):
    # [pad, conv, norm, ReLU, pad, conv, norm]
    return {
        f"{theirs}.model.1": layers[f"{ours}_conv_1"],
        f"{theirs}.model.5": layers[f"{ours}_conv_2"],
    }


def _is_content_encoder(layers):
    return "content_a" in layers and "content_b" in layers


def _content_encoder(layers, names):
    modules = {}
    for ours, theirs in DOMAINS:
        inner = _inside(layers[f"content_{ours}"])
        modules[f"conv{theirs}.0.model.1"] = inner["stem_conv"]
        for i in (1, 2):
            modules[f"conv{theirs}.{i}.model.1"] = inner[f"down_{i}_conv"]
        for i in range(1, numbered(inner, "block_{}_add") + 1):
            modules |= _block(f"conv{theirs}.{i + 2}", inner, f"block_{i}")
        shared = _inside(inner["shared_content"])
        modules |= _block("conv_share.0", shared, "block")
    return modules


def _is_style_encoder(layers):
    return "style_a" in layers and "style_b" in layers


def _style_encoder(layers, names):
    modules = {}
    for ours, theirs in DOMAINS:
        inner = _inside(layers[f"style_{ours}"])
        if "mean" not in inner:
            # [pad, conv, ReLU] each, then [pooling, conv]
            stages = ["stem", *(f"down_{i}" for i in range(1, 5))]
            for i, stage in enumerate(stages):
                modules[f"model_{ours}.{3 * i + 1}"] = inner[f"{stage}_conv"]
            modules[f"model_{ours}.{3 * len(stages) + 1}"] = inner["code"]
            continue
        modules[f"conv_{theirs}.1"] = inner["stem_conv"]
        for i in range(1, numbered(inner, "block_{}_add") + 1):
            block = f"conv_{theirs}.{i + 1}"
            # [LeakyReLU, pad, conv, LeakyReLU, [pad, conv, pooling]]
            modules[f"{block}.conv.2"] = inner[f"block_{i}_conv_1"]
            modules[f"{block}.conv.4.1"] = inner[f"block_{i}_conv_2"]
            shortcut = inner[f"block_{i}_shortcut_conv"]
            modules[f"{block}.shortcut.1"] = shortcut
        modules[f"fc_{theirs}.0"] = inner["mean"]
        modules[f"fcVar_{theirs}.0"] = inner["log_variance"]
    return modules


def _is_decoder(layers):
    return "decoder_a" in layers and "decoder_b" in layers


def _decoder(layers, names):
    modules = {}
    for ours, theirs in DOMAINS:
        inner, dec = _inside(layers[f"decoder_{ours}"]), f"dec{theirs}"
        blocks = numbered(inner, "block_{}_add")
        if "shared_decoder" in inner:
            shared = _inside(inner["shared_decoder"])
            modules |= _block("dec_share.0", shared, "block")
            for i in range(1, blocks + 1):
                modules |= _block(f"{dec}1.{i - 1}", inner, f"block_{i}")
            ups, head = (f"{dec}2.0", f"{dec}3.0"), f"{dec}4.0"
        else:
            for i, name in enumerate(("dense_1", "dense_2", "vectors")):
                modules[f"mlp{theirs}.{2 * i}"] = inner[f"style_{name}"]
            for i in range(1, blocks + 1):
                for part in (1, 2):
                    block, name = f"{dec}{i}", f"block_{i}_{part}"
                    modules[f"{block}.conv{part}.0.1"] = inner[f"{name}_conv"]
                    for j in (1, 2):
                        module = f"{block}.blk{part}.{2 * j - 2}"
                        modules[module] = inner[f"{name}_mix_{j}"]
            last = f"{dec}{blocks + 1}"
            ups, head = (f"{last}.0", f"{last}.1"), f"{last}.2"
        for i, up in enumerate(ups, 1):  # [transposed conv, norm, ReLU]
            modules[f"{up}.model.0"] = inner[f"up_{i}_deconv"]
            modules[f"{up}.model.1"] = Widened(inner[f"up_{i}_norm"])
        modules[head] = inner["head_deconv"]
    return modules


def _is_discriminator(layers):
    return "scale_1_conv_1" in layers and "scale_1_norm_2" not in layers


def _discriminator(layers, names):
    # [pad, conv, LeakyReLU] each
    return modules_at_scales(layers, "Diss", "model.1")


def _is_content_discriminator(layers):
    return "content" in layers and "layer_1_conv" in layers


def _content_discriminator(layers, names):
    count = numbered(layers, "layer_{}_conv")
    modules = {f"model.{count}": layers["logits"]}
    for i in range(count):
        modules[f"model.{i}.model.1"] = layers[f"layer_{i + 1}_conv"]
    return modules


NAME_MAPS = (
    NameMap("DRIT's content encoder", _is_content_encoder, _content_encoder),
    NameMap("DRIT's attribute encoder", _is_style_encoder, _style_encoder),
    NameMap("DRIT's decoder", _is_decoder, _decoder),
    NameMap("DRIT's discriminator", _is_discriminator, _discriminator),
    NameMap(
        "DRIT's content discriminator",
        _is_content_discriminator,
        _content_discriminator,
    ),
)
