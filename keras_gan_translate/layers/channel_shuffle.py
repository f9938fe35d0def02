"""ShuffleNet's exchange between groups of channels."""

import keras
from keras import ops

from keras_gan_translate.layers.reach import Reach


@keras.saving.register_keras_serializable("keras_gan_translate")
class ChannelShuffle(keras.layers.Layer):
    """Interleaves the channels of equal groups.

    With two groups, channels a b c d e f become a d b e c f.

    Reference: Zhang et al., "ShuffleNet: An Extremely Efficient Convolutional
    Neural Network for Mobile Devices", CVPR 2018, arXiv:1707.01083, section
    3.1.

    Args:
        groups: Number of groups.

    Raises:
        ValueError: If the number of channels is no multiple of `groups`.

    Example:
        >>> ChannelShuffle(2)(keras.ops.ones((1, 8, 8, 4))).shape
        (1, 8, 8, 4)
    """

    reach = Reach()

    def __init__(self, groups=2, **kwargs):
        super().__init__(**kwargs)
        self.groups = groups

    def build(self, input_shape):
        if input_shape[-1] % self.groups:
            raise ValueError(
                f"ChannelShuffle(groups={self.groups}) needs a multiple of "
                f"{self.groups} channels. Received an input of shape "
                f"{tuple(input_shape)}."
            )

    def call(self, inputs):
        _, height, width, channels = ops.shape(inputs)
        x = ops.reshape(inputs, (-1, self.groups, channels // self.groups))
        x = ops.transpose(x, (0, 2, 1))
        return ops.reshape(x, (-1, height, width, channels))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "groups": self.groups}
