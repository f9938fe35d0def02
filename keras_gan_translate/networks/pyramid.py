"""Discriminators that judge an image, its half and its quarter."""

import keras

from keras_gan_translate.layers import AverageDownsampling2D
from keras_gan_translate.networks.blocks import convolution


def pyramid_discriminator(
    filters=64,
    num_layers=4,
    num_scales=3,
    negative_slope=0.2,
    name="discriminator",
):
    """Judges an image, its half and its quarter, by a network each.

    References: Huang et al., "Multimodal Unsupervised Image-to-Image
    Translation", ECCV 2018, arXiv:1804.04732; Lee et al., "Diverse
    Image-to-Image Translation via Disentangled Representations", ECCV 2018,
    arXiv:1808.00948.

    Args:
        filters: Channels of the first layers; doubled by every layer.
        num_layers: Number of convolutions that halve height and width.
        num_scales: How many sizes are judged.
        negative_slope: Slope of the activations below zero.
        name: Name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, 3) in [-1, 1] to a dict of
        float32 logits, "scale_1_logits" those of the whole size.
    """
    image = keras.Input((None, None, 3), name="input")
    outputs, smaller = {}, image
    for scale in range(1, num_scales + 1):
        if scale > 1:
            smaller = AverageDownsampling2D(name=f"scale_{scale}_half")(smaller)
        x = smaller
        for i in range(1, num_layers + 1):
            x = convolution(
                x,
                filters * 2 ** (i - 1),
                4,
                strides=2,
                padding="reflect",
                name=f"scale_{scale}_conv_{i}",
            )
            x = keras.layers.LeakyReLU(
                negative_slope, name=f"scale_{scale}_relu_{i}"
            )(x)
        outputs[f"scale_{scale}_logits"] = convolution(
            x, 1, 1, dtype="float32", name=f"scale_{scale}_logits"
        )
    return keras.Model(image, outputs, name=name)
