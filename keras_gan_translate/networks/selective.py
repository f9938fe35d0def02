"""Encoder and decoder of attribute editing, with selective transfer."""

import keras

from keras_gan_translate.layers import AppendVector, InstanceNormalization

WIDEST = 1024  # channels of any layer


def feature_encoder(filters=64, num_layers=5, name="encoder"):
    """G_enc (section 3.3): convolutions that halve the size.

    Args:
        filters: width of the first layer.
        num_layers: number of convolutions.
        name: name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, 3) in [-1, 1], H and W multiples
        of 2**num_layers, to a list of features, finest first: (N, H / 2, W /
        2, filters) and so on, each half as large and twice as wide.
    """
    image = x = keras.Input((None, None, 3), name="input")
    features = []
    for i, width in enumerate(_widths(filters, num_layers), 1):
        x = _convolution(x, width, 4, f"layer_{i}_conv", 2, use_bias=False)
        x = _batch_norm(x, f"layer_{i}_norm")
        x = keras.layers.LeakyReLU(0.2, name=f"layer_{i}_relu")(x)
        features.append(x)
    return keras.Model(image, features, name=name)


def selective_transfer(
    filters=64, num_layers=5, num_attributes=13, name="transfer"
):
    """G_st: the selective transfer units (section 3.2, equations 2 to 7).

    Args:
        filters: width of the finest features.
        num_layers: number of features.
        num_attributes: components of a change of attributes.
        name: name of the model.

    Returns:
        A `keras.Model` from the features of `feature_encoder` and changes
        (N, num_attributes), in one list, to a list of features of the same
        shapes, the deepest as they were.
    """
    *inputs, change = _feature_inputs(filters, num_layers, num_attributes)
    transferred, state = [inputs[-1]], inputs[-1]
    for i in reversed(range(1, num_layers)):
        encoded, unit = inputs[i - 1], f"unit_{i}"
        width = encoded.shape[-1]
        state = AppendVector(name=f"{unit}_inject")([state, change])
        state = _deconvolution(state, width, f"{unit}_deconv")

        def gate(state, name, activation, encoded=encoded, unit=unit):
            x = keras.layers.Concatenate(name=f"{unit}_{name}_input")(
                [encoded, state]
            )
            return _convolution(
                x, x.shape[-1] // 2, 3, f"{unit}_{name}", activation=activation
            )

        reset = gate(state, "reset", "sigmoid")
        update = gate(state, "update", "sigmoid")
        kept = reset * state  # the state that the next unit gets
        candidate = gate(kept, "candidate", "tanh")
        chosen = (1.0 - update) * state + update * candidate
        transferred.insert(0, chosen)
        state = kept
    return keras.Model([*inputs, change], transferred, name=name)


def feature_decoder(
    filters=64, num_layers=5, num_attributes=13, skips=4, name="decoder"
):
    """G_dec: transposed convolutions that double the size.

    Args:
        filters: width of the finest features.
        num_layers: number of features, and of transposed convolutions.
        num_attributes: components of a change of attributes.
        skips: after how many of them, from the deepest, features of the size
            reached, and the change, are appended; less than `num_layers`.
        name: name of the model.

    Returns:
        A `keras.Model` from a list as that of `selective_transfer` to images
        (N, H, W, 3), float32 in [-1, 1].
    """
    *inputs, change = _feature_inputs(filters, num_layers, num_attributes)
    x = AppendVector(name="inject")([inputs[-1], change])
    for i, width in enumerate(reversed(_widths(filters, num_layers)[1:]), 1):
        x = _deconvolution(x, width, f"up_{i}_deconv", use_bias=False)
        x = _batch_norm(x, f"up_{i}_norm")
        x = keras.layers.ReLU(name=f"up_{i}_relu")(x)
        if i <= skips:
            x = keras.layers.Concatenate(name=f"up_{i}_skip")(
                [x, inputs[num_layers - 1 - i]]
            )
            x = AppendVector(name=f"up_{i}_inject")([x, change])
    x = _deconvolution(x, 3, "head_deconv")
    x = keras.layers.Activation("tanh", dtype="float32", name="made")(x)
    return keras.Model([*inputs, change], x, name=name)


def attribute_discriminator(
    image_size, filters=64, num_layers=5, dense_units=1024, num_attributes=13
):
    """D_adv and D_att, which share their convolutions.

    Args:
        image_size: height and width of the images.
        filters: width of the first layer.
        num_layers: number of convolutions, each of which halves the size.
        dense_units: width of the hidden layer of each head.
        num_attributes: number of attributes that are told.

    Returns:
        A `keras.Model` from images (N, image_size, image_size, 3) to a dict
        of float32 "logits" (N, 1) and "class_logits" (N, num_attributes).
    """
    image = x = keras.Input((image_size, image_size, 3), name="input")
    for i, width in enumerate(_widths(filters, num_layers), 1):
        x = _convolution(x, width, 4, f"layer_{i}_conv", 2, use_bias=False)
        x = InstanceNormalization(1e-6, affine=True, name=f"layer_{i}_norm")(x)
        x = keras.layers.LeakyReLU(0.2, name=f"layer_{i}_relu")(x)
    x = keras.layers.Flatten(name="flatten")(x)

    def head(name, units):
        y = keras.layers.Dense(dense_units, name=f"{name}_hidden")(x)
        y = keras.layers.LeakyReLU(0.2, name=f"{name}_relu")(y)
        return keras.layers.Dense(units, dtype="float32", name=name)(y)

    outputs = {
        "logits": head("logits", 1),
        "class_logits": head("class_logits", num_attributes),
    }
    return keras.Model(image, outputs, name="discriminator")


def _widths(filters, num_layers):
    return [min(filters * 2**i, WIDEST) for i in range(num_layers)]


def _feature_inputs(filters, num_layers, num_attributes):
    """Inputs for a list of features, finest first, and for a change."""
    features = [
        keras.Input((None, None, width), name=f"features_{i}")
        for i, width in enumerate(_widths(filters, num_layers), 1)
    ]
    return [*features, keras.Input((num_attributes,), name="change")]


def _convolution(x, filters, kernel_size, name, strides=1, **options):
    return keras.layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        data_format="channels_last",
        name=name,
        **options,
    )(x)


def _deconvolution(x, filters, name, use_bias=True):
    return keras.layers.Conv2DTranspose(
        filters,
        4,
        strides=2,
        padding="same",
        use_bias=use_bias,
        data_format="channels_last",
        name=name,
    )(x)


def _batch_norm(x, name):
    # Deviation: 0.99 of the old statistics, the authors' 0.999, with which a
    # short training would translate with those of before it.
    return keras.layers.BatchNormalization(
        momentum=0.99, epsilon=1e-3, name=name
    )(x)
