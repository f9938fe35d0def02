"""How far images are from what they should be; one metric per file."""

from keras_gan_translate.metrics.psnr import psnr
from keras_gan_translate.metrics.ssim import ssim
