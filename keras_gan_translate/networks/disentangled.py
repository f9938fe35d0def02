"""Networks that take a picture apart: a content, and attributes of it."""

import keras

from keras_gan_translate.layers import AppendVector, Part
from keras_gan_translate.networks.blocks import (
    convolution,
    initializers,
    normalize,
    pad,
    residual_block,
    transposed_convolution,
)
from keras_gan_translate.networks.style import style_encoder


def style_translator(content, decoder):
    """From [image, style] to an image, by an encoder and a decoder.

    Args:
        content: from images to contents.
        decoder: from [content, style] to images.

    Returns:
        `keras.Model`.
    """
    image = keras.Input((None, None, 3), name="image")
    style = keras.Input(decoder.input[1].shape[1:], name="style")
    return keras.Model(
        [image, style], decoder([content(image), style]), name="translator"
    )


def _residual(x, name):
    return residual_block(
        x,
        name,
        normalization="instance",
        use_bias=True,
        initializer="normal",
    )


def content_encoder(filters=64, num_blocks=3):
    """From [a, b] to the contents (N, H / 4, W / 4, 4 * filters) of both.

    Args:
        filters: width of the first layers.
        num_blocks: residual blocks of a domain; one more is shared.

    Returns:
        `keras.Model`.
    """
    features = keras.Input((None, None, 4 * filters), name="input")
    shared = keras.Model(
        features, _residual(features, "block"), name="shared_content"
    )
    inputs, outputs = [], {}
    for domain in "ab":
        image = keras.Input((None, None, 3), name="input")
        x = convolution(image, filters, 7, padding="reflect", name="stem_conv")
        x = keras.layers.LeakyReLU(0.01, name="stem_relu")(x)
        for i in (1, 2):
            x = convolution(
                x,
                filters * 2**i,
                3,
                strides=2,
                padding="reflect",
                name=f"down_{i}_conv",
            )
            x = normalize(x, "instance", f"down_{i}_norm")
            x = keras.layers.ReLU(name=f"down_{i}_relu")(x)
        for i in range(1, num_blocks + 1):
            x = _residual(x, f"block_{i}")
        network = keras.Model(image, shared(x), name=f"content_{domain}")
        inputs.append(keras.Input((None, None, 3), name=domain))
        outputs[domain] = network(inputs[-1])
    return keras.Model(inputs, outputs, name="content_encoder")


def attribute_encoder(filters=64, style_size=8, concat=True):
    """From [a, b] to the attributes of both.

    Args:
        filters: width of the first layers.
        style_size: components of an attribute vector.
        concat: whether they are drawn, {"mean", "log_variance"}; if not, a
            vector (N, style_size).

    Returns:
        `keras.Model`.
    """
    inputs, outputs = [], {}
    for domain in "ab":
        inputs.append(keras.Input((None, None, 3), name=domain))
        name = f"style_{domain}"
        network = (
            _variational_encoder(filters, style_size, name)
            if concat
            else style_encoder(filters, style_size, "normal", name)
        )
        outputs[domain] = network(inputs[-1])
    return keras.Model(inputs, outputs, name="style_encoder")


def _variational_encoder(filters, style_size, name):
    """From images to {"mean", "log_variance"}, each (N, style_size)."""

    def activate(x, name):
        return keras.layers.LeakyReLU(0.2, name=name)(x)

    def pool(x, name):
        return keras.layers.AveragePooling2D(
            2, data_format="channels_last", name=name
        )(x)

    image = keras.Input((None, None, 3), name="input")
    x = convolution(
        image, filters, 4, strides=2, padding="reflect", name="stem_conv"
    )
    for i in (1, 2, 3):
        block = f"block_{i}"
        y = activate(x, f"{block}_relu_1")
        y = convolution(
            y,
            y.shape[-1],
            3,
            padding="reflect",
            name=f"{block}_conv_1",
        )
        y = activate(y, f"{block}_relu_2")
        y = convolution(
            y,
            filters * (i + 1),
            3,
            padding="reflect",
            name=f"{block}_conv_2",
        )
        y = pool(y, f"{block}_pool")
        x = convolution(
            pool(x, f"{block}_shortcut_pool"),
            filters * (i + 1),
            1,
            name=f"{block}_shortcut_conv",
        )
        x = keras.layers.Add(name=f"{block}_add")([y, x])
    x = activate(x, "relu")
    x = keras.layers.GlobalAveragePooling2D(
        data_format="channels_last", name="pool"
    )(x)
    outputs = {
        part: keras.layers.Dense(
            style_size,
            dtype="float32",
            name=part,
            **initializers("normal", x.shape[-1]),
        )(x)
        for part in ("mean", "log_variance")
    }
    return keras.Model(image, outputs, name=name)


def attribute_decoder(filters=64, num_blocks=3, style_size=8, concat=True):
    """From [content, style] to images of both domains.

    Args:
        filters: width of the layers before the images.
        num_blocks: residual blocks.
        style_size: components of an attribute vector.
        concat: whether attributes stand beside features, or transform them.

    Returns:
        `keras.Model`.
    """
    channels = 4 * filters
    content = keras.Input((None, None, channels), name="content")
    style = keras.Input((style_size,), name="style")
    shared = None
    if concat:
        features = keras.Input((None, None, channels), name="input")
        shared = keras.Model(
            features, _residual(features, "block"), name="shared_decoder"
        )
    outputs = {}
    for domain in "ab":
        inputs = [
            keras.Input((None, None, channels), name="content"),
            keras.Input((style_size,), name="style"),
        ]
        image = (
            _appended(shared, *inputs, num_blocks)
            if concat
            else _transformed(*inputs, num_blocks)
        )
        network = keras.Model(inputs, image, name=f"decoder_{domain}")
        outputs[domain] = network([content, style])
    return keras.Model([content, style], outputs, name="decoder")


def _enlarge(x, name):
    x = transposed_convolution(x, x.shape[-1] // 2, name=f"{name}_deconv")
    # Layer normalization with parameters per channel.
    x = keras.layers.GroupNormalization(1, epsilon=1e-5, name=f"{name}_norm")(x)
    return keras.layers.ReLU(name=f"{name}_relu")(x)


def _to_image(x):
    x = keras.layers.Conv2DTranspose(
        3,
        1,
        data_format="channels_last",
        name="head_deconv",
        **initializers("normal", x.shape[-1]),
    )(x)
    return keras.layers.Activation("tanh", dtype="float32", name="made")(x)


def _appended(shared, content, style, num_blocks):
    """Attributes stand beside features of every size."""
    x = AppendVector(name="append")([shared(content), style])
    for i in range(1, num_blocks + 1):
        x = _residual(x, f"block_{i}")
    for i in (1, 2):
        x = AppendVector(name=f"up_{i}_append")([x, style])
        x = _enlarge(x, f"up_{i}")
    return _to_image(AppendVector(name="head_append")([x, style]))


def _transformed(content, style, num_blocks):
    """A dense network's vectors transform the features of every block."""
    channels = content.shape[-1]
    # One vector more than the authors' three blocks have: four.
    blocks = num_blocks + 1

    def dense(x, units, name, activation=None):
        return keras.layers.Dense(
            units, activation, name=name, **initializers("normal", 1)
        )(x)

    y = dense(style, channels, "style_dense_1", "relu")
    y = dense(y, channels, "style_dense_2", "relu")
    y = dense(y, blocks * channels, "style_vectors")
    x = content
    for i in range(1, blocks + 1):
        vector = Part(i - 1, blocks, name=f"style_vector_{i}")(y)
        block = x
        for part in (1, 2):
            name = f"block_{i}_{part}"
            x = convolution(
                x, channels, 3, padding="reflect", name=f"{name}_conv"
            )
            x = normalize(x, "instance", f"{name}_norm")
            x = AppendVector(name=f"{name}_append")([x, vector])
            for j, units in ((1, 2 * channels), (2, channels)):
                x = convolution(x, units, 1, name=f"{name}_mix_{j}")
                x = keras.layers.ReLU(name=f"{name}_relu_{j}")(x)
        x = keras.layers.Add(name=f"block_{i}_add")([x, block])
    for i in (1, 2):
        x = _enlarge(x, f"up_{i}")
    return _to_image(x)


def content_discriminator(image_size=216, filters=64):
    """From contents to logits of being of B.

    Args:
        image_size: of the images whose contents they are; 216 if None.
        filters: width of the encoder's first layer.

    Returns:
        `keras.Model`.
    """
    channels = 4 * filters
    content = keras.Input((None, None, channels), name="content")
    x, size = content, (image_size or 216) // 4
    sizes = []
    # Three times, 54 pixels to 4.
    # Deviation: less often for images of less than 216 pixels.
    while len(sizes) < 3 and (size + 2 - 7) // 2 + 1 >= 4:
        size = (size + 2 - 7) // 2 + 1
        sizes.append(size)
    for i in range(1, len(sizes) + 2):
        last = i > len(sizes)
        if not last:
            x = pad(x, 1, "reflect", f"layer_{i}_pad")
        x = keras.layers.Conv2D(
            channels,
            4 if last else 7,
            strides=1 if last else 2,
            data_format="channels_last",
            name=f"layer_{i}_conv",
            **initializers("normal", 1),
        )(x)
        x = keras.layers.LeakyReLU(0.01, name=f"layer_{i}_relu")(x)
    x = convolution(x, 1, 1, dtype="float32", name="logits")
    return keras.Model(content, x, name="discriminator_content")
