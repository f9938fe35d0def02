"""pix2pix' U-Net."""

import keras

from keras_gan_translate.networks.blocks import (
    convolution,
    normalize,
    transposed_convolution,
)
from keras_gan_translate.support.messages import check_choice


def unet_generator(
    filters=64,
    num_downs=8,
    normalization="batch",
    dropout=0.5,
    channels=3,
    output_channels=3,
    name="generator",
):
    """pix2pix' U-Net: every scale of the encoder is handed to the decoder.

    Level i halves the image of level i - 1 and its transposed convolution
    doubles it again. What is handed on is the activated tensor, as the
    in-place LeakyReLU of the authors' PyTorch code makes it.

    Reference: Isola et al., "Image-to-Image Translation with Conditional
    Adversarial Networks", CVPR 2017, arXiv:1611.07004.

    Args:
        filters: Channels of the first level; doubled three times on the way
            down, then constant.
        num_downs: Number of levels; 8 for 256 pixels, 7 for 128.
        normalization: "batch" or "instance".
        dropout: Rate in the decoder of the levels between the fifth and the
            innermost.
        channels: Channels of the input.
        output_channels: Channels of the output.
        name: Name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, channels) in [-1, 1], H and W
        divisible by `2**num_downs`, to float32 images (N, H, W,
        output_channels) in [-1, 1].

    Raises:
        ValueError: If the normalization is unknown or `num_downs` below 2.

    Example:
        >>> unet_generator(filters=8, num_downs=3).output_shape
        (None, None, None, 3)
    """
    check_choice("normalization", normalization, ("batch", "instance"))
    if num_downs < 2:
        raise ValueError(
            "unet_generator expects 2 levels or more. "
            f"Received: num_downs={num_downs}"
        )
    use_bias = normalization == "instance"

    def width(level):
        return filters * min(2 ** (level - 1), 8)

    image = keras.Input((None, None, channels), name="input")
    x = image
    skips = []
    for i in range(1, num_downs + 1):
        if i > 1:
            x = keras.layers.LeakyReLU(0.2, name=f"down_{i}_relu")(x)
            skips.append(x)
        x = convolution(
            x,
            width(i),
            4,
            strides=2,
            use_bias=use_bias,
            name=f"down_{i}_conv",
        )
        if 1 < i < num_downs:
            x = normalize(x, normalization, f"down_{i}_norm")

    for i in range(num_downs, 0, -1):
        units = width(i - 1) if i > 1 else output_channels
        x = keras.layers.ReLU(name=f"up_{i}_relu")(x)
        x = transposed_convolution(
            x, units, 4, use_bias=use_bias or i == 1, name=f"up_{i}_conv"
        )
        if i > 1:
            x = normalize(x, normalization, f"up_{i}_norm")
            if dropout and 5 <= i < num_downs:
                x = keras.layers.Dropout(dropout, name=f"up_{i}_dropout")(x)
            x = keras.layers.Concatenate(name=f"up_{i}_skip")([skips.pop(), x])
    x = keras.layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model(image, x, name=name)
