"""Callbacks for `fit`; each needs nothing but the contract of `GAN`."""

from keras_gan_translate.callbacks.evaluate import Evaluate
from keras_gan_translate.callbacks.follow_teacher import FollowTeacher
from keras_gan_translate.callbacks.keep_finite import KeepFinite
from keras_gan_translate.callbacks.keep_translators import KeepTranslators
from keras_gan_translate.callbacks.resume import Resume
from keras_gan_translate.callbacks.sample_grid import SampleGrid, sample_grid
from keras_gan_translate.callbacks.time_limit import TimeLimit
