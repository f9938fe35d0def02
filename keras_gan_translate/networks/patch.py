"""Discriminators that judge every patch or every pixel."""

import keras

from keras_gan_translate import layers
from keras_gan_translate.networks.blocks import (
    convolution,
    initializers,
    normalize,
)
from keras_gan_translate.support.messages import check_choice


def patch_discriminator(
    filters=64,
    num_layers=3,
    normalization="instance",
    attention=None,
    *,
    channels=3,
    padding="zero",
    max_multiplier=8,
    initializer="normal",
    shared_cam=False,
    name="discriminator",
):
    """A discriminator that judges overlapping patches of the image.

    The defaults are the 70x70 PatchGAN of pix2pix and CycleGAN. U-GAT-IT's
    discriminators are `normalization="spectral", attention="cam",
    padding="reflect", max_multiplier=None, initializer="torch"` with 3 (local)
    and 5 (global) layers; the PyTorch port counts them as 5 and 7.

    References: Isola et al., "Image-to-Image Translation with Conditional
    Adversarial Networks", CVPR 2017, arXiv:1611.07004; Kim et al., "U-GAT-IT",
    ICLR 2020, arXiv:1907.10830.

    Args:
        filters: Channels of the first convolution; doubled by every layer.
        num_layers: Number of convolutions that halve height and width; one
            more follows that does not.
        normalization: "instance", "batch", "spectral" (of the kernels) or
            None.
        attention: None or "cam", before the last convolution.
        channels: Channels of the input; 6 for pix2pix, which judges an image
            together with its source.
        padding: "zero" or "reflect".
        max_multiplier: Channels grow to this multiple of `filters`; None for
            no limit.
        initializer: "normal", N(0, 0.02), or "torch", PyTorch's default.
        shared_cam: As `shared` of `layers.CAM`.
        name: Name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, channels) in [-1, 1] to float32
        logits (N, h, w, 1), h = H / 2**num_layers - 2; with attention to a dict
        of "logits", "cam_logits" (N, 2: average, maximum) and "attention"
        (N, h + 1, w + 1, 1).

    Raises:
        ValueError: If an option is unknown or `num_layers` below 1.

    Example:
        >>> patch_discriminator(filters=8).output_shape
        (None, None, None, 1)
    """
    check_choice(
        "normalization", normalization, ("instance", "batch", "spectral", None)
    )
    check_choice("attention", attention, (None, "cam"))
    if num_layers < 1:
        raise ValueError(
            "patch_discriminator expects 1 halving layer or more. "
            f"Received: num_layers={num_layers}"
        )
    spectral = normalization == "spectral"
    options = {
        "padding": padding,
        "initializer": initializer,
        "spectral": spectral,
    }

    image = keras.Input((None, None, channels), name="input")
    x = image
    for i in range(1, num_layers + 2):
        multiplier = 2 ** (i - 1)
        if max_multiplier is not None:
            multiplier = min(multiplier, max_multiplier)
        x = convolution(
            x,
            filters * multiplier,
            4,
            strides=2 if i <= num_layers else 1,
            # Batch normalization has an offset of its own.
            use_bias=i == 1 or normalization != "batch",
            name=f"conv_{i}",
            **options,
        )
        if i > 1:
            x = normalize(x, normalization, f"norm_{i}")
        x = keras.layers.LeakyReLU(0.2, name=f"relu_{i}")(x)
    outputs = {}
    if attention == "cam":
        x, cam_logits, heatmap = layers.CAM(
            spectral_normalization=spectral,
            negative_slope=0.2,
            shared=shared_cam,
            name="cam",
            **initializers(initializer, 2 * x.shape[-1]),
        )(x)
        outputs = {"cam_logits": cam_logits, "attention": heatmap}
    x = convolution(
        x,
        1,
        4,
        # U-GAT-IT's last convolution has no bias.
        use_bias=attention is None,
        dtype="float32",
        name="logits",
        **options,
    )
    return keras.Model(
        image, {"logits": x, **outputs} if outputs else x, name=name
    )


def pixel_discriminator(
    filters=64, normalization="instance", channels=3, name="discriminator"
):
    """A discriminator that judges every pixel by its colour alone.

    Reference: Isola et al., "Image-to-Image Translation with Conditional
    Adversarial Networks", CVPR 2017, arXiv:1611.07004 (1x1 PixelGAN).

    Args:
        filters: Channels of the first convolution.
        normalization: "instance", "batch" or None.
        channels: Channels of the input.
        name: Name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, channels) in [-1, 1] to float32
        logits (N, H, W, 1).

    Raises:
        ValueError: If the normalization is unknown.

    Example:
        >>> pixel_discriminator(filters=8).output_shape
        (None, None, None, 1)
    """
    check_choice("normalization", normalization, ("instance", "batch", None))
    use_bias = normalization != "batch"
    image = keras.Input((None, None, channels), name="input")
    x = convolution(image, filters, 1, name="pixel_conv_1")
    x = keras.layers.LeakyReLU(0.2, name="relu_1")(x)
    x = convolution(x, 2 * filters, 1, use_bias=use_bias, name="pixel_conv_2")
    x = normalize(x, normalization, "norm_2")
    x = keras.layers.LeakyReLU(0.2, name="relu_2")(x)
    x = convolution(x, 1, 1, use_bias=use_bias, dtype="float32", name="logits")
    return keras.Model(image, x, name=name)
