"""Names in the authors' PyTorch code of SPADE (GauGAN).

Source: NVlabs/SPADE, models/networks, commit fecacc92: SPADEGenerator without
a style, MultiscaleDiscriminator, ConvEncoder.
"""

from keras_gan_translate.checkpoints.layouts import AfterFlatten
from keras_gan_translate.checkpoints.name_map import NameMap, numbered

MODEL = "spade"


def recognise(shapes):
    """The arguments of `SPADE` that follow from a generator's tensors."""
    first = shapes.get("fc.weight", ())
    # A style's dense layer has two axes.
    if "head_0.norm_0.mlp_gamma.weight" not in shapes or len(first) != 4:
        return None
    return {
        # The last plane is that of the edges.
        "classes": tuple(map(str, range(first[1] - 1))),
        "filters": first[0] // 16,
        "hidden_filters": shapes["head_0.norm_0.mlp_shared.0.weight"][0],
        "num_ups": 7 if "up_4.conv_0.bias" in shapes else 5,
        "style_size": 0,
    }


def _is_generator(layers):
    return "first_conv" in layers and "head_0_norm_0_gamma" in layers


def _generator(layers, names):
    modules = {"fc": layers["first_conv"], "conv_img": layers["last_conv"]}
    for name in layers:
        stage, _, part = name.rpartition("_conv_")
        if not stage or part not in ("0", "1", "s"):
            continue
        theirs = f"G_{stage}" if stage.startswith("middle") else stage
        norm = f"{stage}_norm_{part}"
        modules[f"{theirs}.conv_{part}"] = layers[name]
        inside = f"{theirs}.norm_{part}"
        modules[f"{inside}.param_free_norm"] = layers[norm]
        modules[f"{inside}.mlp_shared.0"] = layers[f"{norm}_shared"]
        modules[f"{inside}.mlp_gamma"] = layers[f"{norm}_gamma"]
        modules[f"{inside}.mlp_beta"] = layers[f"{norm}_beta"]
    return modules


def _is_discriminator(layers):
    return "scale_0_conv_1" in layers and "scale_0_conv_2" in layers


def _discriminator(layers, names):
    modules = {}
    for scale in range(1 + numbered(layers, "scale_{}_conv_1")):
        theirs = f"discriminator_{scale}.model"
        count = numbered(layers, f"scale_{scale}_conv_{{}}")
        modules[f"{theirs}0.0"] = layers[f"scale_{scale}_conv_1"]
        for i in range(2, count + 1):  # [[conv, norm], LeakyReLU]
            modules[f"{theirs}{i - 1}.0.0"] = layers[f"scale_{scale}_conv_{i}"]
        modules[f"{theirs}{count}.0"] = layers[f"scale_{scale}_logits"]
    return modules


def _is_encoder(layers):
    return "encoder_1_conv" in layers and "log_variance" in layers


def _encoder(layers, names):
    modules = {
        f"layer{i}.0": layers[f"encoder_{i}_conv"]
        for i in range(1, numbered(layers, "encoder_{}_conv") + 1)
    }
    shape = layers["flatten"].input.shape[1:]
    modules["fc_mu"] = AfterFlatten(layers["mean"], shape)
    modules["fc_var"] = AfterFlatten(layers["log_variance"], shape)
    return modules


NAME_MAPS = (
    NameMap("SPADE's generator", _is_generator, _generator),
    NameMap("SPADE's discriminators", _is_discriminator, _discriminator),
    NameMap("SPADE's encoder", _is_encoder, _encoder),
)
