"""Names in the authors' TensorFlow code of DeepFill v2, and a PyTorch port.

Sources: JiahuiYu/generative_inpainting, inpaint_model.py, commit 3a532437
(variables of "inpaint_net"); nipponjo/deepfillv2-pytorch, commit 4899fd3.
"""

import keras

from keras_gan_translate.checkpoints.name_map import NameMap

MODEL = "deepfillv2"


NAMES = (
    ("allconv12.conv.weight", 0),
    ("allconv12/kernel", -1),
    ("inpaint_net/allconv12/kernel", -1),
)


def recognise(shapes):
    """The arguments of `DeepFillV2` that follow from a generator's tensors."""
    for name, axis in NAMES:
        # Half of the channels are gates, and go no further.
        if name in shapes and max(shapes[name]) == 2 * sorted(shapes[name])[-2]:
            return {"filters": shapes[name][axis] // 4}
    return None


def _is_generator(layers):
    return "pmconv6_gate" in layers and "attention" in layers


def convolutions(layers):
    """Those among layers by name."""
    return {
        name: layer
        for name, layer in layers.items()
        if isinstance(layer, keras.layers.Conv2D)
    }


def _torch(layers, names):
    return {
        name + (".conv.conv" if "upsample" in name else ".conv"): layer
        for name, layer in convolutions(layers).items()
    }


def tensorflow_modules(layers, names):
    """Also of the first version, which has other kernels of the same names."""
    return {
        f"{name}/{name}_conv" if "upsample" in name else name: layer
        for name, layer in convolutions(layers).items()
    }


NAME_MAPS = (
    NameMap("DeepFill v2's generator in PyTorch", _is_generator, _torch),
    NameMap(
        "DeepFill v2's generator",
        _is_generator,
        tensorflow_modules,
        "tensorflow",
    ),
)
