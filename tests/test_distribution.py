"""Two replicas with two images each are one device with four."""

import json
import os
import subprocess
import sys

import pytest

from keras_gan_translate import backend

SCRIPT = """
import json, sys
import keras, numpy as np
import tensorflow as tf
from tests.toys import Critic, Toy, batch

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)
toy = {"Toy": Toy, "Critic": Critic}[sys.argv[1]]
results = []
for strategy in (
    tf.distribute.get_strategy(),
    tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]),
):
    keras.utils.set_random_seed(1)
    with strategy.scope():
        model = toy()
        model.compile(optimizer=keras.optimizers.SGD(1e-4))
    history = model.fit(
        batch(8), batch_size=4, epochs=2, shuffle=False, verbose=0
    ).history
    kernels = [np.array(v).ravel() for v in model.trainable_variables]
    results.append([history, np.concatenate(kernels).tolist()])
print(json.dumps(results))
"""

PIX2PIX = """
import json
import keras, numpy as np
import tensorflow as tf
from keras_gan_translate import Pix2Pix

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)
images = np.random.default_rng(0).uniform(-1, 1, (2, 4, 32, 32, 3))
a, b = images.astype("float32")
strategies = (
    tf.distribute.get_strategy(),
    tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]),
)
results = {"instance": [], "batch": []}
for normalization, histories in results.items():
    for strategy in strategies:
        keras.utils.set_random_seed(1)
        with strategy.scope():
            model = Pix2Pix(
                32, 4, "resnet", normalization, num_blocks=1, patch_size=16
            )
            model.compile(keras.optimizers.SGD(1e-4), run_eagerly=True)
        histories.append(
            model.fit(
                {"a": a, "b": b}, batch_size=4, epochs=2, verbose=0
            ).history
        )
print(json.dumps(results))
"""

FLOAT16 = """
import keras
import tensorflow as tf
from tests.toys import Toy

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)
keras.config.set_dtype_policy("mixed_float16")
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    model = Toy()
    model.compile(jit_compile=True)
"""


def run(script, *arguments):
    if backend.BACKEND != "tensorflow":
        pytest.skip("MirroredStrategy is TensorFlow's")
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"},
    )


@pytest.mark.parametrize("toy", ["Toy", "Critic"])
def test_two_replicas_equal_one_device(toy):
    result = run(SCRIPT, toy)
    assert result.returncode == 0, result.stderr
    (one, weights), (two, mirrored) = json.loads(result.stdout.splitlines()[-1])
    assert mirrored == pytest.approx(weights, rel=1e-4, abs=1e-6)
    for name, values in one.items():
        assert two[name] == pytest.approx(values, rel=1e-4), name


def test_pix2pix_is_one_device_but_for_batch_normalization():
    """There each replica normalizes by its own share of the batch."""
    result = run(PIX2PIX)
    assert result.returncode == 0, result.stderr
    apart = {
        normalization: max(
            abs(x - y) / abs(x)
            for name in one
            for x, y in zip(one[name], two[name], strict=True)
        )
        for normalization, (one, two) in json.loads(
            result.stdout.splitlines()[-1]
        ).items()
    }
    assert apart["instance"] < 1e-4  # as the toys above
    assert apart["batch"] > 1e-4


def test_the_combination_that_hangs_is_refused():
    result = run(FLOAT16)
    assert result.returncode != 0
    assert "hangs in TensorFlow" in result.stderr
    assert "mixed_bfloat16" in result.stderr
