"""DeepFill's generators: a hole is filled coarsely, then over again."""

import keras
from keras import ops

from keras_gan_translate.layers import (
    AppendVector,
    ContextualAttention,
    DilatedConv2D,
    NearestUpsampling2D,
)
from keras_gan_translate.networks.blocks import pad


def deepfill_generator(
    filters,
    layer,
    finish,
    twice=False,
    attention=None,
    hints=0,
    code_size=0,
    name="generator",
):
    """The coarse and the fine network, of convolutions of some kind.

    Args:
        filters: width of the first layers.
        layer: function that adds a convolution and what belongs to it: from
            (features, name, filters) and `size`, `strides`, `dilation_rate`
            and `activation` ("elu", "relu") by name, to features.
        finish: function from the last convolution's three channels to images
            (its arguments: features, name).
        twice: whether the fine network sees the mask, and the hints, too.
        attention: a `ContextualAttention`; its defaults if None.
        hints: channels of a further picture that lies on the image, such as
            the lines of a sketch; 0 for none.
        code_size: components of a vector that joins the features of the
            dilated layers; 0 for none.
        name: name of the model.

    Returns:
        A `keras.Model` from [image (N, H, W, 3) in [-1, 1], mask (N, H, W, 1),
        1.0 where it is missing], and the hints (N, H, W, hints) and the code
        (N, code_size) if there are, H and W divisible by 8, to a dict of
        "coarse" and "image", float32 images in [-1, 1] that fill the hole.

    Reference:
        Yu et al., "Generative Image Inpainting with Contextual Attention",
        2018, arXiv:1801.07892, figures 2 and 4; "Free-Form Image Inpainting
        with Gated Convolution", 2019, arXiv:1806.03589, figure 3.
    """
    image = keras.Input((None, None, 3), name="input")
    mask = keras.Input((None, None, 1), name="mask")
    c, known, inputs, seen = filters, image * (1.0 - mask), [image, mask], []
    if hints:
        seen = [keras.Input((None, None, hints), name="hints")]
        inputs += seen
    if code_size:
        code = keras.Input((code_size,), name="code")
        inputs.append(code)

    def marked(x, name):
        return keras.layers.Concatenate(name=name)(
            [x, *seen, ops.ones_like(mask), mask]
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
        if code_size:
            x = AppendVector(name=f"{prefix}append")((x, code))
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
        inputs,
        {"coarse": coarse, "image": up(x, "allconv", "image")},
        name=name,
    )


def plain_generator(
    filters=32, port=False, hints=0, code_size=0, name="generator"
):
    """DeepFill v1's generator, of plain convolutions (its figures 2 and 4).

    Args:
        filters: width of the first layers.
        port: whether to do as the PyTorch port.
        hints: as of `deepfill_generator`.
        code_size: as of `deepfill_generator`.
        name: name of the model.

    Returns:
        As `deepfill_generator`.
    """

    def layer(x, name, filters, size=3, activation="elu", strides=1, **options):
        x = plain_convolution(x, filters, size, strides, port, name, **options)
        return keras.layers.Activation(activation, name=f"{name}_act")(x)

    def finish(x, name):
        x = keras.layers.Activation("linear", dtype="float32", name=name)(x)
        return ops.clip(x, -1.0, 1.0)

    attention = ContextualAttention(port=port, name="attention")
    return deepfill_generator(
        filters, layer, finish, True, attention, hints, code_size, name
    )


def plain_convolution(x, filters, size, strides, port, name, **options):
    """A convolution of DeepFill v1 that keeps the size, or halves it.

    Args:
        x: features (N, H, W, C).
        filters: channels of the result.
        size: height and width of the kernel.
        strides: 1 or 2.
        port: whether borders are those of the PyTorch port.
        name: of the layer.
        **options: of the layer.
    """
    # At stride 2 TensorFlow pads right and bottom first, PyTorch all sides.
    symmetric = port and strides == 2
    if symmetric:
        x = pad(x, size // 2, "zero", f"{name}_pad")
    layer = DilatedConv2D if "dilation_rate" in options else keras.layers.Conv2D
    return layer(
        filters,
        size,
        strides=strides,
        padding="valid" if symmetric else "same",
        data_format="channels_last",
        name=name,
        **options,
    )(x)
