"""The reaches of Keras' own layers; those of ours declare them."""

import math

import keras

from keras_gan_translate.layers import Reach, SpectralConv2D


def reach_of(operation, arguments):
    """How far a local operation looks.

    Args:
        operation: a layer or another operation of a Functional model.
        arguments: tuple of what it is called with.

    Returns:
        A `layers.Reach`.

    Raises:
        ValueError: it is not known to be local. Guessing would draw seams.
    """
    find = _REACHES.get(type(operation))
    if type(operation).__name__ == "GetItem":  # not in Keras' public API
        reach = Reach() if _takes_channels(arguments[1]) else None
    elif find:
        reach = find(operation)
    else:
        reach = getattr(operation, "reach", None)
    if reach is None:
        raise ValueError(
            f"'{operation.name}' ({type(operation).__name__}) cannot be "
            "tiled as it is used here: nobody has said which rows of an image "
            "it needs. A layer of yours may declare a `reach` "
            "(keras_gan_translate.layers.Reach); otherwise translate without "
            "`tile`, or a smaller image."
        )
    return reach


def _convolution(layer):
    if layer.data_format != "channels_last":
        return None
    stride = layer.strides[0]
    kernel = (layer.kernel_size[0] - 1) * layer.dilation_rate[0] + 1
    if layer.padding == "valid":
        return Reach(after=kernel - stride, stride=stride)
    return Reach(kernel, kernel, stride=stride)


def _transposed_convolution(layer):
    if layer.data_format != "channels_last" or layer.dilation_rate[0] > 1:
        return None
    stride = layer.strides[0]
    rows = math.ceil((layer.kernel_size[0] - 1) / stride)
    after = 0 if layer.padding == "valid" else rows
    return Reach(rows, after, upsampling=stride)


def _zero_padding(layer):
    if layer.data_format != "channels_last":
        return None
    return Reach(before=layer.padding[0][0])


def _cropping(layer):
    if layer.data_format != "channels_last":
        return None
    return Reach(after=sum(layer.cropping[0]))


def _of_channels(layer):
    return Reach() if layer.axis in (-1, 3) else None


def _prelu(layer):
    # Slopes of their own would belong to pixels of one size of image.
    return Reach() if {1, 2} <= set(layer.shared_axes or ()) else None


def _takes_channels(key):
    """Whether `x[key]` keeps all rows and columns of images."""
    if not isinstance(key, tuple) or not isinstance(key[-1], slice):
        return False
    return key[:-1] in ((Ellipsis,), (slice(None),) * 3)


# Of these classes only: a subclass may do something else.
_REACHES = {
    keras.layers.Conv2D: _convolution,
    keras.layers.DepthwiseConv2D: _convolution,
    SpectralConv2D: _convolution,
    keras.layers.Conv2DTranspose: _transposed_convolution,
    keras.layers.ZeroPadding2D: _zero_padding,
    keras.layers.Cropping2D: _cropping,
    keras.layers.BatchNormalization: _of_channels,
    keras.layers.Concatenate: _of_channels,
    keras.layers.PReLU: _prelu,
    keras.layers.Activation: lambda layer: Reach(),
    keras.layers.Add: lambda layer: Reach(),
    keras.layers.Dropout: lambda layer: Reach(),
    keras.layers.LeakyReLU: lambda layer: Reach(),
    keras.layers.ReLU: lambda layer: Reach(),
    keras.layers.Rescaling: lambda layer: Reach(),
}
