import numpy as np
import pytest

from keras_gan_translate.networks import (
    patch_discriminator,
    pixel_discriminator,
)


def images(size=64):
    generator = np.random.default_rng(0)
    return generator.uniform(-1, 1, (2, size, size, 3)).astype("float32")


@pytest.mark.parametrize("attention", [None, "cam"])
@pytest.mark.parametrize(
    "normalization", ["instance", "batch", "spectral", None]
)
def test_every_normalization_goes_with_either_attention(
    normalization, attention
):
    network = patch_discriminator(4, 3, normalization, attention)
    outputs = network(images(), training=True)
    if attention is None:
        assert outputs.shape == (2, 6, 6, 1)
    else:
        assert {name: x.shape for name, x in outputs.items()} == {
            "logits": (2, 6, 6, 1),
            "cam_logits": (2, 2),
            "attention": (2, 7, 7, 1),
        }
        outputs = outputs["logits"]
    assert np.all(np.isfinite(outputs))


def test_a_logit_sees_seventy_pixels():
    network = patch_discriminator(4, normalization=None, initializer="torch")
    x = images(128)
    middle = np.array(network(x))[:, 7, 7]
    edge = (8 * 7 - 23, 8 * 7 - 23 + 70)  # its field of view
    x[:, : edge[0]] = x[:, edge[1] :] = 0
    np.testing.assert_allclose(network(x)[:, 7, 7], middle, atol=1e-6)
    for row in (edge[0], edge[1] - 1):
        x[:, row] += 1
        assert np.abs(np.array(network(x))[:, 7, 7] - middle).max() > 1e-5
        x[:, row] -= 1


@pytest.mark.parametrize("limit, widest", [(8, 32), (None, 128)])
def test_channels_grow_to_the_limit(limit, widest):
    network = patch_discriminator(4, 5, max_multiplier=limit)
    assert network.get_layer("conv_6").filters == widest


def test_pixels_are_judged_alone():
    network = pixel_discriminator(4, None)
    x = images(8)
    before = np.array(network(x))
    x[:, 3, 3] += 1
    changed = np.abs(np.array(network(x)) - before) > 0
    assert changed[:, 3, 3].all() and changed.sum() == 2


def test_too_small_an_image_is_an_error_in_words():
    network = patch_discriminator(4, 5, padding="reflect")
    with pytest.raises(ValueError, match="Use larger images"):
        network(images(32))


@pytest.mark.parametrize(
    "build, arguments, message",
    [
        (
            patch_discriminator,
            {"normalization": "spectrum"},
            "Did you mean 'spectral'",
        ),
        (patch_discriminator, {"padding": "zeros"}, "Did you mean 'zero'"),
        (patch_discriminator, {"attention": "map"}, "None, 'cam'"),
        (patch_discriminator, {"num_layers": 0}, "num_layers=0"),
        (pixel_discriminator, {"normalization": "bach"}, "mean 'batch'"),
    ],
)
def test_wrong_options_are_errors_in_words(build, arguments, message):
    with pytest.raises(ValueError, match=message):
        build(4, **arguments)
