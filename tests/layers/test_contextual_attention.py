import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import backend
from keras_gan_translate.layers import AttentionTransfer, ContextualAttention
from tests.models.training import assert_close, channels_last
from tests.shared import fixture


@pytest.mark.parametrize(
    "name",
    [
        "fuse_self",
        "fuse_cross",
        "fuse_self_sharedmask",
        "fuse_self_nomask",
        "fuse_self_scale2",
        "nofuse_self",
        "nofuse_cross",
        "nofuse_self_sharedmask",
        "nofuse_self_scale2",
    ],
)
def test_reproduces_the_reference(name):
    arrays, _ = fixture("deepfillv2_attention")
    f, b, mask = (
        channels_last(arrays[f"__in__.{key}"]) for key in ("f", "b", "mask")
    )
    if "self" in name:
        f = b
    if "sharedmask" in name:
        mask = np.repeat(mask[:1], 2, axis=0)
    if "nomask" in name:
        mask = np.zeros_like(mask)
    layer = ContextualAttention(
        softmax_scale=2.0 if "scale2" in name else 10.0,
        fuse=name.startswith("fuse"),
    )
    assert_close(layer((f, b, mask)), arrays[f"__out__.{name}"])


def test_is_a_layer_of_a_network_of_any_size():
    x, mask = keras.Input((None, None, 2)), keras.Input((None, None, 1))
    network = keras.Model([x, mask], ContextualAttention()((x, x, mask)))
    random = np.random.default_rng(0)
    for size in ((4, 6), (8, 4)):
        features = random.normal(size=(1, *size, 2)).astype("float32")
        hole = np.zeros((1, 4 * size[0], 4 * size[1], 1), "float32")
        assert network.predict_on_batch([features, hole]).shape == (
            1,
            *size,
            2,
        )


@pytest.mark.parametrize("layer", [ContextualAttention, AttentionTransfer])
def test_patches_of_nothing_have_a_finite_gradient(layer):
    layer, mask = layer(), np.zeros((1, 32, 32, 1), "float32")
    x = keras.Variable(np.zeros((1, 8, 8, 2), "float32"))
    small = np.zeros((1, 4, 4, 2), "float32")

    def loss():
        y = ops.convert_to_tensor(x)
        pair = (
            (y, y)
            if isinstance(layer, ContextualAttention)
            else (
                y,
                y[:, ::2, ::2] + small,
            )
        )
        return ops.sum(layer((*pair, mask))), None

    _, (gradient,) = backend.gradients(loss, [x])
    assert np.isfinite(ops.convert_to_numpy(gradient)).all()
