"""Names in the authors' TensorFlow code of SC-FEGAN.

Source: run-youngjoo/SC-FEGAN, model.py and ops.py, commit 1f9d47f: variables
of "generator". Its checkpoint also holds the biases of transposed convolutions
whose result is not used.
"""

import keras

from keras_gan_translate.checkpoints.layouts import Renamed
from keras_gan_translate.checkpoints.name_map import NameMap

MODEL = "scfegan"


def recognise(shapes):
    """The arguments of `SCFEGAN` that follow from a generator's tensors."""
    for prefix in ("", "generator/"):
        kernel = shapes.get(f"{prefix}gconv1_ds/kernel")
        if kernel is not None and f"{prefix}deconv7/biases2" in shapes:
            return {"filters": kernel[-1]}
    return None


def _is_generator(layers):
    return "gconv14_g" in layers and "co_conv4_dlt" in layers


def _generator(layers, names):
    # They are below "generator/", unless that was taken off.
    prefix = "generator/" if "generator/gconv14/kernel" in names else ""
    modules = {}
    for name, layer in layers.items():
        if isinstance(layer, keras.layers.Conv2DTranspose):
            modules[prefix + name] = Renamed(
                layer, {"kernel": "w", "bias": "biases1"}, ("biases2",)
            )
        elif isinstance(layer, keras.layers.Conv2D):
            modules[prefix + name] = layer
    return modules


NAME_MAPS = (
    NameMap("SC-FEGAN's generator", _is_generator, _generator, "tensorflow"),
)
