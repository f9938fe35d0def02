import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate.backend import gradients
from keras_gan_translate.layers import SpectralConv2D, SpectralDense


def images():
    generator = np.random.default_rng(0)
    return generator.normal(size=(2, 6, 6, 3)).astype("float32")


def matrix(layer):
    kernel = ops.convert_to_numpy(layer.kernel)
    return kernel.reshape(-1, kernel.shape[-1])


@pytest.mark.parametrize(
    "make",
    [lambda: SpectralConv2D(5, 3), lambda: SpectralDense(5)],
    ids=["conv", "dense"],
)
def test_sigma_converges_to_the_largest_singular_value(make):
    """By power iteration: a ratio of singular values to the power 100."""
    layer = make()
    layer(images())
    # Apart: where the first two are nearly equal it would take for ever.
    left, values, right = np.linalg.svd(matrix(layer), full_matrices=False)
    kernel = (left * np.linspace(2, 1, len(values))) @ right
    layer.kernel.assign(kernel.reshape(layer.kernel.shape))
    for _ in range(50):
        layer(images(), training=True)
    normalized = layer.normalized_kernel()
    np.testing.assert_allclose(
        np.asarray(normalized).reshape(matrix(layer).shape) * 2,
        matrix(layer),
        rtol=1e-4,
        atol=1e-6,
    )


def test_equals_a_convolution_with_the_divided_kernel():
    layer = SpectralConv2D(4, 3, strides=2, activation="relu")
    layer(images())
    layer.bias.assign([0.1, 0.2, 0.3, 0.4])
    plain = keras.layers.Conv2D(4, 3, strides=2, activation="relu")
    plain.build(images().shape)
    plain.kernel.assign(layer.normalized_kernel())
    plain.bias.assign(layer.bias)
    np.testing.assert_allclose(layer(images()), plain(images()), atol=1e-6)


def test_inference_changes_nothing_and_training_not_the_kernel():
    layer = SpectralConv2D(5, 3)
    layer(images())
    before = [ops.convert_to_numpy(v) for v in layer.variables]
    layer(images(), training=False)
    for variable, value in zip(layer.variables, before):
        np.testing.assert_array_equal(variable, value)
    for _ in range(2):  # v starts where the first iteration leads
        layer(images(), training=True)
    changed = {
        variable.name: not np.array_equal(variable, value)
        for variable, value in zip(layer.variables, before)
    }
    assert changed == {"kernel": False, "bias": False, "u": True, "v": True}


def test_sigma_comes_from_the_float32_kernel_in_mixed_precision():
    exact = SpectralConv2D(5, 3)
    mixed = SpectralConv2D(5, 3, dtype="mixed_bfloat16")
    exact(images())
    mixed(images())
    for ours, theirs in zip(mixed.variables, exact.variables, strict=True):
        ours.assign(theirs)
    for _ in range(3):
        exact(images(), training=True)
        mixed(images(), training=True)
    np.testing.assert_allclose(mixed.u, exact.u, atol=1e-6)
    np.testing.assert_allclose(mixed.v, exact.v, atol=1e-6)


def test_sigma_is_positive_before_training():
    for seed in range(10):
        keras.utils.set_random_seed(seed)
        layer = SpectralDense(1, use_bias=False)
        layer.build((None, 7))
        ratio = layer.normalized_kernel() / ops.convert_to_tensor(layer.kernel)
        assert np.all(np.asarray(ratio) > 0)


def test_gradient_agrees_with_finite_differences():
    layer = SpectralConv2D(4, 3, use_bias=False)
    layer(images(), training=True)
    u = np.float64(layer.u)
    weights = np.random.default_rng(1).normal(size=(3 * 3 * 3, 4))

    def loss():
        kernel = layer.normalized_kernel(training=True)
        return ops.sum(ops.reshape(kernel, (-1, 4)) * weights), None

    w = np.float64(matrix(layer))
    v = w @ u / np.linalg.norm(w @ u)
    u = v @ w / np.linalg.norm(v @ w)
    _, (gradient,) = gradients(loss, [layer.kernel])
    gradient = np.asarray(gradient).reshape(w.shape)

    def value(w):  # u and v are constants, W appears twice
        return np.sum(weights * w / (v @ w @ u))

    step = 1e-5
    for index in ((0, 0), (13, 2), (26, 3)):
        at = np.zeros(w.shape)
        at[index] = step
        slope = (value(w + at) - value(w - at)) / (2 * step)
        assert gradient[index] == pytest.approx(slope, rel=1e-3)
    np.testing.assert_allclose(layer.u, u, atol=1e-6)
