"""Generators for phones: what a large one's student is built as."""

import keras

from keras_gan_translate import layers
from keras_gan_translate.networks.blocks import initializers, normalize
from keras_gan_translate.support.messages import check_choice

MOST = 8  # times `filters`, that a layer is wide


def mobile_unet(
    filters=16,
    num_blocks=4,
    normalization="batch",
    *,
    num_downs=3,
    expansion=4,
    channels=3,
    output_channels=3,
    name="generator",
):
    """A U-Net of inverted residuals, made for the processors of phones.

    The image is halved by inverted residuals, worked on at the bottom, and
    doubled by resize-convolutions: 1x1 convolution to the width of the level
    above, nearest upsampling, the features of the way down added, and an
    inverted residual. At the full size there are narrow layers only.

    What phones and integers like decides the rest: zeros as padding, which
    belong to the convolution, where reflection is an operator that splits the
    graph; ReLU6, which is fused into it and whose range int8 knows before it
    is calibrated; batch normalization, which is folded into its kernel, where
    instance normalization stays some ten operators with a range for every
    image.

    References: Ronneberger et al., "U-Net: Convolutional Networks for
    Biomedical Image Segmentation", MICCAI 2015, arXiv:1505.04597; Sandler et
    al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018,
    arXiv:1801.04381; Jacob et al., "Quantization and Training of Neural
    Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018,
    arXiv:1712.05877 (folding, ReLU6); Odena et al., "Deconvolution and
    Checkerboard Artifacts", 2016, doi:10.23915/distill.00003.

    Args:
        filters: Channels at the full size; doubled by every halving, up to
            eight times as many.
        num_blocks: Inverted residuals at the bottom.
        normalization: "batch", "instance" or None.
        num_downs: How often height and width are halved.
        expansion: How many times wider the inside of an inverted residual is
            than the narrower of its ends.
        channels: Channels of the input.
        output_channels: Channels of the output.
        name: Name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, channels) in [-1, 1], H and W
        divisible by `2**num_downs`, to a float32 image (N, H, W,
        output_channels) in [-1, 1].

    Raises:
        ValueError: If the normalization is unknown.

    Example:
        >>> mobile_unet(filters=8, num_blocks=1).output_shape
        (None, None, None, 3)
    """
    check_choice("normalization", normalization, ("batch", "instance", None))
    widths = [filters * min(2**i, MOST) for i in range(num_downs + 1)]

    image = keras.Input((None, None, channels), name="input")
    x = _normalized(image, widths[0], 3, normalization, "stem", activation=True)
    skips = []
    for i in range(1, num_downs + 1):
        skips.append(x)
        x = inverted_residual(
            x,
            widths[i],
            expansion=expansion,
            strides=2,
            normalization=normalization,
            name=f"down_{i}",
        )
    for i in range(1, num_blocks + 1):
        x = inverted_residual(
            x,
            widths[-1],
            expansion=expansion,
            normalization=normalization,
            name=f"block_{i}",
        )
    for i in range(1, num_downs + 1):
        width = widths[-1 - i]
        x = _normalized(x, width, 1, normalization, f"up_{i}_width")
        x = layers.NearestUpsampling2D(name=f"up_{i}_nearest")(x)
        x = keras.layers.Add(name=f"up_{i}_skip")([x, skips.pop()])
        x = inverted_residual(
            x,
            width,
            # Half of all operations would be those of the full size.
            expansion=1 if i == num_downs else expansion,
            normalization=normalization,
            name=f"up_{i}",
        )
    x = keras.layers.Conv2D(
        output_channels,
        3,
        padding="same",
        data_format="channels_last",
        name="head_conv",
        **initializers("torch", 9 * widths[0]),
    )(x)
    x = keras.layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model(image, x, name=name)


def inverted_residual(x, filters, *, expansion, normalization, name, strides=1):
    """Widens by 1x1, filters each channel by 3x3, narrows by 1x1.

    The input is added where the shapes agree; what is narrow has no
    activation.

    Deviation: the width inside is counted from the narrower end, MobileNetV2's
    from the input; so that ways up and down cost the same.

    Args:
        x: Features (N, H, W, C).
        filters: Channels of the output.
        expansion: How many times wider the inside is than the narrower end; 1
            leaves out the widening.
        normalization: "batch", "instance" or None.
        name: Prefix of the layers' names.
        strides: Step of the 3x3 filters.
    """
    inside = expansion * min(x.shape[-1], filters)
    y = x
    if inside != x.shape[-1]:
        y = _normalized(
            y, inside, 1, normalization, f"{name}_widen", activation=True
        )
    y = keras.layers.DepthwiseConv2D(
        3,
        strides=strides,
        padding="same",
        use_bias=normalization is None,
        data_format="channels_last",
        depthwise_initializer=initializers("he", 9)["kernel_initializer"],
        name=f"{name}_depthwise",
    )(y)
    y = normalize(y, normalization, f"{name}_depthwise_norm")
    y = keras.layers.ReLU(6.0, name=f"{name}_depthwise_relu")(y)
    y = _normalized(y, filters, 1, normalization, f"{name}_narrow")
    if strides == 1 and x.shape[-1] == filters:
        y = keras.layers.Add(name=f"{name}_add")([x, y])
    return y


def _normalized(x, filters, kernel_size, normalization, name, activation=False):
    x = keras.layers.Conv2D(
        filters,
        kernel_size,
        padding="same",
        use_bias=normalization is None,
        data_format="channels_last",
        name=f"{name}_conv",
        **initializers("he", kernel_size**2 * x.shape[-1]),
    )(x)
    x = normalize(x, normalization, f"{name}_norm")
    if activation:
        x = keras.layers.ReLU(6.0, name=f"{name}_relu")(x)
    return x
