"""Networks train under XLA, with the gradients of eager execution."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate.backend import gradients
from keras_gan_translate.networks import patch_discriminator, resnet_generator
from tests.networks.papers import UGATIT_DISCRIMINATOR, UGATIT_GENERATOR

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="JAX always compiles with XLA",
)


@pytest.mark.parametrize(
    "build, size",
    [
        (
            lambda: resnet_generator(
                2, **{**UGATIT_GENERATOR, "num_blocks": 2}
            ),
            16,
        ),
        (lambda: patch_discriminator(2, 2, **UGATIT_DISCRIMINATOR), 32),
    ],
    ids=["generator", "discriminator"],
)
def test_compiled_gradients_are_the_eager_ones(build, size):
    import tensorflow as tf

    network = build()
    x = np.random.default_rng(0).uniform(-1, 1, (1, size, size, 3))
    x = x.astype("float32")
    state = [np.array(v) for v in network.non_trainable_variables]

    def step():
        def loss():
            outputs = network(x, training=True)
            terms = [ops.mean(ops.square(y)) for y in outputs.values()]
            return sum(terms), None

        return gradients(loss, network.trainable_variables)[1]

    eager = step()
    for variable, value in zip(network.non_trainable_variables, state):
        variable.assign(value)
    compiled = tf.function(step, jit_compile=True)()
    for variable, ours, theirs in zip(
        network.trainable_variables, compiled, eager, strict=True
    ):
        ours, theirs = np.array(ours), np.array(theirs)
        assert np.any(theirs), variable.path
        np.testing.assert_allclose(
            ours, theirs, atol=1e-4 * np.abs(theirs).max()
        )
