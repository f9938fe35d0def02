"""Gradients of our own for convolutions: equal to TensorFlow's."""

import os
import platform
import subprocess
import sys

import keras
import numpy as np
import pytest

if keras.backend.backend() != "tensorflow":
    pytest.skip("they are TensorFlow's", allow_module_level=True)

import tensorflow as tf

from keras_gan_translate import backend
from keras_gan_translate.backend.tensorflow import convolutions as own


def close(actual, expected, limit=1e-6):
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    assert np.abs(actual - expected).max() <= limit * np.abs(expected).max()


def normal(*shape, dtype="float32", seed=0):
    return tf.constant(np.random.default_rng(seed).normal(size=shape), dtype)


@pytest.mark.parametrize(
    "dtype, limit", [("float64", 1e-14), ("float32", 1e-6)]
)
@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize("size", [(3, 3), (7, 7), (4, 4), (2, 5), (1, 3)])
def test_every_way_equals_tensorflows(size, same, dtype, limit):
    images = normal(2, 9, 11, 5, dtype=dtype)
    kernel = normal(*size, 5, 3, dtype=dtype, seed=1)
    padding = "SAME" if same else "VALID"
    with tf.GradientTape() as tape:
        tape.watch([images, kernel])
        result = tf.nn.conv2d(images, kernel, 1, padding)
    by_result = normal(*result.shape, dtype=dtype, seed=2)
    by_images, by_kernel = tape.gradient(result, [images, kernel], by_result)
    close(own.turned_convolution(kernel, by_result, same), by_images, limit)
    for way in (own._from_windows_of_inputs, own._from_windows_of_outputs):
        close(way(images, kernel.shape, by_result, same), by_kernel, limit)


@pytest.fixture
def anywhere(monkeypatch):
    """Our gradients, as if oneDNN were off and the images large."""
    monkeypatch.setattr(own, "pay", lambda: True)
    for name in ("LEAST_WORK", "LEAST_INPUTS", "LEAST_POSITIONS"):
        monkeypatch.setattr(own, name, 0)


def network():
    keras.utils.set_random_seed(0)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((12, 12, 4)),
            layers.Conv2D(8, 3, padding="same", activation="tanh"),
            layers.Conv2D(8, 4, strides=2, padding="same", activation="tanh"),
            layers.Conv2D(8, 3, dilation_rate=2, padding="same"),
            layers.Conv2D(8, 3, groups=2, padding="same", activation="tanh"),
            layers.DepthwiseConv2D(3, padding="same", activation="tanh"),
            layers.SeparableConv2D(8, 3, padding="same", activation="tanh"),
            layers.Conv2DTranspose(16, 3, strides=2, padding="same"),
            layers.Conv2DTranspose(16, 3, padding="same", activation="tanh"),
            layers.Conv2D(8, 1, activation="tanh"),
            layers.Conv2D(1, 3),
        ]
    )


def gradients_of(function, net, batches):
    """A function's gradients, with the native ones, and their operations."""
    results, kinds = [], []
    for xla in (True, False):  # what is compiled keeps TensorFlow's
        step = tf.function(
            lambda x, xla=xla: backend.gradients(
                lambda: (function(net, x), ()), net.trainable_variables, xla
            )[1],
            autograph=False,
            input_signature=[tf.TensorSpec((None, 12, 12, 4))],
        )
        kinds.append(
            [
                op.type
                for op in step.get_concrete_function().graph.get_operations()
            ]
        )
        results.append([step(batch) for batch in batches])
    return results, kinds


def loss(net, x):
    return tf.reduce_mean(net(x) ** 2)


def penalty(net, x):
    slopes = backend.input_gradients(net, x)
    return tf.reduce_mean((tf.reduce_sum(slopes**2, (1, 2, 3)) - 1) ** 2)


@pytest.mark.parametrize("function", [loss, penalty])
def test_a_training_steps_gradients_equal_tensorflows(function, anywhere):
    net = network()
    batches = [normal(count, 12, 12, 4, seed=count) for count in (1, 3)]
    (native, ours), (native_kinds, kinds) = gradients_of(function, net, batches)
    for one, other in zip(native, ours):
        for variable, expected, actual in zip(
            net.trainable_variables, one, other
        ):
            assert actual.dtype == expected.dtype, variable.path
            close(actual, expected, 1e-5)
    native_count, count = (
        names.count("Conv2DBackpropFilter") for names in (native_kinds, kinds)
    )
    assert 0 < count < native_count


def test_a_variable_out_of_reach_has_a_gradient_of_zero(anywhere):
    net = network()
    apart = keras.Variable(np.ones((2, 3), "float32"))

    @tf.function(autograph=False)
    def step(x):
        return backend.gradients(
            lambda: (loss(net, x), ()), [apart, *net.trainable_variables]
        )[1]

    assert not np.any(step(normal(1, 12, 12, 4))[0])


@pytest.mark.parametrize(
    "images, kernel, options",
    [
        ((1, 64, 64, 32), (3, 3, 32, 32), {"strides": 2}),
        ((1, 64, 64, 32), (3, 3, 16, 32), {}),  # groups
        ((1, 64, 64, 3), (7, 7, 3, 64), {}),
        ((1, 64, 64, 32), (1, 1, 32, 32), {}),
        ((1, 4, 4, 512), (3, 3, 512, 512), {}),
        ((1, 8, 8, 32), (3, 3, 32, 32), {}),
        ((None, None, None, 32), (3, 3, 32, 32), {}),
    ],
)
def test_what_does_not_pay_is_left_to_tensorflow(images, kernel, options):
    def suits(images, kernel, strides=1, dtype="float32"):
        with tf.Graph().as_default():
            images = tf.compat.v1.placeholder(dtype, images)
            kernel = tf.compat.v1.placeholder(dtype, kernel)
            result = tf.nn.conv2d(images, kernel, strides, "SAME")
            return own._suits(result.op)

    assert suits((None, 64, 64, 32), (3, 3, 32, 32))
    assert not suits((None, 64, 64, 32), (3, 3, 32, 32), dtype="bfloat16")
    assert not suits(images, kernel, **options)


PROGRAM = """
import os
import platform

import keras

from keras_gan_translate.backend.tensorflow import convolutions as own
from tests import toys

own.LEAST_WORK = own.LEAST_INPUTS = own.LEAST_POSITIONS = 0
made, turned = [], own.turned_convolution
own.turned_convolution = lambda *args: made.append(1) or turned(*args)
for off in "1", "0":
    os.environ[own.OFF] = off
    own.pay.cache_clear()
    keras.utils.set_random_seed(0)
    model = toys.Critic()
    model.compile()
    for _ in range(2):
        logs = model.train_on_batch(toys.batch(), return_dict=True)
    assert off == "1" or not own.uses_onednn()
    print(len(made) > 0, *(float(logs[name]) for name in sorted(logs)))
"""


def test_a_training_where_onednn_is_off():
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"TF_ENABLE_ONEDNN_OPTS": "0"},
    ).stdout
    (native, *losses), (used, *ours) = map(str.split, said.splitlines())
    assert (native, used) == ("False", "True")
    close([float(x) for x in ours], [float(x) for x in losses])


@pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="oneDNN is for x86"
)
def test_where_onednn_is_on_nothing_is_ours():
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "from keras_gan_translate.backend.tensorflow import convolutions\n"
            "print(convolutions.uses_onednn(), convolutions.pay())",
        ],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"TF_ENABLE_ONEDNN_OPTS": "1"},
    ).stdout
    assert said.split() == ["True", "False"]
