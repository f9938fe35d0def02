import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import checkpoints
from keras_gan_translate.models.faststyle import transformation_network
from tests.shared import fixture


def tensors():
    arrays, _ = fixture("fast_neural_style_transformer")
    weights = {key: array for key, array in arrays.items() if key[:2] != "__"}
    x, image = (
        arrays[name].transpose(0, 2, 3, 1)
        for name in ("__in__.x", "__out__.image")
    )
    return weights, x, image  # images in 0..255


def imported():
    weights, x, image = tensors()
    network = checkpoints.import_weights(transformation_network(8), weights)
    return network, x / np.float32(127.5) - 1, image


def test_the_network_reproduces_the_reference():
    network, x, expected = imported()
    inside = keras.Model(network.input, network.get_layer("head_conv").output)
    image = ops.convert_to_numpy(inside(x))
    assert np.abs(image - expected).max() < 1e-4 * expected.std()
    # The fixture's values lie within 0.35 levels of black: in [-1, 1] one
    # unit in the last place is 2e-5 of their deviation.
    image = ops.convert_to_numpy(network(x)) * 127.5 + 127.5
    assert np.abs(image - expected).max() < 1e-4 * expected.std()


def test_a_state_dict_makes_the_model():
    weights, x, expected = tensors()
    stale = {"in1.running_mean": np.ones(8), "in1.running_var": np.ones(8)}
    recognised = checkpoints.recognise({**weights, **stale})
    assert recognised.model == "faststyle"
    assert recognised.arguments == {"filters": 8, "num_blocks": 5}
    model = checkpoints.load_translator({**weights, **stale})
    pixels = np.rint(x).astype("uint8")
    translated = model.translate(pixels)
    assert translated.dtype == np.uint8 and translated.shape == pixels.shape
    assert np.abs(translated - np.clip(expected, 0, 255)).max() < 1


def test_a_missing_tensor_is_named():
    weights, _, _ = tensors()
    del weights["res3.in2.bias"]
    network = transformation_network(8)
    with pytest.raises(ValueError, match=r"Missing: res3.in2.bias \(32,\)"):
        checkpoints.import_weights(network, weights)
