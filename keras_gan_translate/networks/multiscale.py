"""Discriminators that judge an image at several sizes."""

import keras

from keras_gan_translate.layers import AverageDownsampling2D
from keras_gan_translate.networks.blocks import convolution, normalize


def multiscale_discriminator(
    channels,
    filters=64,
    num_layers=3,
    num_scales=2,
    *,
    spectral=False,
    initializer="normal",
    name="discriminator",
):
    """Patch discriminators of one form, each on images of half the size.

    They return their features, too, for feature matching. Normalization is
    by instance; GauGAN's also normalizes kernels spectrally, except those of
    the first and the last layer.

    References: Wang et al., "High-Resolution Image Synthesis and Semantic
    Manipulation with Conditional GANs", CVPR 2018, arXiv:1711.11585; Park et
    al., "Semantic Image Synthesis with Spatially-Adaptive Normalization",
    CVPR 2019, arXiv:1903.07291.

    Args:
        channels: Channels of the input: a condition beside an image.
        filters: Channels of the first convolution; doubled by every layer up
            to eight times as many.
        num_layers: Number of convolutions that halve height and width; one
            more follows that does not. GauGAN's code counts that one, too.
        num_scales: Number of discriminators.
        spectral: Whether kernels are spectrally normalized.
        initializer: As of `blocks.initializers`.
        name: Name of the model.

    Returns:
        A `keras.Model` from (N, H, W, channels) to a list per scale, the full
        size first, of the features of every layer and, last, the float32
        logits (N, h, w, 1).

    Example:
        >>> network = multiscale_discriminator(6, filters=8, num_layers=2)
        >>> len(network.output), len(network.output[0])
        (2, 4)
    """
    image = keras.Input((None, None, channels), name="input")
    x, scales = image, []
    for scale in range(num_scales):
        if scale:
            x = AverageDownsampling2D(name=f"scale_{scale}_half")(x)
        scales.append(
            _features(
                x, filters, num_layers, spectral, initializer, f"scale_{scale}"
            )
        )
    return keras.Model(image, scales, name=name)


def features_of(scales):
    """What `multiscale_discriminator` returns, without logits, as one list."""
    return [features for scale in scales for features in scale[:-1]]


def _features(x, filters, num_layers, spectral, initializer, name):
    # A border of 2, so that the logits see the edges as often as the middle.
    options = {"border": 2, "initializer": initializer}
    features = []
    for i in range(1, num_layers + 2):
        normalized = i > 1
        x = convolution(
            x,
            filters * min(2 ** (i - 1), 8),
            4,
            strides=2 if i <= num_layers else 1,
            # What an instance normalization takes away again.
            use_bias=not (normalized and spectral),
            spectral=normalized and spectral,
            name=f"{name}_conv_{i}",
            **options,
        )
        if normalized:
            x = normalize(x, "instance", f"{name}_norm_{i}")
        x = keras.layers.LeakyReLU(0.2, name=f"{name}_relu_{i}")(x)
        features.append(x)
    logits = convolution(
        x, 1, 4, dtype="float32", name=f"{name}_logits", **options
    )
    return [*features, logits]
