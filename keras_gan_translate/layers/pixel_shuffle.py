"""Depth to space for training, XLA and LiteRT alike."""

import keras
from keras import ops

from keras_gan_translate.layers.enlarged import enlarged
from keras_gan_translate.layers.reach import Reach


@keras.saving.register_keras_serializable("keras_gan_translate")
class PixelShuffle2D(keras.layers.Layer):
    """Rearranges channels into height and width, `factor` times each.

    Channel `(i * factor + j) * C + c` of a pixel becomes channel c of the
    pixel in row i and column j of its block, TensorFlow's order; PyTorch's is
    `(c * factor + i) * factor + j`, which `checkpoints.layouts` reorders in
    the kernel before.

    Written as slices, concatenations and reshapes of four dimensions, which
    train under XLA on every backend and convert to LiteRT with builtin
    operations at fixed and at dynamic size.

    Reference: Shi et al., "Real-Time Single Image and Video Super-Resolution
    Using an Efficient Sub-Pixel Convolutional Neural Network", CVPR 2016,
    arXiv:1609.05158, equation 4.

    Args:
        factor: Size of a block in pixels, 1 or more.

    Raises:
        ValueError: If `factor` is below 1, or the number of channels no
            multiple of its square.

    Example:
        >>> PixelShuffle2D(2)(keras.ops.ones((1, 8, 8, 12))).shape
        (1, 16, 16, 3)
    """

    def __init__(self, factor=2, **kwargs):
        super().__init__(**kwargs)
        if factor < 1:
            raise ValueError(
                "PixelShuffle2D expects a `factor` of 1 or more. "
                f"Received: factor={factor}"
            )
        self.factor = factor

    @property
    def reach(self):
        """See `layers.Reach`."""
        return Reach(upsampling=self.factor)

    def call(self, inputs):
        channels = self.compute_output_shape(inputs.shape)[-1]
        _, height, width, _ = ops.shape(inputs)
        width = width * self.factor
        # The `factor` pixels of one of a block's rows lie side by side ...
        row = self.factor * channels
        rows = [
            ops.reshape(
                inputs[:, :, :, i * row : (i + 1) * row],
                (-1, height, width, channels),
            )
            for i in range(self.factor)
        ]
        # ... and rows side by side are `factor` rows below each other.
        x = ops.concatenate(rows, axis=2)
        return ops.reshape(x, (-1, height * self.factor, width, channels))

    def compute_output_shape(self, input_shape):
        channels = input_shape[-1]
        if channels % self.factor**2:
            raise ValueError(
                f"PixelShuffle2D(factor={self.factor}) needs a multiple of "
                f"{self.factor**2} channels. Received an input of shape "
                f"{tuple(input_shape)}."
            )
        return enlarged(input_shape, self.factor, channels // self.factor**2)

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}
