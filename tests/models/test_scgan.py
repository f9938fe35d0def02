import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import SCGAN, backend, losses
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.recognised import recognise
from keras_gan_translate.layers import SpectralConv2D
from keras_gan_translate.models.scgan import (
    attention_loss,
    scgan_discriminator,
    scgan_generator,
)
from tests.models.training import (
    assert_close,
    channels_last,
    count_parameters,
    weights_of,
)
from tests.shared import fixture


def colours_alone():
    network = scgan_generator()
    return keras.Model(network.inputs, network.output["image"])


@pytest.mark.parametrize(
    ("build", "count"),
    [
        (scgan_generator, 58_755_200),
        (colours_alone, 57_130_752),
        (scgan_discriminator, 5_766_144),
    ],
    ids=["generator", "colours_alone", "discriminator"],
)
def test_full_size_has_the_papers_number_of_parameters(build, count):
    assert count_parameters(build) == count


def iterate(network):
    """The power iteration that the authors' layers do in every forward."""
    for layer in network.layers:
        if isinstance(layer, SpectralConv2D):
            layer.normalized_kernel(training=True)


def assert_vectors(network, arrays, modules):
    """Singular vectors after one forward."""
    for name, module in modules.items():
        expected = arrays[f"__after_train__.{module}.conv2d.module.weight_u"]
        u = ops.convert_to_numpy(network.get_layer(f"{name}_conv").u)
        np.testing.assert_allclose(u, expected, atol=1e-4)


def test_generator_reproduces_the_reference():
    arrays, _ = fixture("scgan_gen")
    network = import_weights(scgan_generator(4, 6), weights_of(arrays))
    gray = channels_last(arrays["__in__.L"])
    iterate(network)
    modules = {
        "down1": "down1",
        "up1": "up1.conv2d",
        "conv4": "attention_prediction_network.conv4.conv2d",
        "pool5": "global_feature_network.pool5",
    }
    assert_vectors(network, arrays, modules)
    made = backend.predict(network, gray)
    for ours, theirs in (("image", "rgb"), ("attention", "sal")):
        expected = arrays[f"__out__.{theirs}_every2"]
        assert_close(made[ours][:1, ::2, ::2], expected)
    made = network(gray, training=True)
    for ours, theirs in (("image", "rgb"), ("attention", "sal")):
        expected = arrays[f"__out__.train_{theirs}_every8"]
        assert_close(made[ours][:, ::8, ::8], expected)


def test_discriminator_reproduces_the_reference():
    arrays, _ = fixture("scgan_dis")
    network = import_weights(scgan_discriminator(8), weights_of(arrays))
    pair = np.concatenate(
        [channels_last(arrays[f"__in__.{name}"]) for name in ("L", "rgb")],
        axis=-1,
    )
    iterate(network)
    blocks = ("block1", "block2", "block3", "block4", "final1")
    assert_vectors(network, arrays, dict(zip(blocks, blocks)))
    assert_close(backend.predict(network, pair), arrays["__out__.out"])
    judged = network(pair, training=True)
    assert_close(judged, arrays["__out__.train_out"])


def test_losses_of_the_reference():
    arrays, _ = fixture("scgan_attention_loss")
    fake, fake_saliency, real, saliency = (
        channels_last(arrays[f"__in__.{name}"])
        for name in ("fake_RGB", "fake_sal", "true_RGB", "true_sal")
    )
    attention = float(attention_loss(fake, fake_saliency, real, saliency))
    l1 = float(losses.l1(fake, real))
    assert attention == pytest.approx(float(arrays["__out__.loss_attn"][0]))
    assert l1 == pytest.approx(float(arrays["__out__.loss_L1"][0]))
    weights = SCGAN.loss_weights
    total = weights["l1"] * l1 + weights["attention"] * attention
    assert total == pytest.approx(float(arrays["__out__.loss_phase1"][0]))


def test_published_weights_are_recognised():
    arrays, _ = fixture("scgan_gen")
    found = recognise(weights_of(arrays))
    assert found.model == "scgan"
    assert found.arguments == {"filters": 4, "saliency_filters": 6}


def test_the_first_stage_has_no_adversary():
    model = SCGAN(image_size=64, filters=2, vgg_weights=None)
    played = []
    object.__setattr__(model, "play", lambda *who: played.append(who[0]) or {})
    for stage in model.stages:
        model.stage = stage
        model.update({})
    assert played == ["generator", "discriminator", "generator"]


def test_a_coloured_photo_is_read_as_gray():
    keras.utils.set_random_seed(0)
    model = SCGAN(image_size=64, filters=2, vgg_weights=None)
    photo = np.random.default_rng(0).integers(0, 256, (64, 64, 3), "uint8")
    made = model.translate(photo)
    assert made.shape == (64, 64, 3) and made.dtype == "uint8"
    gray = model.batch["gray"].fitted(photo)
    np.testing.assert_array_equal(model.translate(gray), made)
    np.testing.assert_array_equal(model.translate(gray[..., 0]), made)


def test_smaller_images_have_fewer_levels():
    assert SCGAN(image_size=192, filters=2, vgg_weights=None).halvings == 6
    assert SCGAN(image_size=512, filters=2, vgg_weights=None).halvings == 8
    with pytest.raises(ValueError, match="64 pixels or more.*32"):
        SCGAN(image_size=32)
