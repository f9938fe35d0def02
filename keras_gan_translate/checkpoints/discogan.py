"""Names in the authors' PyTorch code of DiscoGAN.

Source: SKTBrain/DiscoGAN, discogan/model.py, commit f0441787: Generator, with
and without its extra layers, and Discriminator. Its generator_B makes images
of B.
"""

from keras_gan_translate.checkpoints.name_map import NameMap, numbered

MODEL = "discogan"
PARTS = {
    "generator_A": "generator_ba",
    "generator_B": "generator_ab",
    "gen_A": "generator_ba",
    "gen_B": "generator_ab",
}


def recognise(shapes):
    """The arguments of `DiscoGAN` that follow from a generator's tensors."""
    plain = len(shapes.get("main.20.weight", ())) == 4
    extra = len(shapes.get("main.26.weight", ())) == 4
    if not (plain or extra) or "main.18.running_mean" not in shapes:
        return None
    filters = shapes["main.0.weight"][0]
    if plain and not extra:
        return {"filters": filters}
    return {"filters": filters, "bottleneck": shapes["main.11.weight"][0]}


def _is_generator(layers):
    return "up_4_deconv" in layers and "down_4_norm" in layers


def _generator(layers, names):
    # [conv, LeakyReLU], then [conv, norm, (Leaky)ReLU] each, then [conv]
    modules = {"main.0": layers["down_1_conv"]}
    stages = [("down_2", "conv"), ("down_3", "conv"), ("down_4", "conv")]
    if "narrow_conv" in layers:
        stages += [("narrow", "conv"), ("widen", "deconv")]
    stages += [("up_1", "deconv"), ("up_2", "deconv"), ("up_3", "deconv")]
    position = 2
    for name, kind in stages:
        modules[f"main.{position}"] = layers[f"{name}_{kind}"]
        modules[f"main.{position + 1}"] = layers[f"{name}_norm"]
        position += 3
    modules[f"main.{position}"] = layers["up_4_deconv"]
    return modules


def _is_discriminator(layers):
    return (
        "to_unit_range" in layers
        and "layer_3_norm" in layers
        and "layer_5_conv" not in layers
    )


def _discriminator(layers, names):
    count = numbered(layers, "layer_{}_conv")
    modules = {f"conv{count + 1}": layers["logits"]}
    for i in range(1, count + 1):
        modules[f"conv{i}"] = layers[f"layer_{i}_conv"]
        if i > 1:
            modules[f"bn{i}"] = layers[f"layer_{i}_norm"]
    return modules


NAME_MAPS = (
    NameMap("DiscoGAN's generator", _is_generator, _generator),
    NameMap("DiscoGAN's discriminator", _is_discriminator, _discriminator),
)
