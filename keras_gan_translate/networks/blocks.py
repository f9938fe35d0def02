"""What the networks are assembled from: each function adds named layers."""

import keras

from keras_gan_translate import layers
from keras_gan_translate.support.messages import check_choice


def initializers(scheme, fan_in):
    """Fresh kernel and bias initializers, as keyword arguments of a layer.

    Args:
        scheme: "normal", N(0, 0.02) and zero biases (DCGAN, CycleGAN,
            pix2pix); "he", N(0, sqrt(2/fan_in)) and zero biases (MUNIT);
            "torch", U(-1/sqrt(fan_in), 1/sqrt(fan_in)) for both, PyTorch's
            default (U-GAT-IT); or "xavier", N(0, 0.02 sqrt(2 / (fan_in +
            fan_out))) and zero biases (GauGAN).
        fan_in: Values that make one output: kernel area times input channels
            (output channels for a transposed convolution).

    Raises:
        ValueError: If the scheme is unknown.
    """
    check_choice("initializer", scheme, ("normal", "he", "torch", "xavier"))
    bias = keras.initializers.Zeros()
    if scheme == "normal":
        kernel = keras.initializers.RandomNormal(stddev=0.02)
    elif scheme == "he":
        kernel = keras.initializers.VarianceScaling(
            2.0, mode="fan_in", distribution="untruncated_normal"
        )
    elif scheme == "xavier":
        kernel = keras.initializers.VarianceScaling(
            0.02**2, mode="fan_avg", distribution="untruncated_normal"
        )
    else:
        # kaiming_uniform(a=sqrt(5)): a variance of 1 / (3 fan_in).
        kernel = keras.initializers.VarianceScaling(
            1 / 3, mode="fan_in", distribution="uniform"
        )
        bias = keras.initializers.RandomUniform(-(fan_in**-0.5), fan_in**-0.5)
    return {"kernel_initializer": kernel, "bias_initializer": bias}


def pad(x, amount, kind, name):
    """Adds `amount` pixels on all four sides, kind "zero" or "reflect".

    Stride-2 convolutions of PyTorch pad symmetrically; "same" would pad only
    right and bottom.
    """
    check_choice("padding", kind, ("zero", "reflect"))
    if kind == "zero":
        layer = keras.layers.ZeroPadding2D
        return layer(amount, data_format="channels_last", name=name)(x)
    return layers.ReflectionPadding2D(amount, name=name)(x)


def convolution(
    x,
    filters,
    kernel_size,
    *,
    name,
    strides=1,
    dilation_rate=1,
    padding="zero",
    border=None,
    use_bias=True,
    initializer="normal",
    spectral=False,
    dtype=None,
):
    """Padding and a convolution.

    Args:
        x: Features (N, H, W, C).
        filters: Output channels.
        kernel_size: Height and width of the kernel.
        name: Name of the convolution; the padding's is `<name>_pad`.
        strides: Step of the kernel.
        dilation_rate: Distance of the pixels that it reads.
        padding: "zero" or "reflect".
        border: Pixels of padding; if None, (kernel_size - 1) // 2, times the
            rate.
        use_bias: Whether a bias is added.
        initializer: As of `initializers`.
        spectral: Whether the kernel is spectrally normalized.
        dtype: Dtype policy of the convolution, the global one if None.
    """
    if border is None:
        border = (kernel_size - 1) // 2 * dilation_rate
    if border:
        x = pad(x, border, padding, f"{name}_pad")
    layer = layers.SpectralConv2D if spectral else layers.DilatedConv2D
    if dilation_rate == 1 and not spectral:
        layer = keras.layers.Conv2D
    return layer(
        filters,
        kernel_size,
        strides=strides,
        dilation_rate=dilation_rate,
        use_bias=use_bias,
        data_format="channels_last",
        dtype=dtype,
        name=name,
        **initializers(initializer, kernel_size**2 * x.shape[-1]),
    )(x)


def separable_convolution(
    x,
    filters,
    kernel_size,
    *,
    name,
    normalization,
    padding="zero",
    dilation_rate=1,
    use_bias=True,
    initializer="normal",
):
    """Padding, a filter for each channel, a normalization, a 1x1 convolution.

    Reference: Howard et al., "MobileNets: Efficient Convolutional Neural
    Networks for Mobile Vision Applications", 2017, arXiv:1704.04861.

    Deviation: no activation between the two, as in GAN Compression
    (arXiv:2003.08936), whose block this is.

    Args:
        x: Features (N, H, W, C).
        filters: Output channels.
        kernel_size: Height and width of the kernel.
        name: Name of the 1x1 convolution; the other layers' begin with it.
        normalization: As of `normalize`.
        padding: "zero" or "reflect".
        dilation_rate: Distance of the pixels that a kernel reads.
        use_bias: Whether biases are added.
        initializer: As of `initializers`.
    """
    x = pad(x, (kernel_size - 1) // 2 * dilation_rate, padding, f"{name}_pad")
    made = initializers(initializer, kernel_size**2)
    x = keras.layers.DepthwiseConv2D(
        kernel_size,
        dilation_rate=dilation_rate,
        use_bias=use_bias,
        data_format="channels_last",
        depthwise_initializer=made["kernel_initializer"],
        bias_initializer=made["bias_initializer"],
        name=f"{name}_depthwise",
    )(x)
    x = normalize(x, normalization, f"{name}_norm")
    return convolution(
        x,
        filters,
        1,
        use_bias=use_bias,
        initializer=initializer,
        name=name,
    )


def transposed_convolution(
    x,
    filters,
    kernel_size=3,
    *,
    name,
    use_bias=True,
    initializer="normal",
    spectral=False,
):
    """Doubles height and width by a transposed convolution.

    Args:
        x: Features (N, H, W, C).
        filters: Output channels.
        kernel_size: Height and width of the kernel, 3 or an even number.
        name: Name of the convolution; the cropping's is `<name>_crop`.
        use_bias: Whether a bias is added.
        initializer: As of `initializers`.
        spectral: Whether the kernel is spectrally normalized.
    """
    even = kernel_size % 2 == 0
    kind = keras.layers.Conv2DTranspose
    layer = layers.SpectralConv2DTranspose if spectral else kind
    x = layer(
        filters,
        kernel_size,
        strides=2,
        # "same" of an even kernel is PyTorch's padding=kernel_size / 2 - 1.
        padding="same" if even else "valid",
        use_bias=use_bias,
        data_format="channels_last",
        name=name,
        **initializers(initializer, kernel_size**2 * filters),
    )(x)
    if even:
        return x
    # PyTorch's padding=1, output_padding=1: without the first row and column.
    return keras.layers.Cropping2D(
        ((1, 0), (1, 0)), data_format="channels_last", name=f"{name}_crop"
    )(x)


def normalize(x, kind, name, style=None, smooth_rho=False):
    """Adds a normalization layer.

    Args:
        x: Features (N, H, W, C).
        kind: "instance", "affine_instance" (with a scale and an offset),
            "batch", "switchable", "layer_instance", "adalin", or None and
            "spectral" (in the kernels) for no layer.
        name: Name of the layer.
        style: (gamma, beta), each (N, C), for "adalin".
        smooth_rho: As `smoothing` of `layers.AdaLIN`.
    """
    if kind == "instance":
        return layers.InstanceNormalization(name=name)(x)
    if kind == "affine_instance":
        return layers.InstanceNormalization(affine=True, name=name)(x)
    if kind == "batch":
        return keras.layers.BatchNormalization(
            epsilon=1e-5,
            momentum=0.9,
            gamma_initializer=keras.initializers.RandomNormal(1.0, 0.02),
            name=name,
        )(x)
    if kind == "switchable":
        return layers.SwitchableNormalization(name=name)(x)
    if kind == "layer_instance":
        return layers.LayerInstanceNormalization(name=name)(x)
    if kind == "adalin":
        return layers.AdaLIN(smoothing=smooth_rho, name=name)((x, *style))
    return x


def residual_block(
    x,
    name,
    *,
    normalization,
    use_bias,
    initializer,
    style=None,
    smooth_rho=False,
    dropout=0.0,
    padding="reflect",
    dilation_rate=1,
    spectral=False,
    separable=False,
):
    """Two padded 3x3 convolutions, and the input added.

    Args:
        x: Features (N, H, W, C).
        name: Prefix of the layers' names.
        normalization: As of `normalize`.
        use_bias: Whether the convolutions add a bias.
        initializer: As of `initializers`.
        style: (gamma, beta), each (N, C), for "adalin".
        smooth_rho: As `smoothing` of `layers.AdaLIN`.
        dropout: Rate after the first convolution.
        padding: "zero" or "reflect".
        dilation_rate: Of the first convolution.
        spectral: Whether the kernels are spectrally normalized.
        separable: Whether the convolutions are `separable_convolution`; these
            are not spectrally normalized.
    """
    options = {
        "padding": padding,
        "use_bias": use_bias,
        "initializer": initializer,
    }
    if separable:
        convolve = separable_convolution
        options["normalization"] = normalization
    else:
        convolve = convolution
        options["spectral"] = spectral
    filters = x.shape[-1]
    y = convolve(
        x,
        filters,
        3,
        dilation_rate=dilation_rate,
        name=f"{name}_conv_1",
        **options,
    )
    y = normalize(y, normalization, f"{name}_norm_1", style, smooth_rho)
    y = keras.layers.ReLU(name=f"{name}_relu")(y)
    if dropout:
        y = keras.layers.Dropout(dropout, name=f"{name}_dropout")(y)
    y = convolve(y, filters, 3, name=f"{name}_conv_2", **options)
    y = normalize(y, normalization, f"{name}_norm_2", style, smooth_rho)
    return keras.layers.Add(name=f"{name}_add")([x, y])
