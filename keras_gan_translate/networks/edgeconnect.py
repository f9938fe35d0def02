"""EdgeConnect's networks: generators of edges and images, discriminators."""

import keras

from keras_gan_translate import layers
from keras_gan_translate.networks.blocks import (
    convolution,
    normalize,
    residual_block,
    transposed_convolution,
)


def edge_generator(filters=64, num_blocks=8):
    """G_1, with spectral norms (section 3.1 and appendix A).

    Args:
        filters: width of the first layer.
        num_blocks: residual blocks.

    Returns:
        A `keras.Model` from (N, H, W, 3), gray in [0, 1] and edges, both
        without the hole, and the hole, to float32 edges (N, H, W, 1) in
        [0, 1].
    """
    x = image = keras.Input((None, None, 3), name="input")
    x = dilated_trunk(x, filters, num_blocks, spectral=True)
    x = convolution(x, 1, 7, padding="reflect", name="head_conv")
    x = keras.layers.Activation("sigmoid", dtype="float32", name="edges")(x)
    return keras.Model(image, x, name="edge_generator")


def inpainting_generator(filters=64, num_blocks=8):
    """G_2 (section 3.2 and appendix A).

    Args:
        filters: width of the first layer.
        num_blocks: residual blocks.

    Returns:
        A `keras.Model` from (N, H, W, 4), images in [0, 1] without the hole,
        and all edges, to float32 images (N, H, W, 3) in [-1, 1].
    """
    x = image = keras.Input((None, None, 4), name="input")
    x = dilated_trunk(x, filters, num_blocks)
    x = convolution(x, 3, 7, padding="reflect", name="head_conv")
    x = keras.layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model(image, x, name="generator")


def dilated_trunk(x, filters, num_blocks, spectral=False, bilinear=False):
    """A generator without its last layer: residual blocks that look far.

    Halved twice, and doubled twice; the first convolution of each block
    leaves out every other pixel.

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
        x = residual_block(
            x,
            f"block_{i}",
            normalization="instance",
            use_bias=not spectral,
            initializer="normal",
            dilation_rate=2,
            spectral=spectral,
        )
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


def edge_discriminator(channels, filters=64, name="edge_discriminator"):
    """A discriminator of 70x70 patches, with spectral norms (section 3.1).

    Args:
        channels: of the input: 2 for gray and edges, 3 for images.
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
