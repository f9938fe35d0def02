"""A network as it computes in int8, to be trained like that."""

import keras
from keras import ops

CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)
# What the converter puts into the operator before it.
ABSORBED = {
    keras.layers.BatchNormalization: CONVOLUTIONS,
    keras.layers.ReLU: (
        *CONVOLUTIONS,
        keras.layers.BatchNormalization,
        keras.layers.Add,
    ),
}
# What computes new values; others only move them.
COMPUTES = (
    *CONVOLUTIONS,
    *ABSORBED,
    keras.layers.Activation,
    keras.layers.Add,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
)


def quantization_aware(network):
    """The same weights, in a network that rounds as its int8 export will.

    Kernels are rounded to 255 levels by output channel, symmetric about zero;
    what operators hand on, to 256 levels by tensor, over the range of the
    batch. Gradients pass the rounding unchanged. A batch normalization is
    folded into its convolution: levels are relative to the largest value of
    an output channel, so that the kernel before it may be rounded instead.

    Reference: Jacob et al., "Quantization and Training of Neural Networks for
    Efficient Integer-Arithmetic-Only Inference", CVPR 2018, arXiv:1712.05877.

    Deviation: ranges are of the batch, theirs are running means; there is no
    state to save.

    Args:
        network: Functional `keras.Model` whose normalizations are those of a
            batch.

    Returns:
        A functional `keras.Model` of the same variables.

    Example:
        >>> network = mobile_unet(filters=8, num_blocks=1)
        >>> len(quantization_aware(network).weights) == len(network.weights)
        True
    """
    readers = {}
    for operation in network.operations:
        if not isinstance(operation, keras.layers.InputLayer):
            for tensor in keras.tree.flatten(operation.input):
                readers.setdefault(id(tensor), []).append(operation)

    def rounds(layer):
        """Whether an operator of the export ends with this layer."""
        after = readers.get(id(layer.output), [])
        if not isinstance(layer, COMPUTES):
            return False
        return len(after) != 1 or not isinstance(
            layer, ABSORBED.get(type(after[0]), ())
        )

    def call(layer, *args, **kwargs):
        made = layer
        if type(layer) in CONVOLUTIONS:
            made = _Rounded(layer)
        made = made(*args, **kwargs)
        if rounds(layer):
            made = _Levels(name=f"{layer.name}_levels")(made)
        return made

    return keras.models.clone_model(
        network, clone_function=lambda layer: layer, call_function=call
    )


class _Levels(keras.layers.Layer):
    """256 levels over the range of the values, of which zero is one."""

    def call(self, x):
        least = ops.minimum(ops.min(x), 0.0)
        most = ops.maximum(ops.max(x), 0.0)
        return _rounded(x, least, ops.maximum(most, least + 1e-6))


class _Rounded(keras.layers.Layer):
    """A convolution with its kernel rounded; the variables stay its own."""

    def __init__(self, convolution):
        super().__init__(
            name=f"{convolution.name}_rounded", dtype=convolution.dtype_policy
        )
        self.convolution = convolution

    def call(self, x):
        layer, kernel = self.convolution, self.convolution.kernel
        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        channels = kernel.shape[-1] * (kernel.shape[-2] if depthwise else 1)
        # Keras rounds by the last axis alone on JAX.
        flat = ops.reshape(kernel, (-1, channels))
        most = ops.maximum(ops.max(ops.abs(flat), 0), 1e-6)
        flat = _rounded(flat, -most, most, narrow=True, axis=1)
        kernel = ops.reshape(flat, kernel.shape)
        options = {
            "strides": layer.strides,
            "padding": layer.padding,
            "dilation_rate": layer.dilation_rate,
            "data_format": layer.data_format,
        }
        convolve = ops.depthwise_conv if depthwise else ops.conv
        x = convolve(x, kernel, **options)
        if layer.use_bias:
            x = x + ops.cast(layer.bias, x.dtype)
        return layer.activation(x) if layer.activation else x


def _rounded(x, least, most, narrow=False, axis=None):
    """Values at the levels next to them, with the gradient of themselves."""
    levels = keras.quantizers.fake_quant_with_min_max_vars(
        x, least, most, num_bits=8, narrow_range=narrow, axis=axis
    )
    return x + ops.stop_gradient(ops.cast(levels, x.dtype) - x)
