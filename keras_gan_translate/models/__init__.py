"""One file per paper; one line here for each."""

from keras_gan_translate.models.cartoongan import CartoonGAN
from keras_gan_translate.models.cogan import CoGAN
from keras_gan_translate.models.contextencoder import ContextEncoder
from keras_gan_translate.models.cyclegan import CycleGAN
from keras_gan_translate.models.deepfillv1 import DeepFillV1
from keras_gan_translate.models.deepfillv2 import DeepFillV2
from keras_gan_translate.models.discogan import DiscoGAN
from keras_gan_translate.models.distilled import Distilled
from keras_gan_translate.models.drit import DRIT
from keras_gan_translate.models.edgeconnect import EdgeConnect
from keras_gan_translate.models.elegant import ELEGANT
from keras_gan_translate.models.exgan import ExGAN
from keras_gan_translate.models.faststyle import FastStyle
from keras_gan_translate.models.munit import MUNIT
from keras_gan_translate.models.pennet import PENNet
from keras_gan_translate.models.pirec import PIREC
from keras_gan_translate.models.pix2pix import Pix2Pix
from keras_gan_translate.models.pix2pixhd import Pix2PixHD
from keras_gan_translate.models.pixeldtgan import PixelDTGAN
from keras_gan_translate.models.relgan import RelGAN
from keras_gan_translate.models.scfegan import SCFEGAN
from keras_gan_translate.models.scgan import SCGAN
from keras_gan_translate.models.spade import SPADE
from keras_gan_translate.models.srgan import SRGAN
from keras_gan_translate.models.stargan import StarGAN
from keras_gan_translate.models.stgan import STGAN
from keras_gan_translate.models.ugatit import UGATIT

__all__ = [name for name, value in vars().items() if isinstance(value, type)]
