"""How good images are; one metric per file, and `judge` for all of them."""

from keras_gan_translate.metrics.density_coverage import density_coverage
from keras_gan_translate.metrics.diversity import diversity
from keras_gan_translate.metrics.features import Features, open_features
from keras_gan_translate.metrics.flicker import FlickerMeter, flicker
from keras_gan_translate.metrics.frechet import (
    frechet_distance,
    frechet_distance_infinity,
)
from keras_gan_translate.metrics.judge import Score, judge
from keras_gan_translate.metrics.kernel import (
    kernel_distance,
    kernel_distance_of_subsets,
)
from keras_gan_translate.metrics.lpips import LPIPS
from keras_gan_translate.metrics.optical_flow import optical_flow
from keras_gan_translate.metrics.precision_recall import precision_recall
from keras_gan_translate.metrics.psnr import psnr
from keras_gan_translate.metrics.resize import resize_antialiased
from keras_gan_translate.metrics.retrieval import retrieval
from keras_gan_translate.metrics.ssim import ssim
from keras_gan_translate.metrics.style_accuracy import style_accuracy
