"""Import of published reference checkpoints."""

from keras_gan_translate.checkpoints.importer import import_weights
from keras_gan_translate.checkpoints.recognised import (
    Recognised,
    load_translator,
    recognise,
)
from keras_gan_translate.checkpoints.sources import read_source
