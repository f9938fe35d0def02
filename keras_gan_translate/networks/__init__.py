"""Generators and discriminators: functions that return a `keras.Model`."""

from keras_gan_translate.networks.completed import complete, completed_model
from keras_gan_translate.networks.dcgan import (
    dcgan_autoencoder,
    dcgan_discriminator,
)
from keras_gan_translate.networks.deepfill import (
    deepfill_generator,
    plain_generator,
)
from keras_gan_translate.networks.edgeconnect import (
    dilated_trunk,
    edge_discriminator,
)
from keras_gan_translate.networks.features import last_features
from keras_gan_translate.networks.mobile import mobile_unet
from keras_gan_translate.networks.multiscale import (
    features_of,
    multiscale_discriminator,
)
from keras_gan_translate.networks.outputs import image_of, logits_of
from keras_gan_translate.networks.patch import (
    patch_discriminator,
    pixel_discriminator,
)
from keras_gan_translate.networks.pyramid import pyramid_discriminator
from keras_gan_translate.networks.resnet import resnet_generator
from keras_gan_translate.networks.spectral_patch import (
    judge_both,
    spectral_patch_discriminator,
)
from keras_gan_translate.networks.style import style_encoder
from keras_gan_translate.networks.unet import unet_generator
