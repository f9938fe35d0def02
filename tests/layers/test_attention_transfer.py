import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate.layers import AttentionTransfer, resize_aligned
from keras_gan_translate.models.pennet import _dilated
from tests.models.training import assert_close, channels_last
from tests.shared import fixture


@pytest.mark.parametrize("name", ["fuse", "ksize1_nofuse", "fuse_nomask"])
def test_reproduces_the_reference(name):
    arrays, _ = fixture("pennet_attention")
    low, high, mask = (
        channels_last(arrays[f"__in__.{key}"]) for key in ("x1", "x2", "mask")
    )
    if "nomask" in name:
        mask = np.zeros_like(mask)
    layer = AttentionTransfer(1 if "ksize1" in name else 3)
    output = layer((low, high, mask))
    if "nofuse" not in name:
        x = keras.Input((None, None, 8))
        network = keras.Model(x, _dilated(x, "fuse"))
        for i in range(4):
            network.get_layer(f"fuse_conv_{i + 1}").set_weights(
                [
                    arrays[f"conv0{i}.0.weight"].transpose(2, 3, 1, 0),
                    arrays[f"conv0{i}.0.bias"],
                ]
            )
        output = network(output)
    assert_close(output, arrays[f"__out__.{name}"])


def test_is_a_layer_of_a_network_of_any_size():
    low, high, mask = (keras.Input((None, None, n)) for n in (2, 3, 1))
    network = keras.Model(
        [low, high, mask], AttentionTransfer()((low, high, mask))
    )
    for height, width in ((2, 3), (4, 2)):
        shapes = ((2, 2), (1, 3), (8, 1))
        inputs = [
            np.ones((1, n * height, n * width, c), "float32") for n, c in shapes
        ]
        assert network.predict_on_batch(inputs).shape == (
            1,
            2 * height,
            2 * width,
            2,
        )


@pytest.mark.parametrize(("old", "new"), [(3, 5), (5, 3), (4, 8), (8, 1)])
def test_corners_stay_in_the_corners(old, new):
    line = np.arange(old, dtype="float32")
    x = np.stack([line[:, None] + 0 * line, 0 * line[:, None] + line], axis=-1)
    resized = ops.convert_to_numpy(resize_aligned(x[None], new, new))
    expected = np.linspace(0, old - 1, new) if new > 1 else [0.0]
    np.testing.assert_allclose(resized[0, :, 0, 0], expected, rtol=1e-6)
    np.testing.assert_allclose(resized[0, 0, :, 1], expected, rtol=1e-6)
