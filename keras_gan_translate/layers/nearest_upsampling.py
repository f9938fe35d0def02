"""Nearest-neighbour upsampling for training, XLA and LiteRT alike."""

import keras
from keras import ops

from keras_gan_translate.layers.enlarged import enlarged
from keras_gan_translate.layers.reach import Reach


@keras.saving.register_keras_serializable("keras_gan_translate")
class NearestUpsampling2D(keras.layers.Layer):
    """Repeats every pixel `factor` times in height and width.

    Written as concatenations and reshapes of four dimensions, which train
    under XLA on every backend and convert to LiteRT with builtin operations
    at fixed and at dynamic size; `UpSampling2D`, `ops.repeat` and
    `ops.image.resize` each fail one of these.

    Args:
        factor: How often each pixel is repeated, 1 or more.

    Raises:
        ValueError: If `factor` is below 1.

    Example:
        >>> NearestUpsampling2D()(keras.ops.ones((1, 8, 8, 3))).shape
        (1, 16, 16, 3)
    """

    def __init__(self, factor=2, **kwargs):
        super().__init__(**kwargs)
        if factor < 1:
            raise ValueError(
                "NearestUpsampling2D expects a `factor` of 1 or more. "
                f"Received: factor={factor}"
            )
        self.factor = factor

    @property
    def reach(self):
        """See `layers.Reach`."""
        return Reach(upsampling=self.factor)

    def call(self, inputs):
        _, height, width, channels = ops.shape(inputs)
        width = width * self.factor
        # A pixel's channels beside themselves are `factor` equal pixels ...
        x = ops.concatenate([inputs] * self.factor, axis=3)
        x = ops.reshape(x, (-1, height, width, channels))
        # ... and a row beside itself is `factor` equal rows.
        x = ops.concatenate([x] * self.factor, axis=2)
        return ops.reshape(x, (-1, height * self.factor, width, channels))

    def compute_output_shape(self, input_shape):
        return enlarged(input_shape, self.factor)

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}
