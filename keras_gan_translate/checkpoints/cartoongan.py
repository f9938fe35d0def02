"""Names in two implementations of CartoonGAN's generator.

Sources: Yijunmaverick/CartoonGAN-Test-Pytorch-Torch, network/Transformer.py,
commit e0414a32, the paper's, of which the authors published four styles; and
the TensorFlow 2 checkpoints in mnicnc404/CartoonGan-tensorflow, commit
2f26a525, of the light one.
"""

from keras_gan_translate.checkpoints.layouts import BlueGreenRed, Renamed
from keras_gan_translate.checkpoints.name_map import NameMap, numbered

MODEL = "cartoongan"


def recognise(shapes):
    """The arguments of `CartoonGAN` that follow from a generator's tensors."""

    def count(pattern):
        return sum(pattern.format(i) in shapes for i in range(100))

    if "conv01_1.weight" in shapes and "deconv03_1.weight" in shapes:
        return {
            "filters": shapes["conv01_1.weight"][0],
            # conv01 to conv03 are the stem and the halvings.
            "num_blocks": count("conv{:02}_1.weight") - 3,
            "light": False,
        }
    if "flat_conv1/model/layer-1/kernel" in shapes:
        return {
            "filters": shapes["flat_conv1/model/layer-1/kernel"][-1],
            "num_blocks": count(
                "residual_blocks/layer-{}/model/layer-0/kernel"
            ),
            "light": True,
        }
    return None


def _is_generator(layers):
    return "down_1_norm" in layers and "up_1_conv_2" in layers


def _norm(layer):
    return Renamed(layer, {"weight": "scale", "bias": "shift"})


def _generator(layers, names):
    # Images are BGR there; "in" stands for instance normalization.
    modules = {
        "conv01_1": BlueGreenRed(layers["stem_conv"]),
        "in01_1": _norm(layers["stem_norm"]),
        "deconv03_1": BlueGreenRed(layers["head_conv"], makes_images=True),
    }
    blocks = numbered(layers, "block_{}_add")
    for i in (1, 2):
        down, up = f"{i + 1:02}", f"{i:02}"
        modules[f"in{down}_1"] = _norm(layers[f"down_{i}_norm"])
        modules[f"in{blocks + 3 + i:02}_1"] = _norm(layers[f"up_{i}_norm"])
        for part in (1, 2):
            modules[f"conv{down}_{part}"] = layers[f"down_{i}_conv_{part}"]
            modules[f"deconv{up}_{part}"] = layers[f"up_{i}_conv_{part}"]
    for i in range(1, blocks + 1):
        for part in (1, 2):
            number = f"{i + 3:02}_{part}"
            modules[f"conv{number}"] = layers[f"block_{i}_conv_{part}"]
            modules[f"in{number}"] = _norm(layers[f"block_{i}_norm_{part}"])
    return modules


def _is_light_generator(layers):
    return "down_1_shuffle" in layers and "up_1_bilinear" in layers


def _light_generator(layers, names):
    modules = {
        "flat_conv1/model/layer-1": layers["stem_conv"],
        "flat_conv1/model/layer-2": layers["stem_norm"],
        "final_conv/layer-1": layers["head_conv"],
    }
    for i in (1, 2):
        down, up = f"down_conv{i}", f"up_conv{i}/model"
        # [depthwise, norm, conv] beside [conv, norm, ReLU, depthwise, norm,
        # conv], then [norm, ReLU]
        modules |= _inner(layers, f"down_{i}", f"{down}/r_model")
        modules |= {
            f"{down}/l_model/layer-0": _depthwise(layers, f"down_{i}_left"),
            f"{down}/l_model/layer-1": layers[f"down_{i}_left_norm_2"],
            f"{down}/l_model/layer-2": layers[f"down_{i}_left_conv"],
            f"{down}/bn_act/layer-0": layers[f"down_{i}_norm_3"],
        }
        # [conv, unit]
        modules[f"{up}/layer-0"] = layers[f"up_{i}_conv"]
        modules |= _unit(layers, f"up_{i}", f"{up}/layer-1/model")
    for i in range(1, numbered(layers, "block_{}_shuffle") + 1):
        stored = f"residual_blocks/layer-{i - 1}/model"
        modules |= _unit(layers, f"block_{i}", stored)
    return modules


def _unit(layers, name, stored):
    # [conv, norm, ReLU, depthwise, norm, conv, norm, ReLU]
    last = {f"{stored}/layer-6": layers[f"{name}_norm_3"]}
    return _inner(layers, name, stored) | last


def _inner(layers, name, stored):
    return {
        f"{stored}/layer-0": layers[f"{name}_conv_1"],
        f"{stored}/layer-1": layers[f"{name}_norm_1"],
        f"{stored}/layer-3": _depthwise(layers, name),
        f"{stored}/layer-4": layers[f"{name}_norm_2"],
        f"{stored}/layer-5": layers[f"{name}_conv_2"],
    }


def _depthwise(layers, name):
    return Renamed(layers[f"{name}_depthwise"], {"kernel": "depthwise_kernel"})


NAME_MAPS = (
    NameMap("CartoonGAN's generator", _is_generator, _generator),
    NameMap(
        "CartoonGAN's light generator",
        _is_light_generator,
        _light_generator,
        "tensorflow",
    ),
)
