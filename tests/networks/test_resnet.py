import keras
import numpy as np
import pytest

from keras_gan_translate.layers import (
    AdaLIN,
    InstanceNormalization,
    LayerInstanceNormalization,
)
from keras_gan_translate.networks import resnet_generator
from tests.networks.papers import UGATIT_GENERATOR


def images(height=16, width=24):
    generator = np.random.default_rng(0)
    return generator.uniform(-1, 1, (2, height, width, 3)).astype("float32")


@pytest.mark.parametrize("attention", [None, "cam"])
@pytest.mark.parametrize("normalization", ["instance", "batch", "adalin"])
def test_every_normalization_goes_with_either_attention(
    normalization, attention
):
    network = resnet_generator(4, 3, normalization, attention, dropout=0.5)
    outputs = network(images(), training=True)
    if attention is None:
        assert outputs.shape == (2, 16, 24, 3)
    else:
        assert {name: x.shape for name, x in outputs.items()} == {
            "image": (2, 16, 24, 3),
            "cam_logits": (2, 2),
            "attention": (2, 4, 6, 1),
        }
        # Another size through the same weights.
        outputs = network(images(24, 16))["image"]
    assert np.all(np.isfinite(outputs))
    assert np.all(np.abs(outputs) <= 1)


def test_adalin_takes_over_in_the_second_half():
    network = resnet_generator(4, 5, "adalin")
    kinds = [type(network.get_layer(f"block_{i}_norm_1")) for i in range(1, 6)]
    assert kinds == [InstanceNormalization] * 3 + [AdaLIN] * 2
    assert isinstance(
        network.get_layer("up_1_norm"), LayerInstanceNormalization
    )


def test_a_single_block_needs_no_style():
    names = {layer.name for layer in resnet_generator(4, 1, "adalin").layers}
    assert not any(name.startswith("style") for name in names)


def test_full_model_is_tied_to_its_size():
    network = resnet_generator(
        4, image_size=16, light=False, **UGATIT_GENERATOR
    )
    assert network.input_shape == (None, 16, 16, 3)
    assert network(images(16, 16))["image"].shape == (2, 16, 16, 3)


def test_starts_as_the_papers_do():
    keras.utils.set_random_seed(0)
    normal = resnet_generator(16, 1).get_layer("block_1_conv_1")
    assert np.std(normal.kernel) == pytest.approx(0.02, rel=0.03)
    assert not np.any(normal.bias)
    torch = resnet_generator(16, 1, initializer="torch")
    for name, fan_in in (
        ("block_1_conv_1", 64 * 9),
        ("up_1_conv", 32 * 9),  # transposed: PyTorch counts its outputs
    ):
        layer = torch.get_layer(name)
        for variable in (layer.kernel, layer.bias):
            largest = np.abs(variable).max()
            assert 0.9 * fan_in**-0.5 < largest <= fan_in**-0.5


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_ends_in_float32(policy):
    keras.config.set_dtype_policy(policy)
    try:
        network = resnet_generator(4, **UGATIT_GENERATOR)
    finally:
        keras.config.set_dtype_policy("float32")
    for output in network(images()).values():
        assert keras.backend.standardize_dtype(output.dtype) == "float32"
        assert np.all(np.isfinite(output))
    assert network.get_layer("block_1_conv_1").compute_dtype == policy[6:]


def test_saved_network_returns_the_same(tmp_path):
    network = resnet_generator(4, **UGATIT_GENERATOR)
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    expected = network(images())
    for name, output in loaded(images()).items():
        np.testing.assert_array_equal(output, expected[name])


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"normalization": "adaline"}, "Did you mean 'adalin'"),
        ({"attention": "camm"}, "Did you mean 'cam'"),
        ({"upsampling": "nearst"}, "Did you mean 'nearest'"),
        ({"downsampling_padding": "reflection"}, "Did you mean 'reflect'"),
        ({"initializer": "pytorch"}, "Did you mean 'torch'"),
        ({"num_blocks": 0, "attention": "cam"}, "1 residual.*num_blocks=0"),
        ({"normalization": "adalin", "light": False}, "image_size=None"),
        (
            {"normalization": "adalin", "light": False, "image_size": 30},
            "multiple of 4",
        ),
    ],
)
def test_wrong_options_are_errors_in_words(arguments, message):
    with pytest.raises(ValueError, match=message):
        resnet_generator(4, **arguments)
