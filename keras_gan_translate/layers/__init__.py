"""The layers of the translation networks, in `keras.ops` alone."""

from keras_gan_translate.layers.adain import AdaIN
from keras_gan_translate.layers.adalin import AdaLIN
from keras_gan_translate.layers.aligned_upsampling import (
    AlignedUpsampling2D,
    resize_aligned,
)
from keras_gan_translate.layers.append_vector import AppendVector
from keras_gan_translate.layers.attention_transfer import AttentionTransfer
from keras_gan_translate.layers.average_downsampling import (
    AverageDownsampling2D,
)
from keras_gan_translate.layers.bilinear_upsampling import (
    BilinearUpsampling2D,
)
from keras_gan_translate.layers.cam import CAM
from keras_gan_translate.layers.canny_edges import CannyEdges
from keras_gan_translate.layers.channel_shuffle import ChannelShuffle
from keras_gan_translate.layers.channel_unit_norm import (
    ChannelUnitNormalization,
)
from keras_gan_translate.layers.contextual_attention import ContextualAttention
from keras_gan_translate.layers.deviation_layer_norm import (
    DeviationLayerNormalization,
)
from keras_gan_translate.layers.dilated_convolution import DilatedConv2D
from keras_gan_translate.layers.image_pool import ImagePool
from keras_gan_translate.layers.instance_edges import InstanceEdges
from keras_gan_translate.layers.instance_norm import InstanceNormalization
from keras_gan_translate.layers.lab import LabToRGB, RGBToLab
from keras_gan_translate.layers.layer_instance_norm import (
    LayerInstanceNormalization,
)
from keras_gan_translate.layers.nearest_upsampling import NearestUpsampling2D
from keras_gan_translate.layers.part import Part
from keras_gan_translate.layers.pixel_shuffle import PixelShuffle2D
from keras_gan_translate.layers.reach import Reach
from keras_gan_translate.layers.reflection_padding import ReflectionPadding2D
from keras_gan_translate.layers.response_norm import ResponseNormalization
from keras_gan_translate.layers.scalar_layer_norm import (
    ScalarLayerNormalization,
)
from keras_gan_translate.layers.spectral_normalization import (
    SpectralConv2D,
    SpectralConv2DTranspose,
    SpectralDense,
)
from keras_gan_translate.layers.switchable_norm import SwitchableNormalization
from keras_gan_translate.layers.unit_interval import UnitInterval
