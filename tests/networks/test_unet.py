import keras
import numpy as np
import pytest

from keras_gan_translate.networks import unet_generator


def images():
    generator = np.random.default_rng(0)
    return generator.uniform(-1, 1, (1, 64, 128, 3)).astype("float32")


@pytest.mark.parametrize("normalization", ["batch", "instance"])
def test_translates_any_size_its_levels_divide(normalization):
    network = unet_generator(4, 6, normalization, output_channels=2)
    outputs = network(images())
    assert outputs.shape == (1, 64, 128, 2)
    assert np.all(np.abs(outputs) <= 1)


@pytest.mark.parametrize("num_downs, levels", [(8, {5, 6, 7}), (6, {5})])
def test_dropout_stands_in_the_inner_levels(num_downs, levels):
    network = unet_generator(2, num_downs)
    dropped = {
        int(layer.name.split("_")[1])
        for layer in network.layers
        if isinstance(layer, keras.layers.Dropout)
    }
    assert dropped == levels


def test_every_level_matters():
    network = unet_generator(4, 6, dropout=0.0)
    for i in range(1, 7):
        layer = network.get_layer(f"down_{i}_conv")
        before = np.array(network(images()))
        kernel = np.array(layer.kernel)
        layer.kernel.assign(0 * kernel)
        assert np.abs(np.array(network(images())) - before).max() > 0
        layer.kernel.assign(kernel)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"normalization": "bath"}, "Did you mean 'batch'"),
        ({"num_downs": 1}, "num_downs=1"),
    ],
)
def test_wrong_options_are_errors_in_words(arguments, message):
    with pytest.raises(ValueError, match=message):
        unet_generator(4, **arguments)
