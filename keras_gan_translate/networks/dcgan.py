"""DCGAN's networks: down to four pixels, through a middle, and up again."""

import keras

from keras_gan_translate.networks.blocks import (
    convolution,
    initializers,
    normalize,
)


def dcgan_autoencoder(widths, middle=None, output_size=None, name="generator"):
    """A generator that halves images down to 4 pixels and makes others.

    Context Encoder's and PixelDTGAN's. No layer has a bias but those of the
    batch normalizations.

    References: Radford et al., "Unsupervised Representation Learning with
    Deep Convolutional Generative Adversarial Networks", ICLR 2016,
    arXiv:1511.06434; Pathak et al., "Context Encoders", CVPR 2016,
    arXiv:1604.07379; Yoo et al., "Pixel-Level Domain Transfer", ECCV 2016,
    arXiv:1603.07442.

    Args:
        widths: Channels of the layers, each of which halves height and width,
            from the first; the layers that double them mirror these.
        middle: Channels of the single position that the 4x4 remaining ones
            become; a function from these features to as many others; or None
            for nothing in between.
        output_size: Height and width of what it makes, a power of two; as
            large as its images if None.
        name: Name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, 3) in [-1, 1], H and W
        `4 * 2**len(widths)` pixels or multiples, to float32 images in [-1, 1].
        With a function in the middle they are of that size only.
    """
    side = 4 * 2 ** len(widths)
    ups = (output_size or side).bit_length() - 3
    fixed = callable(middle)
    image = keras.Input((side, side, 3) if fixed else (None, None, 3))
    x = image
    for i, width in enumerate(widths, 1):
        x = convolution(
            x, width, 4, strides=2, use_bias=False, name=f"down_{i}_conv"
        )
        if i > 1:
            x = normalize(x, "batch", f"down_{i}_norm")
        x = keras.layers.LeakyReLU(0.2, name=f"down_{i}_relu")(x)
    if fixed:
        x = normalize(middle(x), "batch", "up_0_norm")
        x = keras.layers.ReLU(name="up_0_relu")(x)
    elif middle:
        x = convolution(
            x, middle, 4, border=0, use_bias=False, name="middle_conv"
        )
        x = normalize(x, "batch", "middle_norm")
        x = keras.layers.LeakyReLU(0.2, name="middle_relu")(x)
        x = _transposed(x, widths[-1], 1, "up_0")
        x = normalize(x, "batch", "up_0_norm")
        x = keras.layers.ReLU(name="up_0_relu")(x)
    for i in range(1, ups):
        x = _transposed(x, widths[-1 - i], 2, f"up_{i}")
        x = normalize(x, "batch", f"up_{i}_norm")
        x = keras.layers.ReLU(name=f"up_{i}_relu")(x)
    x = _transposed(x, 3, 2, f"up_{ups}")
    x = keras.layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model(image, x, name=name)


def dcgan_discriminator(
    image_size=64, filters=64, channels=3, name="discriminator"
):
    """DCGAN's discriminator, without biases.

    Args:
        image_size: Height and width of the images, a power of two.
        filters: Channels of the first convolution; doubled by every layer up
            to eight times as many.
        channels: Channels of the input; 6 for an image beside its source.
        name: Name of the model.

    Returns:
        A `keras.Model` from images (N, image_size, image_size, channels) in
        [-1, 1] to float32 logits (N, 1, 1, 1).
    """
    image = keras.Input((None, None, channels), name="input")
    x = image
    for i in range(1, image_size.bit_length() - 2):
        x = convolution(
            x,
            filters * min(2 ** (i - 1), 8),
            4,
            strides=2,
            use_bias=False,
            name=f"conv_{i}",
        )
        if i > 1:
            x = normalize(x, "batch", f"norm_{i}")
        x = keras.layers.LeakyReLU(0.2, name=f"relu_{i}")(x)
    x = convolution(
        x, 1, 4, border=0, use_bias=False, dtype="float32", name="logits"
    )
    return keras.Model(image, x, name=name)


def _transposed(x, filters, strides, name):
    return keras.layers.Conv2DTranspose(
        filters,
        4,
        strides=strides,
        # "same" of an even kernel is PyTorch's padding=1.
        padding="same" if strides == 2 else "valid",
        use_bias=False,
        data_format="channels_last",
        name=f"{name}_conv",
        **initializers("normal", 4 * 4 * filters),
    )(x)
