"""Attention by class activation maps."""

import keras
from keras import ops

from keras_gan_translate.layers.reach import Reach
from keras_gan_translate.layers.spectral_normalization import SpectralDense


@keras.saving.register_keras_serializable("keras_gan_translate")
class CAM(keras.layers.Layer):
    """U-GAT-IT's attention by class activation maps.

    Two auxiliary classifiers of one unit, on the global average and on the
    global maximum of the features, learn to tell the two domains apart. Their
    weights then scale the feature maps, and a 1x1 convolution of both scaled
    copies makes the attended features. Scaling and convolution are linear, so
    they are applied as one 1x1 convolution with the weights folded into its
    kernel.

    Returns `(features, cam_logits, attention)`: the attended features
    (N, h, w, filters), the classifiers' logits (N, 2), average then maximum,
    and the heatmap (N, h, w, 1), the sum of the attended features over their
    channels. The last two are float32.

    Deviation: as in the PyTorch port, the classifiers are two and have no
    bias, and the maps use their raw kernels even where the logits use the
    spectrally normalized ones. `shared=True` is the authors' TensorFlow code:
    one classifier with a bias for both, and maps of its (normalized) kernel
    plus the bias. The 1x1 convolution is never normalized.

    Reference: Kim et al., "U-GAT-IT: Unsupervised Generative Attentional
    Networks with Adaptive Layer-Instance Normalization for Image-to-Image
    Translation", ICLR 2020, arXiv:1907.10830, section 2.1.

    Args:
        filters: Channels of the attended features; as many as come in if
            None.
        spectral_normalization: Whether the classifiers' kernels are
            spectrally normalized (discriminators).
        negative_slope: Slope of the activation below zero: 0 is ReLU
            (generators), 0.2 LeakyReLU (discriminators).
        shared: Whether one classifier serves both poolings.
        kernel_initializer: Initializer of all kernels.
        bias_initializer: Initializer of all biases.

    Example:
        >>> features, logits, attention = CAM()(keras.ops.ones((1, 8, 8, 3)))
        >>> features.shape, logits.shape, attention.shape
        ((1, 8, 8, 3), (1, 2), (1, 8, 8, 1))
    """

    reach = Reach()  # of features and attention; the logits see all pixels

    def __init__(
        self,
        filters=None,
        spectral_normalization=False,
        negative_slope=0.0,
        shared=False,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.spectral_normalization = spectral_normalization
        self.negative_slope = negative_slope
        self.shared = shared
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)

    def build(self, input_shape):
        channels = input_shape[-1]
        self.average_logit = self._classifier("average_logit", channels)
        if self.shared:
            self.maximum_logit = self.average_logit
        else:
            self.maximum_logit = self._classifier("maximum_logit", channels)
        # Holds the kernel and the bias; `call` applies them folded.
        self.projection = keras.layers.Conv2D(
            self.filters or channels,
            1,
            data_format="channels_last",
            dtype=self.dtype_policy,
            name="projection",
            **self._initializers(),
        )
        self.projection.build((*input_shape[:-1], 2 * channels))

    def _classifier(self, name, channels):
        dense = (
            SpectralDense if self.spectral_normalization else keras.layers.Dense
        )
        layer = dense(
            1,
            use_bias=self.shared,
            dtype="float32",
            name=name,
            **self._initializers(),
        )
        layer.build((None, channels))
        return layer

    def _initializers(self):
        # An initializer instance would fill equal shapes with equal numbers.
        return {
            "kernel_initializer": self.kernel_initializer.clone(),
            "bias_initializer": self.bias_initializer.clone(),
        }

    def call(self, inputs):
        average = ops.mean(ops.cast(inputs, "float32"), axis=(1, 2))
        maximum = ops.cast(ops.max(inputs, axis=(1, 2)), "float32")
        if self.shared:
            # One call for both: one power iteration.
            pooled = ops.stack([average, maximum], axis=1)
            logits = ops.squeeze(self.average_logit(pooled), axis=-1)
        else:
            logits = ops.concatenate(
                [self.average_logit(average), self.maximum_logit(maximum)],
                axis=-1,
            )

        features = ops.conv(
            inputs, self._folded_kernel(), data_format="channels_last"
        )
        features = features + self.projection.bias
        if self.negative_slope:
            features = ops.leaky_relu(features, self.negative_slope)
        else:
            features = ops.relu(features)
        attention = ops.sum(
            ops.cast(features, "float32"), axis=-1, keepdims=True
        )
        return features, logits, attention

    def _folded_kernel(self):
        """The projection's kernel times the map weights: (1, 1, C, filters)."""
        by_average, by_maximum = ops.split(
            ops.cast(self.projection.kernel, "float32"), 2, axis=2
        )
        kernel = by_average * self._map_weights(
            self.average_logit
        ) + by_maximum * self._map_weights(self.maximum_logit)
        return ops.cast(kernel, self.compute_dtype)

    def _map_weights(self, classifier):
        """Float32 weights of the feature maps: (C, 1)."""
        if self.shared and self.spectral_normalization:
            # The iteration has run in the classifier's call.
            weights = classifier.normalized_kernel()
        else:
            weights = ops.cast(classifier.kernel, "float32")
        if self.shared:
            weights = weights + ops.cast(classifier.bias, "float32")
        return weights

    def compute_output_shape(self, input_shape):
        *leading, channels = input_shape
        return (
            (*leading, self.filters or channels),
            (leading[0], 2),
            (*leading, 1),
        )

    def compute_output_spec(self, inputs):
        features, logits, attention = self.compute_output_shape(inputs.shape)
        return (
            keras.KerasTensor(features, self.compute_dtype),
            keras.KerasTensor(logits, "float32"),
            keras.KerasTensor(attention, "float32"),
        )

    def get_config(self):
        serialize = keras.initializers.serialize
        return {
            **super().get_config(),
            "filters": self.filters,
            "spectral_normalization": self.spectral_normalization,
            "negative_slope": self.negative_slope,
            "shared": self.shared,
            "kernel_initializer": serialize(self.kernel_initializer),
            "bias_initializer": serialize(self.bias_initializer),
        }
