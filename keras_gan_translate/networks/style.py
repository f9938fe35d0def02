"""Encoders that read a style off an image."""

import keras

from keras_gan_translate.networks.blocks import convolution


def style_encoder(filters=64, style_size=8, initializer="he", name="style"):
    """An encoder of MUNIT and of DRIT: four halvings, then an average.

    It has no normalization, which would take the style away.

    References: Huang et al., "Multimodal Unsupervised Image-to-Image
    Translation", ECCV 2018, arXiv:1804.04732; Lee et al., "Diverse
    Image-to-Image Translation via Disentangled Representations", ECCV 2018,
    arXiv:1808.00948.

    Args:
        filters: Channels of the first layer.
        style_size: Components of a style.
        initializer: As of `blocks.initializers`.
        name: Name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, 3) in [-1, 1], H of 32 or more,
        to float32 styles (N, style_size).
    """
    image = keras.Input((None, None, 3), name="input")
    x = image
    for i in range(5):
        stage = f"down_{i}" if i else "stem"
        x = convolution(
            x,
            filters * min(2**i, 4),
            4 if i else 7,
            strides=2 if i else 1,
            padding="reflect",
            initializer=initializer,
            name=f"{stage}_conv",
        )
        x = keras.layers.ReLU(name=f"{stage}_relu")(x)
    x = keras.layers.GlobalAveragePooling2D(
        data_format="channels_last", keepdims=True, name="pool"
    )(x)
    x = convolution(
        x, style_size, 1, initializer=initializer, dtype="float32", name="code"
    )
    x = keras.layers.Flatten(dtype="float32", name="flatten")(x)
    return keras.Model(image, x, name=name)
