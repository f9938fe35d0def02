"""Image-to-image translation GANs for Keras 3.

import keras_gan_translate as kgt

model = kgt.create_model("ugatit", image_size=128)
model.compile()
model.fit(kgt.data.unpaired("selfie2anime", image_size=128), epochs=100)
anime = model.translate(selfie)
"""

import os as _os
import pathlib as _pathlib
import sys as _sys

from keras_gan_translate.support.messages import near_matches as _near_matches
from keras_gan_translate.support.quiet import (
    quieten_tensorflow as _quieten_tensorflow,
)
from keras_gan_translate.support.version import __version__
from keras_gan_translate.support.version import check_keras as _check_keras

_check_keras()  # before it can be used

__all__ = ["__version__"]

# The command line answers `--help` without waiting for Keras; its verbs
# import what they need. "-m" is what Python calls itself when it looks for a
# package to run; ".exe" is what a script is on Windows.
_COMMANDS = ("kgt", "keras-gan-translate", "-m")
_program = _pathlib.PurePath(*_sys.argv[:1]).name.lower().removesuffix(".exe")

# Nor do processes of `scale` that only read files.
_READS = "KERAS_GAN_TRANSLATE_READS"

if _program not in _COMMANDS and _READS not in _os.environ:
    # What TensorFlow is made of is not told; its warnings and errors are.
    _quieten_tensorflow("1")

    from keras_gan_translate import (
        callbacks,
        checkpoints,
        data,
        fields,
        layers,
        losses,
        metrics,
        models,
        networks,
    )
    from keras_gan_translate.engine.devices import devices
    from keras_gan_translate.engine.optimizers import (
        Adam,
        LinearDecay,
        MultiOptimizer,
    )
    from keras_gan_translate.engine.translator import Translator
    from keras_gan_translate.gan import GAN
    from keras_gan_translate.loading import load
    from keras_gan_translate.models import *
    from keras_gan_translate.showing import show
    from keras_gan_translate.zoo import create_model, list_models

    __all__ += [
        "GAN",
        "Adam",
        "LinearDecay",
        "MultiOptimizer",
        "Translator",
        "callbacks",
        "checkpoints",
        "create_model",
        "data",
        "devices",
        "fields",
        "layers",
        "list_models",
        "load",
        "losses",
        "metrics",
        "models",
        "networks",
        "show",
    ]
    __all__ += models.__all__


def __dir__():
    return sorted(__all__)


def __getattr__(name):
    raise AttributeError(
        f"keras_gan_translate has no {name!r}.{_near_matches(name, __all__)}"
    )
