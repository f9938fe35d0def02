"""Three steps of every model on TensorFlow and on JAX, from one start."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import inspect, json, sys
import keras, numpy as np
from keras_gan_translate.zoo import find_model

model_class = find_model(sys.argv[1])
takes = inspect.signature(model_class).parameters
random = {"vgg_weights": None} if "vgg_weights" in takes else {}
model = model_class(image_size=32, filters=4, **random)
rng = np.random.default_rng(0)
for network in model.layers:
    for weight in network.trainable_variables:
        weight.assign(rng.normal(0, 0.05, weight.shape))
    for weight in network.non_trainable_variables:
        if weight.name in ("u", "v"):  # of spectral norm: unit vectors
            vector = rng.normal(size=weight.shape)
            weight.assign(vector / np.linalg.norm(vector))
        elif weight.name == "kernel":  # of VGG
            weight.assign(rng.normal(0, 0.05, weight.shape))
for layer in model._flatten_layers():
    if isinstance(layer, keras.layers.Dropout):
        layer.rate = 0.0  # the backends draw other numbers
batch = {
    name: rng.uniform(-1, 1, (2, *field.shape(32)))
    if field.reads == "image"
    else field.example(2, 32, rng)
    for name, field in model.batch.items()
}
model.compile()
steps = []
for _ in range(3):
    model.reset_metrics()
    logs = model.train_on_batch(batch, return_dict=True)
    steps.append({name: float(value) for name, value in logs.items()})
print(json.dumps(steps))
"""


def three_steps(name, backend):
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, name],
        capture_output=True,
        text=True,
        env=os.environ | {"KERAS_BACKEND": backend},
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "name", ["cartoongan", "cyclegan", "pix2pix", "srgan", "ugatit"]
)
def test_losses_of_three_steps_agree(name):
    for backend in ("tensorflow", "jax"):
        if importlib.util.find_spec(backend) is None:
            pytest.skip(f"{backend} is not installed")
    ours, theirs = (three_steps(name, b) for b in ("tensorflow", "jax"))
    for step, (one, other) in enumerate(zip(ours, theirs)):
        assert one.keys() == other.keys()
        for loss, value in one.items():
            # Rounding grows with every step.
            tolerance = (1e-5, 2e-4, 1e-3)[step]
            assert value == pytest.approx(other[loss], rel=tolerance), loss
