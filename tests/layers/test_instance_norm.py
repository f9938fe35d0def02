import numpy as np

from keras_gan_translate.layers import InstanceNormalization


def features():
    generator = np.random.default_rng(0)
    return generator.normal(2.0, 3.0, (2, 5, 4, 3)).astype("float32")


def test_is_its_definition():
    x = features()
    mean = x.mean((1, 2), keepdims=True)
    variance = x.var((1, 2), keepdims=True)
    expected = (x - mean) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(InstanceNormalization()(x), expected, atol=1e-5)


def test_affine_scales_and_shifts_every_channel():
    x = features()
    layer = InstanceNormalization(affine=True)
    layer(x)
    layer.gamma.assign([1.0, 2.0, 3.0])
    layer.beta.assign([0.0, -1.0, 1.0])
    expected = InstanceNormalization()(x) * np.array([1.0, 2, 3])
    np.testing.assert_allclose(
        layer(x), expected + np.array([0.0, -1, 1]), atol=1e-5
    )


def test_a_large_mean_costs_no_precision():
    x = features()
    np.testing.assert_allclose(
        InstanceNormalization()(x + 1000.0),
        InstanceNormalization()(x),
        atol=1e-3,
    )


def test_has_no_weights_unless_affine():
    layer = InstanceNormalization()
    layer(features())
    assert not layer.variables
