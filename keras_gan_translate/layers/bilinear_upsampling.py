"""Bilinear upsampling as TensorFlow 1 did it."""

import keras
from keras import ops

from keras_gan_translate.layers.reach import Reach


@keras.saving.register_keras_serializable("keras_gan_translate")
class BilinearUpsampling2D(keras.layers.Layer):
    """Doubles height and width; new pixels are the mean of their neighbours.

    Pixel 2i is pixel i, pixel 2i + 1 the mean of pixels i and i + 1, and the
    last one is repeated. This is `tf.compat.v1.image.resize_bilinear` with its
    defaults (no aligned corners, no half-pixel centres), which networks of
    that time were trained with; `keras.layers.UpSampling2D` and
    `ops.image.resize` place pixels a quarter further.

    Written as slices, concatenations and reshapes of four dimensions, which
    train under XLA on every backend and convert to LiteRT with builtin
    operations at fixed and at dynamic size.

    Example:
        >>> BilinearUpsampling2D()(keras.ops.ones((1, 8, 8, 3))).shape
        (1, 16, 16, 3)
    """

    reach = Reach(after=1, upsampling=2)

    def call(self, inputs):
        _, height, width, channels = ops.shape(inputs)
        right = ops.concatenate([inputs[:, :, 1:], inputs[:, :, -1:]], axis=2)
        # A pixel's channels beside the mean's are two pixels of one row ...
        x = ops.concatenate([inputs, (inputs + right) / 2], axis=3)
        x = ops.reshape(x, (-1, height, 2 * width, channels))
        below = ops.concatenate([x[:, 1:], x[:, -1:]], axis=1)
        # ... and a row beside the mean's is two rows.
        x = ops.concatenate([x, (x + below) / 2], axis=2)
        return ops.reshape(x, (-1, 2 * height, 2 * width, channels))

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        return (
            batch,
            None if height is None else 2 * height,
            None if width is None else 2 * width,
            channels,
        )
