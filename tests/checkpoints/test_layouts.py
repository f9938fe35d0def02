"""What a layer computes with imported tensors, against PyTorch."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate.checkpoints.layouts import (
    AfterFlatten,
    BeforePixelShuffle,
    Renamed,
    tensors_of,
)
from keras_gan_translate.layers import InstanceNormalization


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def fill(layer, module):
    """Imports a PyTorch module's tensors into a layer."""
    tensors, _ = tensors_of(layer)
    stored = module.state_dict()
    assert set(tensors) == set(stored)
    for name, tensor in tensors.items():
        assert tuple(stored[name].shape) == tensor.shape
        tensor.variable.assign(tensor.convert(stored[name].numpy()))


def assert_equal(layer, module, x, torch):
    """Both compute the same from an NHWC image."""
    expected = module(torch.from_numpy(x).permute(0, 3, 1, 2))
    if expected.ndim == 4:
        expected = expected.permute(0, 2, 3, 1)
    np.testing.assert_allclose(
        ops.convert_to_numpy(layer(x)), expected.detach().numpy(), atol=1e-5
    )


def image(channels, size=6):
    random = np.random.default_rng(0)
    return random.normal(size=(2, size, size, channels)).astype("float32")


@pytest.mark.parametrize("slopes", [1, 3])
def test_prelu(torch, slopes):
    axes = [1, 2, 3] if slopes == 1 else [1, 2]
    layer = keras.layers.PReLU(shared_axes=axes)
    layer.build((None, 6, 6, 3))
    module = torch.nn.PReLU(slopes)
    torch.nn.init.normal_(module.weight)
    fill(layer, module)
    assert_equal(layer, module, image(3), torch)


@pytest.mark.parametrize("factor", [2, 3])
def test_pixel_shuffle(torch, factor):
    r, channels = factor, 2
    conv = keras.layers.Conv2D(channels * r * r, 3, padding="same")
    conv.build((None, 6, 6, 3))
    module = torch.nn.Sequential(
        torch.nn.Conv2d(3, channels * r * r, 3, padding=1),
        torch.nn.PixelShuffle(r),
    )
    fill(BeforePixelShuffle(conv, r), module[0])

    def shuffled(x):
        # The depth-to-space of TensorFlow: channels (r, r, C).
        x = ops.reshape(conv(x), (2, 6, 6, r, r, channels))
        x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
        return ops.reshape(x, (2, 6 * r, 6 * r, channels))

    assert_equal(shuffled, module, image(3), torch)


@pytest.mark.parametrize("multiplier", [1, 2])
def test_depthwise_convolution(torch, multiplier):
    layer = keras.layers.DepthwiseConv2D(
        3, padding="same", depth_multiplier=multiplier
    )
    layer.build((None, 6, 6, 3))
    module = torch.nn.Conv2d(3, 3 * multiplier, 3, padding=1, groups=3)
    fill(layer, module)
    assert_equal(layer, module, image(3), torch)


def test_layer_normalization_of_all_positions(torch):
    layer = keras.layers.LayerNormalization((1, 2, 3), epsilon=1e-5)
    layer.build((None, 6, 6, 3))
    module = torch.nn.LayerNorm((3, 6, 6))
    torch.nn.init.normal_(module.weight)
    torch.nn.init.normal_(module.bias)
    fill(layer, module)
    assert_equal(layer, module, image(3), torch)


def test_group_normalization(torch):
    layer = keras.layers.GroupNormalization(2, epsilon=1e-5)
    layer.build((None, 6, 6, 4))
    module = torch.nn.GroupNorm(2, 4)
    torch.nn.init.normal_(module.weight)
    fill(layer, module)
    assert_equal(layer, module, image(4), torch)


def test_dense_after_flatten(torch):
    dense = keras.layers.Dense(5)
    dense.build((None, 2 * 2 * 3))
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 5))
    fill(AfterFlatten(dense, (2, 2, 3)), module[1])

    def flattened(x):
        return dense(ops.reshape(x, (2, -1)))

    assert_equal(flattened, module, image(3, 2), torch)


def test_renamed_and_unused_names():
    layer = InstanceNormalization(affine=True)
    layer.build((None, 6, 6, 3))
    renamed = Renamed(layer, {"weight": "scale", "bias": "shift"})
    tensors, unused = tensors_of(renamed)
    assert tensors["scale"].variable is layer.gamma
    assert tensors["shift"].variable is layer.beta
    # StarGAN stores statistics that nothing reads.
    assert {"running_mean", "running_var"} <= unused


def test_tensorflow_lays_out_as_keras():
    layer = keras.layers.Conv2DTranspose(4, 3)
    layer.build((None, 6, 6, 2))
    tensors, unused = tensors_of(layer, "tensorflow")
    kernel = np.random.default_rng(0).normal(size=(3, 3, 4, 2))
    assert tensors["kernel"].shape == (3, 3, 4, 2)
    np.testing.assert_array_equal(tensors["kernel"].convert(kernel), kernel)
    assert set(tensors) == {"kernel", "bias"} and not unused


def test_unknown_layer():
    with pytest.raises(TypeError, match="No PyTorch layout"):
        tensors_of(keras.layers.ReLU())
