import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate.networks import mobile_unet, quantization_aware
from keras_gan_translate.networks.quantized import _Levels, _Rounded


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return mobile_unet(4, 1, num_downs=1)


def image(count=2):
    values = np.random.default_rng(0).uniform(-1, 1, (count, 16, 16, 3))
    return values.astype("float32")


def test_kernels_have_255_levels_by_channel_and_keep_their_gradient():
    for layer in (
        keras.layers.Conv2D(3, 1, activation="relu"),
        keras.layers.DepthwiseConv2D(1),
    ):
        layer.build((None, 4, 4, 3))
        kernel, bias = layer.get_weights()
        layer.set_weights([kernel, bias + 0.5])
        channel = 2 if kernel.shape[3] == 1 else 3
        axes = tuple(axis for axis in range(4) if axis != channel)
        step = np.abs(kernel).max(axes, keepdims=True) / 127
        rounded = np.rint(kernel / step) * step
        x = np.random.default_rng(1).uniform(0, 1, (1, 4, 4, 3))
        made = ops.convert_to_numpy(_Rounded(layer)(x.astype("float32")))
        layer.set_weights([rounded, bias + 0.5])
        expected = ops.convert_to_numpy(layer(x.astype("float32")))
        np.testing.assert_allclose(made, expected, atol=1e-5)


def test_values_have_256_levels_of_which_zero_is_one():
    x = np.linspace(-0.3, 2.0, 4001, dtype="float32")
    made = ops.convert_to_numpy(_Levels()(x))
    assert len(np.unique(made)) in (255, 256) and 0.0 in made
    assert np.abs(made - x).max() <= 0.51 * 2.3 / 255 + 0.5 * 2.3 / 255
    np.testing.assert_array_equal(ops.convert_to_numpy(_Levels()(0 * x)), 0 * x)


def test_one_rounding_for_each_operator_of_the_export(network):
    aware = quantization_aware(network)
    names = {layer.name for layer in aware.layers}
    levels = {n.removesuffix("_levels") for n in names if "_levels" in n}
    # Convolution, normalization and ReLU6 are one.
    assert "stem_relu" in levels and "up_1_narrow_norm" in levels
    assert not levels & {"stem_conv", "stem_norm", "down_1_depthwise_norm"}
    assert {"up_1_skip", "block_1_add", "head_conv", "image"} <= levels
    rounded = {n for n in names if n.endswith("_rounded")}
    convolutions = [x for x in network.layers if "Conv2D" in type(x).__name__]
    assert len(rounded) == len(convolutions)
    ours, theirs = ({id(v) for v in x.variables} for x in (aware, network))
    assert ours == theirs
    made, plain = (
        ops.convert_to_numpy(x(image(), training=False))
        for x in (aware, network)
    )
    assert 0 < np.abs(made - plain).mean() < 0.02


def test_gradients_pass_the_rounding(network):
    # A step in their direction lowers what is rounded.
    aware = quantization_aware(network)
    model = keras.Sequential([aware])
    model.compile(keras.optimizers.SGD(0.05), "mse", jit_compile=False)
    target = np.zeros((2, 16, 16, 3), "float32")
    before = [x.copy() for x in network.get_weights()]
    losses = model.fit(
        image(), target, batch_size=2, epochs=6, verbose=0
    ).history["loss"]
    assert losses[-1] < 0.8 * losses[0]
    for variable, values in zip(network.weights, before):
        if "kernel" in variable.path:
            moved = ops.convert_to_numpy(variable) != values
            assert moved.mean() > 0.9, variable.path
