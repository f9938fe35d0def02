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


def test_the_combination_that_hangs_is_refused():
    result = run(FLOAT16)
    assert result.returncode != 0
    assert "hangs in TensorFlow" in result.stderr
    assert "mixed_bfloat16" in result.stderr
