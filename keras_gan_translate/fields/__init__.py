"""What an entry of a batch is: one kind per file, which knows all of itself."""

from keras_gan_translate.fields.attributes import AttributeChange, Attributes
from keras_gan_translate.fields.code import Code
from keras_gan_translate.fields.columns import columns
from keras_gan_translate.fields.exemplar import Exemplar
from keras_gan_translate.fields.field import Field
from keras_gan_translate.fields.image import Image
from keras_gan_translate.fields.instances import Instances
from keras_gan_translate.fields.label import Label
from keras_gan_translate.fields.label_map import LabelMap
from keras_gan_translate.fields.mask import Mask
from keras_gan_translate.fields.sketch import Sketch, Strokes
