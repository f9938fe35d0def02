"""Bilinear upsampling, with the pixels where either convention has them."""

import keras
from keras import ops

from keras_gan_translate.layers.enlarged import enlarged
from keras_gan_translate.layers.reach import Reach


@keras.saving.register_keras_serializable("keras_gan_translate")
class BilinearUpsampling2D(keras.layers.Layer):
    """Doubles height and width; new pixels are between their neighbours.

    Pixel 2i is pixel i, pixel 2i + 1 the mean of pixels i and i + 1, and the
    last one is repeated. This is `tf.compat.v1.image.resize_bilinear` with its
    defaults (no aligned corners, no half-pixel centres), which networks of
    that time were trained with.

    With `centres` pixels lie a quarter further: 2i is a quarter of pixel i - 1
    and three of i, 2i + 1 three of i and one of i + 1. So do PyTorch without
    aligned corners, `keras.layers.UpSampling2D` and `ops.image.resize`.

    Written as slices, concatenations and reshapes of four dimensions, which
    train under XLA on every backend and convert to LiteRT with builtin
    operations at fixed and at dynamic size.

    Args:
        centres: Whether pixels are squares with centres, or points.

    Example:
        >>> BilinearUpsampling2D()(keras.ops.ones((1, 8, 8, 3))).shape
        (1, 16, 16, 3)
    """

    def __init__(self, centres=False, **kwargs):
        super().__init__(**kwargs)
        self.centres = centres

    @property
    def reach(self):
        """See `layers.Reach`."""
        return Reach(before=int(self.centres), after=1, upsampling=2)

    def call(self, inputs):
        _, height, width, channels = ops.shape(inputs)
        # A pixel's two beside each other among the channels are two of a row.
        x = ops.concatenate(self._two(inputs, axis=2), axis=3)
        x = ops.reshape(x, (-1, height, 2 * width, channels))
        # And two rows beside each other are two rows.
        x = ops.concatenate(self._two(x, axis=1), axis=2)
        return ops.reshape(x, (-1, 2 * height, 2 * width, channels))

    def _two(self, x, axis):
        """The two pixels that each becomes along an axis."""
        around = (slice(None),) * axis
        following = ops.concatenate(
            [x[(*around, slice(1, None))], x[(*around, slice(-1, None))]],
            axis=axis,
        )
        if not self.centres:
            return x, (x + following) / 2
        before = ops.concatenate(
            [x[(*around, slice(0, 1))], x[(*around, slice(0, -1))]], axis=axis
        )
        return 0.75 * x + 0.25 * before, 0.75 * x + 0.25 * following

    def compute_output_shape(self, input_shape):
        return enlarged(input_shape, 2)

    def get_config(self):
        return {**super().get_config(), "centres": self.centres}
