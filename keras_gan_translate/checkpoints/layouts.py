"""How PyTorch lays out the tensors of a layer, in one place.

PyTorch is channels first: kernels are (out, in, height, width), of transposed
convolutions (in, out, height, width), of dense layers (out, in). `tensors_of`
says for a Keras layer which tensors its PyTorch counterpart stores, under
which names, and which of ours each one fills.
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
    """

    variable: keras.Variable
    shape: tuple
    split: tuple
    axes: tuple

    def convert(self, array):
        """The array in the layout of the variable."""
        array = np.reshape(array, self.split).transpose(self.axes)
        return array.reshape(self.variable.shape)


@dataclasses.dataclass(frozen=True)
class AfterFlatten:
    """A dense layer that sees flattened features, channels first there.

    Attributes:
        dense: The `keras.layers.Dense`.
        shape: (H, W, C) of the features.
    """

    dense: keras.layers.Dense
    shape: tuple


def tensors_of(layer):
    """The tensors that PyTorch stores for a layer.

    Args:
        layer: A Keras layer or an `AfterFlatten`.

    Returns:
        A dict from PyTorch's name within the module to `Tensor`, and the set
        of names that may be there and mean nothing to us.
    """
    for kind, tensors in _LAYOUTS.items():
        if isinstance(layer, kind):
            return tensors(layer)
    raise TypeError(f"No PyTorch layout is known for {layer!r}")


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


def _spectral_convolution(layer):
    height, width, channels, _ = layer.kernel.shape
    v = Tensor(
        layer.v,
        tuple(layer.v.shape),
        (channels, height, width),
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
    return {
        "weight": _as_it_is(layer.gamma),
        "bias": _as_it_is(layer.beta),
        "running_mean": _as_it_is(layer.moving_mean),
        "running_var": _as_it_is(layer.moving_variance),
    }, {"num_batches_tracked"}


def _instance_normalization(layer):
    # PyTorch before 0.4 stored statistics that its test path never used.
    if not layer.affine:
        return {}, _STATISTICS
    return {
        "weight": _as_it_is(layer.gamma),
        "bias": _as_it_is(layer.beta),
    }, _STATISTICS


def _adalin(layer):
    return {"rho": _per_channel(layer.rho)}, set()


def _layer_instance_normalization(layer):
    return {
        "rho": _per_channel(layer.rho),
        "gamma": _per_channel(layer.gamma),
        "beta": _per_channel(layer.beta),
    }, set()


# The first kind that fits; subclasses stand before their bases.
_LAYOUTS = {
    AfterFlatten: _dense_after_flatten,
    layers.SpectralConv2D: _spectral_convolution,
    layers.SpectralDense: _spectral_dense,
    keras.layers.Conv2D: _convolution,
    keras.layers.Conv2DTranspose: _convolution,
    keras.layers.Dense: _dense,
    keras.layers.BatchNormalization: _batch_normalization,
    layers.InstanceNormalization: _instance_normalization,
    layers.AdaLIN: _adalin,
    layers.LayerInstanceNormalization: _layer_instance_normalization,
}
