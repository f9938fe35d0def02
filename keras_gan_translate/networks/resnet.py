"""Generators with residual blocks: CycleGAN's and U-GAT-IT's."""

import keras

from keras_gan_translate import layers
from keras_gan_translate.networks.blocks import (
    convolution,
    initializers,
    normalize,
    residual_block,
    transposed_convolution,
)
from keras_gan_translate.support.messages import check_choice


def resnet_generator(
    filters=64,
    num_blocks=9,
    normalization="instance",
    attention=None,
    *,
    image_size=None,
    num_downs=2,
    upsampling="transpose",
    downsampling_padding="zero",
    use_bias=None,
    dropout=0.0,
    initializer="normal",
    light=True,
    shared_cam=False,
    smooth_rho=False,
    separable=False,
    channels=3,
    output_channels=3,
    name="generator",
):
    """A generator that halves the image, works on it in residual blocks.

    The defaults are CycleGAN's generator. U-GAT-IT's is `normalization=
    "adalin", attention="cam", num_blocks=8, upsampling="nearest",
    downsampling_padding="reflect", initializer="torch"`. Every normalization
    goes with either attention.

    With "adalin" the first half of the residual blocks (rounded up) normalizes
    by instance and the others by `layers.AdaLIN`, whose gamma and beta a dense
    network of `filters * 2**num_downs` units computes from the features
    between the halves; upsampling normalizes by
    `layers.LayerInstanceNormalization`. Attention stands between the halves,
    too.

    References: Zhu et al., "Unpaired Image-to-Image Translation using
    Cycle-Consistent Adversarial Networks", ICCV 2017, arXiv:1703.10593; Kim et
    al., "U-GAT-IT", ICLR 2020, arXiv:1907.10830.

    Args:
        filters: Channels of the first convolution; doubled by every halving.
        num_blocks: Number of all residual blocks.
        normalization: "instance", "batch" or "adalin".
        attention: None or "cam".
        image_size: Height and width of the images in pixels. Needed by
            "adalin" with `light=False`, whose dense network sees every
            position; otherwise the network takes any size and ignores it.
        num_downs: How often height and width are halved.
        upsampling: "transpose" (transposed convolution) or "nearest"
            (nearest upsampling and convolution).
        downsampling_padding: "zero" or "reflect", in the halvings.
        use_bias: Whether convolutions before a normalization and dense layers
            have a bias, and with "adalin" the last one. None is the papers'
            choice: with "instance" only.
        dropout: Rate in the residual blocks.
        initializer: "normal", N(0, 0.02), or "torch", PyTorch's default.
        light: Whether AdaLIN's dense network sees the average of the features
            and not the features at every position.
        shared_cam: As `shared` of `layers.CAM`.
        smooth_rho: As `smoothing` of `layers.AdaLIN`.
        separable: Whether the residual blocks' convolutions are separable, as
            GAN Compression (arXiv:2003.08936) has them; without "adalin".
        channels: Channels of the input.
        output_channels: Channels of the output.
        name: Name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, channels) in [-1, 1], H and W
        divisible by `2**num_downs`, to a float32 image (N, H, W,
        output_channels) in [-1, 1]; with attention to a dict of "image",
        "cam_logits" (N, 2: average, maximum) and "attention"
        (N, h, w, 1), h = H / 2**num_downs.

    Raises:
        ValueError: If an option is unknown, `num_blocks` is too small, or
            `image_size` is missing or not divisible by `2**num_downs`.

    Example:
        >>> resnet_generator(filters=8, num_blocks=1).output_shape
        (None, None, None, 3)
    """
    check_choice(
        "normalization", normalization, ("instance", "batch", "adalin")
    )
    check_choice("attention", attention, (None, "cam"))
    check_choice("upsampling", upsampling, ("transpose", "nearest"))
    adaptive = normalization == "adalin"
    if separable and adaptive:
        raise ValueError(
            "Separable blocks normalize between their convolutions, where "
            "AdaLIN has no style. Received: separable=True, "
            'normalization="adalin".'
        )
    least = 1 if adaptive or attention else 0
    if num_blocks < least:
        raise ValueError(
            f"This resnet_generator expects {least} residual blocks or more. "
            f"Received: num_blocks={num_blocks}"
        )
    size = None
    if adaptive and not light:
        size = _checked_size(image_size, 2**num_downs)
    last_bias = not adaptive if use_bias is None else use_bias
    if use_bias is None:
        use_bias = normalization == "instance"
    options = {"use_bias": use_bias, "initializer": initializer}
    plain = "instance" if adaptive else normalization

    image = keras.Input((size, size, channels), name="input")
    x = convolution(
        image, filters, 7, padding="reflect", name="stem_conv", **options
    )
    x = normalize(x, plain, "stem_norm")
    x = keras.layers.ReLU(name="stem_relu")(x)
    for i in range(1, num_downs + 1):
        x = convolution(
            x,
            filters * 2**i,
            3,
            strides=2,
            padding=downsampling_padding,
            name=f"down_{i}_conv",
            **options,
        )
        x = normalize(x, plain, f"down_{i}_norm")
        x = keras.layers.ReLU(name=f"down_{i}_relu")(x)

    half = (num_blocks + 1) // 2
    style = None
    outputs = {}
    for i in range(1, num_blocks + 1):
        x = residual_block(
            x,
            f"block_{i}",
            normalization=normalization if i > half else plain,
            style=style,
            smooth_rho=smooth_rho,
            dropout=dropout,
            separable=separable,
            **options,
        )
        if i == half:
            if attention == "cam":
                x, cam_logits, heatmap = layers.CAM(
                    shared=shared_cam,
                    name="cam",
                    **initializers(initializer, 2 * x.shape[-1]),
                )(x)
                outputs = {"cam_logits": cam_logits, "attention": heatmap}
            if adaptive and i < num_blocks:
                style = _style(x, light, **options)

    for i in range(1, num_downs + 1):
        x = _upsample(
            x, filters * 2 ** (num_downs - i), upsampling, f"up_{i}", **options
        )
        x = normalize(
            x, "layer_instance" if adaptive else plain, f"up_{i}_norm"
        )
        x = keras.layers.ReLU(name=f"up_{i}_relu")(x)
    x = convolution(
        x,
        output_channels,
        7,
        padding="reflect",
        use_bias=last_bias,
        initializer=initializer,
        name="head_conv",
    )
    x = keras.layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model(
        image, {"image": x, **outputs} if outputs else x, name=name
    )


def _checked_size(image_size, multiple):
    if not image_size or image_size % multiple:
        raise ValueError(
            'resnet_generator(normalization="adalin", light=False) needs the '
            f"`image_size` in pixels, a multiple of {multiple}: its dense "
            f"layer sees every position. Received: image_size={image_size}. "
            "`light=True` takes any size."
        )
    return image_size


def _style(x, light, use_bias, initializer):
    """AdaLIN's gamma and beta, each (N, C), from features (N, H, W, C)."""
    units = x.shape[-1]
    if light:
        x = keras.layers.GlobalAveragePooling2D(
            data_format="channels_last", dtype="float32", name="style_pool"
        )(x)
    else:
        x = keras.layers.Flatten(
            data_format="channels_last", name="style_flatten"
        )(x)

    def dense(x, part, activation=None):
        return keras.layers.Dense(
            units,
            activation=activation,
            use_bias=use_bias,
            name=f"style_{part}",
            **initializers(initializer, x.shape[-1]),
        )(x)

    x = dense(x, "dense_1", "relu")
    x = dense(x, "dense_2", "relu")
    return dense(x, "gamma"), dense(x, "beta")


def _upsample(x, filters, kind, name, use_bias, initializer):
    """Doubles height and width and convolves; the layer is `<name>_conv`."""
    if kind == "nearest":
        x = layers.NearestUpsampling2D(name=f"{name}_nearest")(x)
        return convolution(
            x,
            filters,
            3,
            padding="reflect",
            use_bias=use_bias,
            initializer=initializer,
            name=f"{name}_conv",
        )
    return transposed_convolution(
        x,
        filters,
        use_bias=use_bias,
        initializer=initializer,
        name=f"{name}_conv",
    )
