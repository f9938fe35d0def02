"""Size and outputs of the papers' networks, against the references."""

import math

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate.checkpoints import import_weights
from tests.networks.papers import NETWORKS
from tests.shared import fixture

OUTPUTS = {
    "out": "logits",
    "image": "image",
    "cam_logit": "cam_logits",
    "heatmap": "attention",
}


@pytest.mark.parametrize("name", NETWORKS)
def test_full_size_has_the_papers_number_of_parameters(name):
    build, parameters = NETWORKS[name]
    # Without initializing: the largest network would take 1.1 GB.
    with keras.StatelessScope(initialize_variables=False):
        network = build(64, 256)
    shapes = [variable.shape for variable in network.trainable_variables]
    # Else the next scope that ends would initialize them.
    keras.utils.clear_session()
    assert sum(map(math.prod, shapes)) == parameters


def channels_last(array):
    return array.transpose(0, 2, 3, 1) if array.ndim == 4 else array


def imported(name):
    arrays, info = fixture(name)
    weights = {key: array for key, array in arrays.items() if key[:2] != "__"}
    width = info["args"].get("ngf", info["args"].get("ndf"))
    x = channels_last(arrays["__in__.x"])
    return import_weights(NETWORKS[name][0](width, x.shape[1]), weights), x


def assert_outputs(name, prefix, outputs):
    arrays, _ = fixture(name)
    prefix = f"__out__.{prefix}"
    if not isinstance(outputs, dict):
        outputs = {"image": outputs, "logits": outputs}
    compared = 0
    for key, ours in OUTPUTS.items():
        if prefix + key not in arrays:
            continue
        expected = channels_last(arrays[prefix + key])
        error = np.abs(ops.convert_to_numpy(outputs[ours]) - expected).max()
        assert error < 1e-4 * expected.std(), (key, error / expected.std())
        compared += 1
    assert compared in (1, 3)


@pytest.mark.parametrize("name", NETWORKS)
def test_inference_reproduces_the_reference(name):
    network, x = imported(name)
    assert_outputs(name, "", network(x))


@pytest.mark.parametrize("name", ["ugatit_dis_global", "ugatit_dis_local"])
def test_training_mode_iterates_once_as_the_reference(name):
    network, x = imported(name)
    assert_outputs(name, "train_", network(x, training=True))


@pytest.mark.parametrize("name", ["ugatit_dis_global", "ugatit_dis_local"])
def test_training_mode_stores_one_power_iteration(name):
    # The fixture's own "after training" vectors are those from before it:
    # computed here from its weights, as PyTorch computes them.
    network, x = imported(name)
    network(x, training=True)
    layers = {layer.name: layer for layer in network.layers}
    modules = {
        "gap_fc": layers["cam"].average_logit,
        "gmp_fc": layers["cam"].maximum_logit,
        "conv": layers["logits"],
    }
    for i in range(1, 7 if name == "ugatit_dis_global" else 5):
        modules[f"model.{3 * i - 2}"] = layers[f"conv_{i}"]
    arrays, _ = fixture(name)
    for module, layer in modules.items():
        weight = np.float64(arrays[f"{module}.weight_orig"])
        matrix = weight.reshape(len(weight), -1)
        v = matrix.T @ arrays[f"{module}.weight_u"]
        v /= np.linalg.norm(v)
        u = matrix @ v
        u /= np.linalg.norm(u)
        if weight.ndim == 4:
            v = v.reshape(weight.shape[1:]).transpose(1, 2, 0).ravel()
        np.testing.assert_allclose(layer.u, u, atol=1e-6)
        np.testing.assert_allclose(layer.v, v, atol=1e-6)


def test_batch_statistics_of_the_pix2pix_discriminator():
    network, x = imported("pix2pix_dis_patchgan")
    outputs = network(x, training=True)
    assert_outputs("pix2pix_dis_patchgan", "train_", outputs)


def test_batch_statistics_of_the_pix2pix_generator():
    network, x = imported("pix2pix_gen_unet256")
    outputs = network(x, training=True)
    assert_outputs("pix2pix_gen_unet256", "train_nodropout_", outputs)
