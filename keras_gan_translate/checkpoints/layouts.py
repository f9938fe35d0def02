"""How others lay out the tensors of a layer, in one place.

PyTorch is channels first: kernels are (out, in, height, width), of transposed
convolutions (in, out, height, width), of dense layers (out, in), and a pixel
shuffle reads channels as (C, r, r). TensorFlow lays its tensors out as Keras
does. `tensors_of` says for a Keras layer which tensors its counterpart stores,
under which names, and which of ours each one fills.
"""

import dataclasses

import keras
import numpy as np

from keras_gan_translate import layers


@dataclasses.dataclass(frozen=True)
class Tensor:
    """A stored tensor and the variable that it fills.

    Attributes:
        variable: The Keras variable.
        shape: The stored shape.
        split: The stored shape with flattened axes told apart.
        axes: The order in which our variable has the axes of `split`.
        reverse: The axis of our variable that runs the other way, or None.
    """

    variable: keras.Variable
    shape: tuple
    split: tuple
    axes: tuple
    reverse: int | None = None

    def convert(self, array):
        """The array in the layout of the variable."""
        array = np.reshape(array, self.split).transpose(self.axes)
        array = array.reshape(self.variable.shape)
        return array if self.reverse is None else np.flip(array, self.reverse)


@dataclasses.dataclass(frozen=True)
class AfterFlatten:
    """A dense layer that sees flattened features, channels first there.

    Attributes:
        dense: The `keras.layers.Dense`.
        shape: (H, W, C) of the features.
    """

    dense: keras.layers.Dense
    shape: tuple


@dataclasses.dataclass(frozen=True)
class BeforePixelShuffle:
    """A convolution before a pixel shuffle, ours a depth-to-space.

    PyTorch shuffles channels (C, r, r), a depth-to-space (r, r, C).

    Attributes:
        convolution: The `keras.layers.Conv2D`.
        factor: r, by which height and width grow.
    """

    convolution: keras.layers.Conv2D
    factor: int


@dataclasses.dataclass(frozen=True)
class Renamed:
    """A layer whose tensors have other names than usual.

    Attributes:
        layer: The layer, or another of these classes.
        names: Dict from the usual name ("weight") to the stored ("scale").
        unused: Names that may be there and mean nothing.
    """

    layer: object
    names: dict
    unused: tuple = ()


@dataclasses.dataclass(frozen=True)
class Widened:
    """A normalization whose tensors are (C, 1, 1) there.

    Attributes:
        layer: The layer.
    """

    layer: keras.layers.Layer


@dataclasses.dataclass(frozen=True)
class BlueGreenRed:
    """A convolution of images whose channels stand in the order BGR there.

    Ours stand in the order RGB; the kernel's are reversed at the import.

    Attributes:
        convolution: The `keras.layers.Conv2D`.
        makes_images: Whether it makes images and does not read them.
    """

    convolution: keras.layers.Conv2D
    makes_images: bool = False


def tensors_of(layer, layout="torch"):
    """The tensors that are stored for a layer.

    Args:
        layer: A Keras layer, an `AfterFlatten`, a `BeforePixelShuffle`, a
            `BlueGreenRed`, a `Widened` or a `Renamed`.
        layout: "torch" or "tensorflow".

    Returns:
        A dict from the stored name within the module to `Tensor`, and the set
        of names that may be there and mean nothing to us.
    """
    if isinstance(layer, Renamed):
        tensors, unused = tensors_of(layer.layer, layout)
        renamed = {layer.names.get(n, n): tensors[n] for n in tensors}
        return renamed, unused | set(layer.unused)
    if isinstance(layer, Widened):
        tensors, unused = tensors_of(layer.layer, layout)
        return {
            name: dataclasses.replace(tensor, shape=(*tensor.shape, 1, 1))
            for name, tensor in tensors.items()
        }, unused
    if isinstance(layer, BlueGreenRed):
        tensors, unused = tensors_of(layer.convolution, layout)
        return {n: _reversed(tensors[n], layer) for n in tensors}, unused
    if layout == "tensorflow":
        return {v.name: _as_it_is(v) for v in layer.variables}, set()
    for kind, tensors in _LAYOUTS.items():
        if isinstance(layer, kind):
            return tensors(layer)
    raise TypeError(f"No PyTorch layout is known for {layer!r}")


def _reversed(tensor, layer):
    if layer.makes_images:
        return dataclasses.replace(tensor, reverse=-1)
    if len(tensor.variable.shape) == 1:  # the bias
        return tensor
    return dataclasses.replace(tensor, reverse=-2)


def _as_it_is(variable, shape=None):
    """Equal but for axes of length one."""
    shape = shape or tuple(variable.shape)
    return Tensor(variable, shape, shape, tuple(range(len(shape))))


def _per_channel(variable):
    """(1, C, 1, 1) there, (C,) here."""
    return _as_it_is(variable, (1, variable.shape[0], 1, 1))


def _kernel(variable):
    # (out, in, h, w) -> (h, w, in, out), and for a transposed convolution
    # (in, out, h, w) -> (h, w, out, in): Keras reads neither flipped.
    height, width, before_last, last = variable.shape
    shape = (last, before_last, height, width)
    return Tensor(variable, shape, shape, (2, 3, 1, 0))


def _matrix(variable):
    shape = tuple(reversed(variable.shape))
    return Tensor(variable, shape, shape, (1, 0))


def _with_bias(tensors, layer):
    if layer.use_bias:
        tensors["bias"] = _as_it_is(layer.bias)
    return tensors, set()


def _convolution(layer):
    return _with_bias({"weight": _kernel(layer.kernel)}, layer)


def _dense(layer):
    return _with_bias({"weight": _matrix(layer.kernel)}, layer)


def _dense_after_flatten(flat):
    height, width, channels = flat.shape
    kernel = flat.dense.kernel
    units = kernel.shape[-1]
    weight = Tensor(
        kernel,
        (units, channels * height * width),
        (units, channels, height, width),
        (2, 3, 1, 0),
    )
    return _with_bias({"weight": weight}, flat.dense)


def _depthwise_convolution(layer):
    # (C * multiplier, 1, h, w) -> (h, w, C, multiplier)
    height, width, channels, multiplier = layer.kernel.shape
    weight = Tensor(
        layer.kernel,
        (channels * multiplier, 1, height, width),
        (channels, multiplier, height, width),
        (2, 3, 0, 1),
    )
    return _with_bias({"weight": weight}, layer)


def _before_pixel_shuffle(shuffled):
    convolution, r = shuffled.convolution, shuffled.factor
    height, width, channels, units = convolution.kernel.shape
    split = (units // r**2, r, r)
    tensors = {
        "weight": Tensor(
            convolution.kernel,
            (units, channels, height, width),
            (*split, channels, height, width),
            (4, 5, 3, 1, 2, 0),
        )
    }
    if convolution.use_bias:
        tensors["bias"] = Tensor(convolution.bias, (units,), split, (1, 2, 0))
    return tensors, set()


def _spectral_convolution(layer):
    return _spectral_kernel(layer, layer.kernel.shape[2])


def _spectral_transposed_convolution(layer):
    return _spectral_kernel(layer, layer.kernel.shape[3])


def _spectral_kernel(layer, inputs):
    height, width = layer.kernel.shape[:2]
    v = Tensor(
        layer.v,
        tuple(layer.v.shape),
        (inputs, height, width),
        (1, 2, 0),
    )
    return _spectral(layer, _kernel(layer.kernel), v)


def _spectral_dense(layer):
    return _spectral(layer, _matrix(layer.kernel), _as_it_is(layer.v))


def _spectral(layer, kernel, v):
    tensors = {
        "weight_orig": kernel,
        "weight_u": _as_it_is(layer.u),
        "weight_v": v,
    }
    return _with_bias(tensors, layer)


_STATISTICS = {"running_mean", "running_var", "num_batches_tracked"}


def _batch_normalization(layer):
    tensors = {
        "running_mean": _as_it_is(layer.moving_mean),
        "running_var": _as_it_is(layer.moving_variance),
    }
    if layer.scale:
        tensors["weight"] = _as_it_is(layer.gamma)
    if layer.center:
        tensors["bias"] = _as_it_is(layer.beta)
    return tensors, {"num_batches_tracked"}


def _instance_normalization(layer):
    # PyTorch before 0.4 stored statistics that its test path never used.
    if not layer.affine:
        return {}, _STATISTICS
    return {
        "weight": _as_it_is(layer.gamma),
        "bias": _as_it_is(layer.beta),
    }, _STATISTICS


def _channels_first(variable):
    """(C,) is the same there; (H, W, C) is (C, H, W)."""
    if len(variable.shape) != 3:
        return _as_it_is(variable)
    height, width, channels = variable.shape
    shape = (channels, height, width)
    return Tensor(variable, shape, shape, (1, 2, 0))


def _layer_normalization(layer):
    # Also of groups.
    tensors = {}
    if layer.scale:
        tensors["weight"] = _channels_first(layer.gamma)
    if layer.center:
        tensors["bias"] = _channels_first(layer.beta)
    return tensors, set()


def _prelu(layer):
    # (C,), or (1,) for all channels; ours has axes of length one before it.
    return {"weight": _as_it_is(layer.alpha, (layer.alpha.shape[-1],))}, set()


def _adalin(layer):
    return {"rho": _per_channel(layer.rho)}, set()


def _adain(layer):
    # Its style comes from elsewhere.
    return {}, _STATISTICS


def _deviation_layer_normalization(layer):
    return {
        "weight": _as_it_is(layer.gamma),
        "bias": _as_it_is(layer.beta),
    }, set()


def _channel_unit_normalization(layer):
    return {
        "alpha": _as_it_is(layer.gamma),
        "beta": _as_it_is(layer.beta),
    }, set()


def _layer_instance_normalization(layer):
    return {
        "rho": _per_channel(layer.rho),
        "gamma": _per_channel(layer.gamma),
        "beta": _per_channel(layer.beta),
    }, set()


def _switchable_normalization(layer):
    statistics = (1, layer.gamma.shape[0], 1)
    return {
        "weight": _per_channel(layer.gamma),
        "bias": _per_channel(layer.beta),
        "mean_weight": _as_it_is(layer.mean_weight),
        "var_weight": _as_it_is(layer.variance_weight),
        "running_mean": _as_it_is(layer.moving_mean, statistics),
        "running_var": _as_it_is(layer.moving_variance, statistics),
    }, set()


# The first kind that fits; subclasses stand before their bases.
_LAYOUTS = {
    AfterFlatten: _dense_after_flatten,
    BeforePixelShuffle: _before_pixel_shuffle,
    layers.SpectralConv2D: _spectral_convolution,
    layers.SpectralConv2DTranspose: _spectral_transposed_convolution,
    layers.SpectralDense: _spectral_dense,
    keras.layers.Conv2D: _convolution,
    keras.layers.Conv2DTranspose: _convolution,
    keras.layers.DepthwiseConv2D: _depthwise_convolution,
    keras.layers.Dense: _dense,
    keras.layers.PReLU: _prelu,
    keras.layers.BatchNormalization: _batch_normalization,
    keras.layers.LayerNormalization: _layer_normalization,
    keras.layers.GroupNormalization: _layer_normalization,
    layers.InstanceNormalization: _instance_normalization,
    layers.AdaIN: _adain,
    layers.AdaLIN: _adalin,
    layers.ChannelUnitNormalization: _channel_unit_normalization,
    layers.DeviationLayerNormalization: _deviation_layer_normalization,
    layers.LayerInstanceNormalization: _layer_instance_normalization,
    layers.SwitchableNormalization: _switchable_normalization,
}
