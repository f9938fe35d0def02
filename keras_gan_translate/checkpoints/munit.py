"""Names in the authors' PyTorch code of MUNIT.

Source: NVlabs/MUNIT, networks.py, commit a82e222b: AdaINGen and MsImageDis. A
file of its training run, such as gen_01000000.pt, holds the state dicts "a"
and "b". The running statistics of its AdaIN never move and are not used.
"""

from keras_gan_translate.checkpoints.layouts import Renamed
from keras_gan_translate.checkpoints.name_map import (
    NameMap,
    modules_at_scales,
    numbered,
)

MODEL = "munit"
PARTS = {
    "a": "generator_a",
    "b": "generator_b",
    "gen_a": "generator_a",
    "gen_b": "generator_b",
}


def recognise(shapes):
    """The arguments of `MUNIT` that follow from a generator's tensors."""
    if "enc_content.model.0.conv.weight" not in shapes:
        return None
    units, style_size = shapes["mlp.model.0.fc.weight"]
    return {
        "filters": shapes["enc_content.model.0.conv.weight"][0],
        "num_blocks": sum(
            name.startswith("dec.model.0.")
            and name.endswith(".model.0.conv.weight")
            for name in shapes
        ),
        "style_size": style_size,
        "style_units": units,
    }


def _is_generator(layers):
    return {"content", "style", "decoder"} <= layers.keys()


def _generator(layers, names):
    content, style, decoder = (
        {layer.name: layer for layer in layers[part].layers}
        for part in ("content", "style", "decoder")
    )
    modules = {
        "enc_content.model.0.conv": content["stem_conv"],
        "enc_style.model.0.conv": style["stem_conv"],
        "mlp.model.0.fc": decoder["style_dense_1"],
        "mlp.model.1.fc": decoder["style_dense_2"],
        "mlp.model.2.fc": decoder["style_parameters"],
    }
    for i in (1, 2):
        modules[f"enc_content.model.{i}.conv"] = content[f"down_{i}_conv"]
    for i in range(1, numbered(content, "block_{}_add") + 1):
        for part in (1, 2):
            block = f"model.{i - 1}.model.{part - 1}"
            ours = f"block_{i}_conv_{part}"
            modules[f"enc_content.model.3.{block}.conv"] = content[ours]
            modules[f"dec.model.0.{block}.conv"] = decoder[ours]
            norm = decoder[f"block_{i}_norm_{part}"]
            modules[f"dec.model.0.{block}.norm"] = norm
    downs = numbered(style, "down_{}_conv")
    for i in range(1, downs + 1):
        modules[f"enc_style.model.{i}.conv"] = style[f"down_{i}_conv"]
    # The pooling stands between.
    modules[f"enc_style.model.{downs + 2}"] = style["code"]
    for i in (1, 2):  # [upsampling, conv] each
        norm = Renamed(
            decoder[f"up_{i}_norm"], {"weight": "gamma", "bias": "beta"}
        )
        modules[f"dec.model.{2 * i}.norm"] = norm
        modules[f"dec.model.{2 * i}.conv"] = decoder[f"up_{i}_conv"]
    modules["dec.model.5.conv"] = decoder["head_conv"]
    return modules


def _is_discriminator(layers):
    return "scale_1_conv_1" in layers and "scale_1_norm_2" not in layers


def _discriminator(layers, names):
    return modules_at_scales(layers, "cnns", "conv")


NAME_MAPS = (
    NameMap("MUNIT's auto-encoder", _is_generator, _generator),
    NameMap("MUNIT's discriminator", _is_discriminator, _discriminator),
)
