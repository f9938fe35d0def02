"""Vectors in parts."""

import keras


@keras.saving.register_keras_serializable("keras_gan_translate")
class Part(keras.layers.Layer):
    """One of several equal parts of the last axis.

    Args:
        index: which, from 0.
        parts: how many there are.
    """

    def __init__(self, index, parts, **kwargs):
        super().__init__(**kwargs)
        self.index = index
        self.parts = parts

    def call(self, inputs):
        size = inputs.shape[-1] // self.parts
        return inputs[..., self.index * size : (self.index + 1) * size]

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] // self.parts)

    def get_config(self):
        config = super().get_config()
        return {**config, "index": self.index, "parts": self.parts}
