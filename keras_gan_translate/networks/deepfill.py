"""DeepFill's generators: a hole is filled coarsely, then over again."""

import keras
from keras import ops

from keras_gan_translate.layers import ContextualAttention, NearestUpsampling2D


def deepfill_generator(
    filters, layer, finish, twice=False, attention=None, name="generator"
):
    """The coarse and the fine network, of convolutions of some kind.

    Args:
        filters: width of the first layers.
        layer: function that adds a convolution and what belongs to it: from
            (features, name, filters) and `size`, `strides`, `dilation_rate`
            and `activation` ("elu", "relu") by name, to features.
        finish: function from the last convolution's three channels to images
            (its arguments: features, name).
        twice: whether the fine network sees the mask too.
        attention: a `ContextualAttention`; its defaults if None.
        name: name of the model.

    Returns:
        A `keras.Model` from [image (N, H, W, 3) in [-1, 1], mask (N, H, W, 1),
        1.0 where it is missing], H and W divisible by 8, to a dict of "coarse"
        and "image", float32 images in [-1, 1] that fill the hole.

    Reference:
        Yu et al., "Generative Image Inpainting with Contextual Attention",
        2018, arXiv:1801.07892, figures 2 and 4; "Free-Form Image Inpainting
        with Gated Convolution", 2019, arXiv:1806.03589, figure 3.
    """
    image = keras.Input((None, None, 3), name="input")
    mask = keras.Input((None, None, 1), name="mask")
    c, known = filters, image * (1.0 - mask)

    def marked(x, name):
        return keras.layers.Concatenate(name=name)(
            [x, ops.ones_like(mask), mask]
        )

    def down(x, prefix, widths, last="elu"):
        """Six layers, the second and the fourth of which halve the size."""
        for i, width in enumerate(widths, 1):
            halves = i in (2, 4)
            x = layer(
                x,
                f"{prefix}conv{i}" + "_downsample" * halves,
                width,
                size=5 if i == 1 else 3,
                strides=2 if halves else 1,
                activation=last if i == 6 else "elu",
            )
        return x

    def dilated(x, prefix):
        for i, rate in enumerate((2, 4, 8, 16), 7):
            x = layer(x, f"{prefix}conv{i}_atrous", 4 * c, dilation_rate=rate)
        return x

    def up(x, prefix, output):
        """Doubles the size twice, and makes an image."""
        for i, widths in ((13, (2 * c, 2 * c)), (15, (c, c // 2))):
            x = NearestUpsampling2D(name=f"{prefix}{i}_double")(x)
            x = layer(x, f"{prefix}{i}_upsample", widths[0])
            x = layer(x, f"{prefix}{i + 1}", widths[1])
        x = keras.layers.Conv2D(
            3,
            3,
            padding="same",
            data_format="channels_last",
            name=f"{prefix}17",
        )(x)
        return finish(x, output)

    x = marked(known, "coarse_input")
    x = down(x, "", (c, 2 * c, 2 * c, 4 * c, 4 * c, 4 * c))
    x = dilated(x, "")
    x = layer(x, "conv11", 4 * c)
    x = layer(x, "conv12", 4 * c)
    coarse = up(x, "conv", "coarse")

    completed = known + coarse * mask
    if twice:
        completed = marked(completed, "fine_input")
    x = down(completed, "x", (c, c, 2 * c, 2 * c, 4 * c, 4 * c))
    x = dilated(x, "x")
    y = down(completed, "pm", (c, c, 2 * c, 4 * c, 4 * c, 4 * c), "relu")
    y = (attention or ContextualAttention(name="attention"))((y, y, mask))
    y = layer(y, "pmconv9", 4 * c)
    y = layer(y, "pmconv10", 4 * c)
    x = keras.layers.Concatenate(name="branches")([x, y])
    x = layer(x, "allconv11", 4 * c)
    x = layer(x, "allconv12", 4 * c)
    return keras.Model(
        [image, mask],
        {"coarse": coarse, "image": up(x, "allconv", "image")},
        name=name,
    )
