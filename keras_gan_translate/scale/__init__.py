"""Images by the million: shards that are written once, on many machines."""

from keras_gan_translate.scale.cost import cost_per_million
from keras_gan_translate.scale.translating import translate_shards
