"""Images larger than memory allows: networks that run strip by strip."""

from keras_gan_translate.inference.tiling.strips import translate_strips
