"""A dilated convolution whose result has the size that it has."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_translate")
class DilatedConv2D(keras.layers.Conv2D):
    """A convolution of stride 1, with its size said again.

    TensorFlow runs a dilated convolution as three operations. If the result
    is concatenated with another tensor, its optimizer takes the size for that
    of the first call, and networks of any size fail at the second: of 2.21,
    `reshape(concat([dilated(x), x]))` returns two images for one of twice the
    width. A reshape by the input's size keeps it from that.

    Args:
        *args: As of `keras.layers.Conv2D`, channels last, strides of 1.
        **kwargs: As of `keras.layers.Conv2D`, channels last, strides of 1.

    Example:
        >>> layer = DilatedConv2D(4, 3, dilation_rate=2, padding="same")
        >>> layer(keras.ops.ones((1, 8, 8, 3))).shape
        (1, 8, 8, 4)
    """

    def call(self, inputs):
        _, height, width, _ = ops.shape(inputs)
        if self.padding == "valid":
            height, width = (
                size - (kernel - 1) * rate
                for size, kernel, rate in zip(
                    (height, width), self.kernel_size, self.dilation_rate
                )
            )
        outputs = super().call(inputs)
        return ops.reshape(outputs, (-1, height, width, self.filters))
