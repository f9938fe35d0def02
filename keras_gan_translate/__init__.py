"""Image-to-image translation GANs for Keras 3.

import keras_gan_translate as kgt

model = kgt.create_model("ugatit", image_size=128)
model.compile()
model.fit(kgt.data.unpaired("selfie2anime", image_size=128), epochs=100)
anime = model.translate(selfie)
"""

import pathlib
import sys

from keras_gan_translate.support.version import __version__

# The command line answers `--help` without waiting for Keras; its verbs
# import what they need. "-m" is what Python calls itself when it looks for a
# package to run.
_COMMANDS = ("kgt", "keras-gan-translate", "-m")

if pathlib.PurePath(*sys.argv[:1]).name not in _COMMANDS:
    from keras_gan_translate import (
        callbacks,
        checkpoints,
        data,
        layers,
        losses,
        metrics,
        models,
        networks,
    )
    from keras_gan_translate.engine.optimizers import (
        Adam,
        LinearDecay,
        MultiOptimizer,
    )
    from keras_gan_translate.gan import GAN
    from keras_gan_translate.models import *  # noqa: F403
    from keras_gan_translate.zoo import create_model, list_models
