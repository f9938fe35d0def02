"""Two devices with two images each are one device with four."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from keras_gan_translate import backend

SCRIPT = """
import json
import keras, numpy as np
from keras_gan_translate import backend, devices
from keras_gan_translate.backend import BACKEND
from tests.toys import Critic, Domains, Noisy, Stateful, Toy, batch, images

found = {}

def state(model):
    return [
        (one.path, keras.ops.convert_to_numpy(one).ravel().tolist())
        for one in model.variables
    ]

for toy, rate in ((Toy, 1e-2), (Critic, 1e-4), (Stateful, 1e-2)):
    found[toy.__name__] = []
    for count in (1, 2):
        keras.utils.set_random_seed(1)
        with devices(count):
            model = toy()
            model.compile(keras.optimizers.SGD(rate), ema_momentum=0.9)
            history = model.fit(
                batch(8), batch_size=4, epochs=2, shuffle=False, verbose=0
            ).history
            translated = model.translate(images(3))
        found[toy.__name__].append([history, state(model), translated.tolist()])

def refused(function):
    try:
        function()
    except ValueError as error:
        return str(error)

def many():
    with devices(3):
        pass

def domains():
    Domains().compile()

with devices(2):
    model = Toy()
    model.compile()
    found["refused"] = {
        "batch": refused(lambda: model.fit(batch(6), batch_size=3)),
        "last": refused(lambda: model.fit(batch(7), batch_size=4)),
        "held out": refused(
            lambda: model.fit(batch(4), validation_data=batch(3), batch_size=4)
        ),
        "domains": refused(domains),
    }
    found["refused"]["devices"] = refused(many)
    if BACKEND == "tensorflow":
        noisy = Noisy()
        strategy = noisy.distribute_strategy

        def draw():
            with backend.one_batch(noisy):
                return keras.random.uniform((3,), seed=noisy.noise)

        drawn = strategy.run(draw)
        found["drawn"] = [
            one.numpy().tolist()
            for value in (drawn, noisy.noise.state.value)
            for one in strategy.experimental_local_results(value)
        ]
        keras.config.set_dtype_policy("mixed_float16")
        found["refused"]["float16"] = refused(
            lambda: Toy().compile(jit_compile=True)
        )
if BACKEND == "jax":
    found["refused"]["outside"] = refused(lambda: model.fit(batch(4)))
print(json.dumps(found))
"""

# A CPU as two devices: TensorFlow has no variable for it.
TENSORFLOW = """
import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)
"""
FLAGS = "--xla_force_host_platform_device_count=2"


@pytest.fixture(scope="module")
def found():
    script = SCRIPT
    if backend.BACKEND == "tensorflow":
        script = TENSORFLOW + SCRIPT
    flags = f"{os.environ.get('XLA_FLAGS', '')} {FLAGS}"
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        text=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2", "XLA_FLAGS": flags},
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


@pytest.mark.parametrize("toy", ["Toy", "Critic", "Stateful"])
def test_two_devices_equal_one(found, toy):
    (one, state, images), (two, shared, translated) = found[toy]
    for name, values in one.items():
        assert two[name] == pytest.approx(values, rel=1e-5), name
    for (name, values), (_, theirs) in zip(state, shared, strict=True):
        assert theirs == pytest.approx(values, rel=1e-4, abs=1e-6), name
    assert np.shape(translated) == np.shape(images)
    assert np.abs(np.subtract(translated, images)).max() <= 1  # of 255


def test_the_pool_is_full_and_statistics_have_moved(found):
    """So that the test above says something of them."""
    (_, state, _), _ = found["Stateful"]
    state = dict(state)
    assert state["pool/count"] == [6]
    for name in ("norm/moving_mean", "pool/images"):
        assert np.abs(state[name]).min() > 0, name


def test_replicas_draw_each_its_own_and_go_on_alike(found):
    if backend.BACKEND != "tensorflow":
        pytest.skip("on JAX a batch is drawn for at once")
    one, two, state, other = found["drawn"]
    assert np.abs(np.subtract(one, two)).min() > 0
    assert state == other


def test_what_cannot_be_is_refused_in_words(found):
    refused = found["refused"]
    assert "3 devices were asked for" in refused["devices"]
    assert "batch of 3 cannot be dealt out to 2" in refused["batch"]
    assert "such as 4" in refused["batch"]
    assert "last batch of an epoch has 3 examples" in refused["last"]
    assert "batch of 3 cannot" in refused["held out"]
    if backend.BACKEND == "jax":
        assert refused["domains"] is None  # its players take turns
        assert "within the same" in refused["outside"]
    else:
        assert "train it on one device, or on several" in refused["domains"]
        assert "hangs in TensorFlow" in refused["float16"]
        assert "mixed_bfloat16" in refused["float16"]
