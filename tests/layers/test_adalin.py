import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate.backend import gradients
from keras_gan_translate.layers import (
    AdaLIN,
    InstanceNormalization,
    LayerInstanceNormalization,
    UnitInterval,
)

EPSILON = 1e-5


def features(seed=0, shape=(2, 5, 4, 3)):
    generator = np.random.default_rng(seed)
    return generator.normal(2.0, 3.0, shape).astype("float32")


def style(seed):
    return np.random.default_rng(seed).normal(size=(2, 3)).astype("float32")


def reference(x, rho, gamma, beta):
    """The definition, in float64."""
    x, rho, gamma, beta = (np.float64(a) for a in (x, rho, gamma, beta))

    def normalized(axes):
        mean = x.mean(axes, keepdims=True)
        variance = x.var(axes, keepdims=True, ddof=1)
        return (x - mean) / np.sqrt(variance + EPSILON)

    mixed = rho * normalized((1, 2)) + (1 - rho) * normalized((1, 2, 3))
    return gamma * mixed + beta


def test_adalin_is_its_definition():
    x, gamma, beta = features(), style(1), style(2)
    layer = AdaLIN()
    layer((x, gamma, beta))
    rho = np.array([0.0, 0.3, 1.0])
    np.testing.assert_allclose(layer.rho, [0.9] * 3, rtol=1e-6)
    layer.rho.assign(rho)
    np.testing.assert_allclose(
        layer((x, gamma, beta)),
        reference(x, rho, gamma[:, None, None], beta[:, None, None]),
        atol=1e-5,
    )


def test_smoothing_takes_a_tenth_off_rho():
    x, gamma, beta = features(), style(1), style(2)
    smooth, plain = AdaLIN(smoothing=True), AdaLIN()
    first = smooth((x, gamma, beta))  # 1.0 less 0.1 is where the port starts
    np.testing.assert_allclose(first, plain((x, gamma, beta)), atol=1e-5)
    smooth.rho.assign([0.05, 0.4, 1.0])
    plain.rho.assign([0.0, 0.3, 0.9])
    np.testing.assert_allclose(
        smooth((x, gamma, beta)), plain((x, gamma, beta)), atol=1e-5
    )


def test_layer_instance_normalization_is_its_definition():
    x = features()
    layer = LayerInstanceNormalization()
    np.testing.assert_allclose(layer(x), reference(x, 0, 1, 0), atol=1e-5)
    values = [np.array([0.2, 0.5, 0.8]), style(3)[0], style(4)[0]]
    for variable, value in zip((layer.rho, layer.gamma, layer.beta), values):
        variable.assign(value)
    np.testing.assert_allclose(layer(x), reference(x, *values), atol=1e-5)


def test_rho_one_is_instance_norm_but_for_the_unbiased_variance():
    x = features()
    layer = LayerInstanceNormalization(epsilon=0.0)
    layer(x)
    layer.rho.assign(np.ones(3))
    pixels = x.shape[1] * x.shape[2]
    np.testing.assert_allclose(
        layer(x),
        InstanceNormalization(epsilon=0.0)(x) * ((pixels - 1) / pixels) ** 0.5,
        atol=1e-5,
    )


def test_one_pixel_and_one_channel_are_finite():
    layer = LayerInstanceNormalization()
    assert np.all(layer(np.full((1, 1, 1, 1), 7.0)) == 0.0)


def test_gradient_agrees_with_finite_differences():
    # Small values: float32 differences must mean something.
    x, gamma, beta = features() / 3, style(1), style(2)
    weights = features(5)
    layer = AdaLIN()
    layer((x, gamma, beta))
    layer.rho.assign([0.2, 0.5, 0.8])
    point = keras.Variable(x)

    def loss():
        return ops.sum(layer((point, gamma, beta)) * weights), None

    _, (by_x, by_rho) = gradients(loss, [point, layer.rho])

    def value(x, rho):
        outputs = reference(x, rho, gamma[:, None, None], beta[:, None, None])
        return np.sum(outputs * weights)

    rho, step = np.float64(layer.rho), 1e-4
    for index in ((0, 1, 2, 0), (1, 4, 3, 2)):
        at = np.zeros(x.shape)
        at[index] = step
        slope = (value(x + at, rho) - value(x - at, rho)) / (2 * step)
        assert np.asarray(by_x)[index] == pytest.approx(slope, rel=1e-3)
    for index in range(3):
        at = np.eye(3)[index] * step
        slope = (value(x, rho + at) - value(x, rho - at)) / (2 * step)
        assert np.asarray(by_rho)[index] == pytest.approx(slope, rel=1e-3)


def test_the_optimizer_clips_rho_after_its_step():
    layer = LayerInstanceNormalization()
    layer(features())
    assert isinstance(layer.rho.constraint, UnitInterval)
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.apply([ops.array([5.0, -5.0, -0.5])], [layer.rho])
    np.testing.assert_allclose(layer.rho, [0.0, 1.0, 0.5])
