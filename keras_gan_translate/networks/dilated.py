"""What EdgeConnect and PI-REC are made of."""

import keras

from keras_gan_translate import layers
from keras_gan_translate.networks.blocks import (
    convolution,
    normalize,
    transposed_convolution,
)


def dilated_trunk(x, filters, num_blocks, spectral=False, bilinear=False):
    """A generator without its last layer: residual blocks that look far.

    Halved twice, and doubled twice; the first convolution of each block
    leaves out every other pixel.

    Reference: Nazeri et al., "EdgeConnect", 2019, arXiv:1901.00212, appendix
    A.

    Args:
        x: what goes in, (N, H, W, channels), H and W divisible by 4.
        filters: width of the first layer.
        num_blocks: residual blocks.
        spectral: whether the kernels have spectral norms.
        bilinear: whether the first doubling is bilinear and a convolution, as
            PI-REC's, not a transposed one.

    Returns:
        Features (N, H, W, filters).
    """

    def finish(x, name):
        x = normalize(x, "instance", f"{name}_norm")
        return keras.layers.ReLU(name=f"{name}_relu")(x)

    reflect = {"padding": "reflect", "spectral": spectral}
    x = convolution(x, filters, 7, name="stem_conv", **reflect)
    x = finish(x, "stem")
    for i in (1, 2):
        x = convolution(
            x,
            2**i * filters,
            4,
            strides=2,
            spectral=spectral,
            name=f"down_{i}_conv",
        )
        x = finish(x, f"down_{i}")
    for i in range(1, num_blocks + 1):
        y, options = x, reflect | {"use_bias": not spectral}
        for j, rate in ((1, 2), (2, 1)):
            y = convolution(
                y,
                4 * filters,
                3,
                dilation_rate=rate,
                name=f"block_{i}_conv_{j}",
                **options,
            )
            y = normalize(y, "instance", f"block_{i}_norm_{j}")
            if j == 1:
                y = keras.layers.ReLU(name=f"block_{i}_relu")(y)
        x = keras.layers.Add(name=f"block_{i}_add")([x, y])
    for i in (1, 2):
        width = 2 ** (2 - i) * filters
        if i == 1 and bilinear:
            x = layers.BilinearUpsampling2D(centres=True, name="up_1_double")(x)
            x = convolution(x, width, 3, name="up_1_conv", **reflect)
        else:
            x = transposed_convolution(
                x, width, 4, spectral=spectral, name=f"up_{i}_deconv"
            )
        x = finish(x, f"up_{i}")
    return x


def feature_discriminator(channels, filters=64, name="discriminator"):
    """A discriminator of 70x70 patches with spectral norms, and its features.

    Reference: Nazeri et al., "EdgeConnect", 2019, arXiv:1901.00212, section
    3.1.

    Args:
        channels: of the input: such as 3 for images.
        filters: width of the first layer.
        name: name of the model.

    Returns:
        A `keras.Model` from (N, H, W, channels), in [0, 1], to a list of the
        features of all five layers, of which the last are float32 logits.
    """
    x = image = keras.Input((None, None, channels), name="input")
    features = []
    for i, multiplier in enumerate((1, 2, 4, 8), 1):
        x = convolution(
            x,
            multiplier * filters,
            4,
            strides=2 if i < 4 else 1,
            use_bias=False,
            spectral=True,
            name=f"layer_{i}_conv",
        )
        x = keras.layers.LeakyReLU(0.2, name=f"layer_{i}_relu")(x)
        features.append(x)
    logits = convolution(
        x,
        1,
        4,
        use_bias=False,
        spectral=True,
        dtype="float32",
        name="layer_5_conv",
    )
    return keras.Model(image, [*features, logits], name=name)
