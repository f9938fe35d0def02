"""SN-PatchGAN, the discriminator of free-form inpainting."""

import keras
from keras import ops

from keras_gan_translate import layers


def spectral_patch_discriminator(
    filters=64, kernel_size=5, *, channels, name="discriminator"
):
    """SN-PatchGAN: six halving layers, and every feature is a logit.

    References: Yu et al., "Free-Form Image Inpainting with Gated Convolution",
    2019, arXiv:1806.03589, section 3.4; with kernels of 3 Jo, Park,
    "SC-FEGAN", 2019, arXiv:1902.06838.

    Args:
        filters: width of the first layer.
        kernel_size: height and width of the kernels.
        channels: of the input: an image, its mask and what else is given.
        name: name of the model.

    Returns:
        A `keras.Model` from (N, H, W, channels) to float32 logits (N, H / 64,
        W / 64, 4 * filters), rounded up.
    """
    image = keras.Input((None, None, channels), name="input")
    x = image
    # Deviation: singular vectors are constants to the gradient and move in
    # training only; the authors' are neither.
    for i, multiplier in enumerate((1, 2, 4, 4, 4, 4), 1):
        x = layers.SpectralConv2D(
            multiplier * filters,
            kernel_size,
            strides=2,
            padding="same",
            data_format="channels_last",
            dtype="float32" if i == 6 else None,
            name=f"conv_{i}",
        )(x)
        x = keras.layers.LeakyReLU(
            0.2, dtype="float32" if i == 6 else None, name=f"relu_{i}"
        )(x)
    return keras.Model(image, x, name=name)


def judge_both(discriminator, image, completed, beside, training):
    """What a discriminator thinks of true and of completed images.

    In one batch: one power iteration of the spectral norms.

    Args:
        discriminator: a `keras.Model` of one input.
        image: (N, H, W, C).
        completed: (N, H, W, C).
        beside: list of tensors (N, H, W, ...) that it sees with either.
        training: whether in training.

    Returns:
        (logits of the images, logits of the completed ones)
    """
    judged = discriminator(
        ops.concatenate(
            [
                ops.concatenate([x, *beside], axis=-1)
                for x in (image, completed)
            ],
            axis=0,
        ),
        training=training,
    )
    return ops.split(judged, 2, axis=0)
