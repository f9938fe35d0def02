"""Names in the authors' PyTorch code of ELEGANT.

Source: Prinsphield/ELEGANT, nets.py, commit 26827e67: Encoder, Decoder and
Discriminator. How many attributes there are, and which, is in neither of the
first two: give `attributes`.
"""

from keras_gan_translate.checkpoints.layouts import AfterFlatten
from keras_gan_translate.checkpoints.name_map import NameMap, numbered

MODEL = "elegant"
PARTS = {"Enc": "encoder", "Dec": "decoder"}


def recognise(shapes):
    """The arguments of `ELEGANT` that follow from a network's tensors."""
    if "main.0.1.alpha" not in shapes or "main.4.0.weight" not in shapes:
        return None
    if "main.4.1.alpha" in shapes:  # the encoder, normalized to the end
        return {"filters": shapes["main.0.0.weight"][0]}
    return {"filters": shapes["main.4.0.weight"][0]}


def _is_encoder(layers):
    # SRGAN's discriminator has such layers, too, but no norm in the first.
    return all(
        f"layer_{i}_{part}" in layers
        for i in range(1, 6)
        for part in ("conv", "norm")
    )


def _encoder(layers, names):
    # [conv, norm, LeakyReLU] each
    return {
        f"main.{i}.{j}": layers[f"layer_{i + 1}_{part}"]
        for i in range(5)
        for j, part in enumerate(("conv", "norm"))
    }


def _is_decoder(layers):
    return "codes" in layers and "up_4_skip" in layers


def _decoder(layers, names):
    modules = {"main.4.0": layers["head_deconv"]}
    for i in range(4):
        modules[f"main.{i}.0"] = layers[f"up_{4 - i}_deconv"]
        modules[f"main.{i}.1"] = layers[f"up_{4 - i}_norm"]
    return modules


def _is_discriminator(layers):
    return "append_labels" in layers and "logits" in layers


def _discriminator(layers, names):
    shape = layers["flatten"].input.shape[1:]
    modules = {"linear.0": AfterFlatten(layers["logits"], shape)}
    for i in range(numbered(layers, "layer_{}_conv")):
        # [conv, norm, LeakyReLU]
        modules[f"conv.{3 * i}"] = layers[f"layer_{i + 1}_conv"]
        modules[f"conv.{3 * i + 1}"] = layers[f"layer_{i + 1}_norm"]
    return modules


NAME_MAPS = (
    NameMap("ELEGANT's encoder", _is_encoder, _encoder),
    NameMap("ELEGANT's decoder", _is_decoder, _decoder),
    NameMap("ELEGANT's discriminator", _is_discriminator, _discriminator),
)
