"""Import of published reference checkpoints."""

from keras_gan_translate.checkpoints.importer import import_weights
