"""The doctor: looks at training data before anything is trained.

A further check is a function in a module of `checks/`.
"""

from keras_gan_translate.data.doctor.diagnosis import Diagnosis, diagnose
from keras_gan_translate.data.doctor.finding import Finding
