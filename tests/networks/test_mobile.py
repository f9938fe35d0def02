import keras
import numpy as np
import pytest

from keras_gan_translate.networks import (
    last_features,
    mobile_unet,
    resnet_generator,
)


@pytest.mark.parametrize("normalization", ["batch", "instance", None])
def test_it_is_as_wide_and_as_deep_as_asked(normalization):
    network = mobile_unet(4, 3, normalization, num_downs=2)
    blocks = [x for x in network.layers if x.name.startswith("block_3_")]
    assert blocks and blocks[-1].output.shape[-1] == 16
    images = np.zeros((1, 12, 20, 3), "float32")
    assert network(images).shape == (1, 12, 20, 3)
    assert any(x.name.endswith("_norm") for x in network.layers) == bool(
        normalization
    )
    with pytest.raises(ValueError, match="normalization"):
        mobile_unet(normalization="layer")


def test_separable_blocks_have_a_ninth_of_the_weights():
    plain, separable = (
        resnet_generator(32, 2, "batch", separable=separable)
        for separable in (False, True)
    )

    def weights(network):
        return sum(
            layer.count_params()
            for layer in network.layers
            if layer.name.startswith("block_")
        )

    assert weights(separable) < weights(plain) / 7
    with pytest.raises(ValueError, match="AdaLIN has no style"):
        resnet_generator(4, 2, "adalin", separable=True)


def test_last_features_by_resolution():
    found = last_features(mobile_unet(4, 1), 32)
    assert {stride: x.shape[-1] for stride, x in found.items()} == {
        8: 32,
        4: 16,
        2: 8,
        1: 4,
    }
    found = last_features(resnet_generator(8, 1, attention="cam"), 32)
    assert {stride: x.shape[-1] for stride, x in found.items()} == {
        4: 32,
        2: 16,
        1: 8,
    }
    assert last_features(keras.Sequential([keras.layers.Dense(2)])) == {}
