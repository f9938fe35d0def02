import numpy as np
import pytest
from keras import ops

from keras_gan_translate.layers import CAM

CHANNELS = 4


def images():
    generator = np.random.default_rng(0)
    return generator.normal(size=(2, 6, 5, CHANNELS)).astype("float32")


def built(**options):
    layer = CAM(bias_initializer="random_normal", **options)
    layer(images())
    return layer


def expected(layer, average, maximum, slope=0.0):
    """The paper's order: scale both copies, concatenate, convolve, activate.

    `average` and `maximum` are the map weights (C,).
    """
    x = images()
    both = np.concatenate([x * average, x * maximum], axis=-1)
    kernel = ops.convert_to_numpy(layer.projection.kernel)[0, 0]
    features = both @ kernel + ops.convert_to_numpy(layer.projection.bias)
    return np.where(features > 0, features, slope * features)


def kernel_of(dense):
    return ops.convert_to_numpy(dense.kernel)


def test_generator_variant_is_its_definition():
    layer = built(filters=3)
    features, logits, attention = layer(images())
    average = kernel_of(layer.average_logit)
    maximum = kernel_of(layer.maximum_logit)
    want = expected(layer, average[:, 0], maximum[:, 0])
    np.testing.assert_allclose(features, want, atol=1e-5)
    np.testing.assert_allclose(
        attention, want.sum(-1, keepdims=True), atol=1e-5
    )
    x = images()
    np.testing.assert_allclose(
        logits,
        np.concatenate(
            [x.mean((1, 2)) @ average, x.max((1, 2)) @ maximum], axis=-1
        ),
        atol=1e-5,
    )


def test_discriminator_maps_use_the_raw_kernels():
    layer = built(spectral_normalization=True, negative_slope=0.2)
    features, logits, _ = layer(images())
    average = kernel_of(layer.average_logit)
    maximum = kernel_of(layer.maximum_logit)
    want = expected(layer, average[:, 0], maximum[:, 0], slope=0.2)
    np.testing.assert_allclose(features, want, atol=1e-5)
    # The spectral norm of a single column is its length.
    normalized = average / np.linalg.norm(average)
    np.testing.assert_allclose(
        logits[:, :1], images().mean((1, 2)) @ normalized, atol=1e-5
    )


@pytest.mark.parametrize("spectral", [False, True])
def test_shared_variant_has_one_classifier_with_a_bias(spectral):
    layer = built(shared=True, spectral_normalization=spectral)
    assert layer.maximum_logit is layer.average_logit
    features, logits, _ = layer(images())
    kernel = kernel_of(layer.average_logit)
    if spectral:
        kernel = kernel / np.linalg.norm(kernel)
    bias = ops.convert_to_numpy(layer.average_logit.bias)
    assert bias != 0.0
    weights = kernel[:, 0] + bias
    np.testing.assert_allclose(
        features, expected(layer, weights, weights), atol=1e-5
    )
    pooled = [images().mean((1, 2)), images().max((1, 2))]
    np.testing.assert_allclose(
        logits,
        np.concatenate([p @ kernel + bias for p in pooled], axis=-1),
        atol=1e-5,
    )


def test_the_two_classifiers_start_differently():
    layer = CAM(kernel_initializer="random_normal")
    layer(images())
    assert not np.allclose(
        kernel_of(layer.average_logit), kernel_of(layer.maximum_logit)
    )
