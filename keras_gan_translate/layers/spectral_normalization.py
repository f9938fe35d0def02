"""Convolution and dense layer with spectrally normalized kernels."""

import math

import keras
from keras import ops

EPSILON = 1e-12


def _unit(vector):
    """The vector divided by its length."""
    length = ops.sqrt(ops.sum(vector * vector))
    return vector / ops.maximum(length, EPSILON)


def _random_unit(shape, dtype=None):
    return _unit(keras.random.normal(shape, dtype=dtype))


class _SpectralNormalization:
    """Divides a layer's kernel by an estimate of its largest singular value.

    W is the kernel reshaped to (fan_in, out); u (out,) and v (fan_in,)
    approach its first singular vectors by one power iteration per forward
    pass in training, and sigma = v^T W u. The gradient flows through W, in
    the kernel and in sigma, and takes u and v as constants. The normalized
    kernel is a value; the trainable variable is never overwritten.
    """

    def add_weight(self, *args, **kwargs):
        # sigma is computed from the float32 kernel whatever the policy.
        return super().add_weight(*args, **{**kwargs, "autocast": False})

    def build(self, input_shape):
        super().build(input_shape)
        *fan_in, fan_out = self._out_last(self.kernel).shape
        state = {
            "dtype": "float32",
            "trainable": False,
            # Replicas see the same kernel, so their u and v are equal.
            "aggregation": "only_first_replica",
        }
        self.u = self.add_weight(
            name="u", shape=(fan_out,), initializer=_random_unit, **state
        )
        # Half an iteration makes sigma positive before the first step.
        self.v = self.add_weight(
            name="v",
            shape=(math.prod(fan_in),),
            initializer=lambda shape, dtype: _unit(
                ops.dot(self._matrix(), self.u)
            ),
            **state,
        )

    def _out_last(self, kernel):
        """The kernel with the axis of output channels at the end, and back."""
        return kernel

    def _matrix(self):
        kernel = self._out_last(ops.cast(self.kernel, "float32"))
        return ops.reshape(kernel, (-1, kernel.shape[-1]))

    def normalized_kernel(self, training=False):
        """The kernel divided by sigma, after an iteration if training.

        Args:
            training: Whether to run (and store) one power iteration first.

        Returns:
            Float32 tensor of the kernel's shape.
        """
        matrix = self._matrix()
        u, v = ops.convert_to_tensor(self.u), ops.convert_to_tensor(self.v)
        if training:
            constant = ops.stop_gradient(matrix)
            v = ops.stop_gradient(_unit(ops.dot(constant, u)))
            u = ops.stop_gradient(_unit(ops.dot(v, constant)))
            self.u.assign(u)
            self.v.assign(v)
        sigma = ops.sum(ops.dot(v, matrix) * u)
        return ops.cast(self.kernel, "float32") / sigma

    def call(self, inputs, training=False):
        kernel = self.normalized_kernel(training)
        outputs = self._apply(inputs, ops.cast(kernel, self.compute_dtype))
        if self.bias is not None:
            outputs = outputs + ops.cast(self.bias, self.compute_dtype)
        if self.activation is not None:
            outputs = self.activation(outputs)
        return outputs

    def save_own_variables(self, store):
        # Keras' convolution and dense layer would write kernel and bias only.
        keras.layers.Layer.save_own_variables(self, store)

    def load_own_variables(self, store):
        keras.layers.Layer.load_own_variables(self, store)


@keras.saving.register_keras_serializable("keras_gan_translate")
class SpectralConv2D(_SpectralNormalization, keras.layers.Conv2D):
    """A 2D convolution whose kernel has spectral norm one.

    `training=True` runs one power iteration, as PyTorch's `spectral_norm`;
    `training=False` uses the stored vectors. Keras' own
    `SpectralNormalization` overwrites the kernel instead, which makes its
    gradients depend on the backend.

    Reference: Miyato et al., "Spectral Normalization for Generative
    Adversarial Networks", ICLR 2018, arXiv:1802.05957.

    Args:
        *args: As of `keras.layers.Conv2D`, channels last.
        **kwargs: As of `keras.layers.Conv2D`, channels last.

    Example:
        >>> SpectralConv2D(4, 3)(keras.ops.ones((1, 8, 8, 3))).shape
        (1, 6, 6, 4)
    """

    def _apply(self, inputs, kernel):
        return self.convolution_op(inputs, kernel)


@keras.saving.register_keras_serializable("keras_gan_translate")
class SpectralConv2DTranspose(
    _SpectralNormalization, keras.layers.Conv2DTranspose
):
    """A transposed 2D convolution whose kernel has spectral norm one.

    The kernel's matrix is (fan_in, out), as PyTorch's `spectral_norm` has it
    for transposed convolutions too. `training=True` runs one power iteration;
    `training=False` uses the stored vectors.

    Reference: Miyato et al., "Spectral Normalization for Generative
    Adversarial Networks", ICLR 2018, arXiv:1802.05957.

    Args:
        *args: As of `keras.layers.Conv2DTranspose`, channels last.
        **kwargs: As of `keras.layers.Conv2DTranspose`, channels last.

    Example:
        >>> layer = SpectralConv2DTranspose(4, 4, strides=2, padding="same")
        >>> layer(keras.ops.ones((1, 8, 8, 3))).shape
        (1, 16, 16, 4)
    """

    def _out_last(self, kernel):
        return ops.transpose(kernel, (0, 1, 3, 2))  # (h, w, out, in)

    def _apply(self, inputs, kernel):
        return ops.conv_transpose(
            inputs,
            kernel,
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation_rate=self.dilation_rate,
            data_format=self.data_format,
        )


@keras.saving.register_keras_serializable("keras_gan_translate")
class SpectralDense(_SpectralNormalization, keras.layers.Dense):
    """A dense layer whose kernel has spectral norm one.

    `training=True` runs one power iteration, as PyTorch's `spectral_norm`;
    `training=False` uses the stored vectors.

    Reference: Miyato et al., "Spectral Normalization for Generative
    Adversarial Networks", ICLR 2018, arXiv:1802.05957.

    Args:
        *args: As of `keras.layers.Dense`.
        **kwargs: As of `keras.layers.Dense`.

    Example:
        >>> SpectralDense(4)(keras.ops.ones((1, 3))).shape
        (1, 4)
    """

    def _apply(self, inputs, kernel):
        return ops.matmul(inputs, kernel)
