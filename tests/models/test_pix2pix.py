import keras
import numpy as np
import pytest

from keras_gan_translate import Pix2Pix
from keras_gan_translate.networks import unet_generator
from tests.models.training import (
    assert_close,
    assert_losses,
    batches_of,
    channels_last,
    detailed,
    import_networks,
    replay,
)
from tests.shared import fixture


def test_three_steps_of_the_reference():
    arrays, info = fixture("train_pix2pix")
    model = detailed(Pix2Pix)(image_size=128, filters=8)
    # The fixture's generator is half as wide, and without dropout.
    model.generator = unet_generator(4, 7, dropout=0.0)
    import_networks(model, arrays, {"G": "generator", "D": "discriminator"})
    with keras.StatelessScope():  # the running moments stay
        fake = model.generator(
            channels_last(arrays["__in__.real_A_step1"]), training=True
        )
    assert_close(fake, arrays["__out__.fake_B_step1"])
    assert_losses(
        replay(model, batches_of(arrays, {"real_A": "a", "real_B": "b"})),
        info["losses_per_step"],
        {
            "D_fake": (1, ["discriminator_adversarial_fake"]),
            "D_real": (1, ["discriminator_adversarial_real"]),
            "D_total": [(0.5, "D_fake"), (0.5, "D_real")],
            "G_GAN": (1, ["generator_adversarial_"]),
            "G_L1": (100, ["generator_l1_"]),
            "G_total": [(1, "G_GAN"), (1, "G_L1")],
        },
        info["suggested_tolerance_per_step"],
    )


@pytest.mark.parametrize(
    ("patch", "logits", "parameters"),
    [
        # 4x4 kernels, halved by all layers but two; 1x1 kernels for a pixel
        (1, 128, 6 * 64 + 64 + 64 * 128 + 2 * 128 + 128),
        (16, 62, 16 * (6 * 64 + 64 * 128 + 128) + 64 + 1 + 2 * 128),
        (70, 14, 2_768_705),
        (
            286,
            2,
            16 * (6 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512)
            + 64
            + 1
            + 2 * (128 + 256)
            + 2 * 16 * 512 * 512
            + 3 * 2 * 512,
        ),
    ],
)
def test_discriminators_judge_patches_of_the_papers_sizes(
    patch, logits, parameters
):
    model = Pix2Pix(
        image_size=128,
        filters=64,
        patch_size=patch,
        generator="resnet",
        num_blocks=1,
    )
    network = model.discriminator
    shape = network.compute_output_shape((1, 128, 128, 6))
    assert shape == (1, logits, logits, 1)
    trainable = sum(np.prod(v.shape) for v in network.trainable_variables)
    assert trainable == parameters


def test_discriminator_sees_the_source_too():
    model = Pix2Pix(image_size=32, filters=2)
    a, b = np.random.default_rng(0).uniform(-1, 1, (2, 1, 32, 32, 3))
    one = np.array(model._judge(a, b, False))
    other = np.array(model._judge(-a, b, False))
    assert np.abs(one - other).max() > 0


def test_translation_is_repeatable_unless_asked_for_the_papers_protocol():
    model = Pix2Pix(image_size=32, filters=4)
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), "uint8")
    np.testing.assert_array_equal(
        model.translate(images), model.translate(images)
    )
    moments = [np.array(w) for w in model.generator.non_trainable_variables]
    as_trained = model.translate(images, training=True)
    assert np.abs(as_trained.astype(int) - model.translate(images)).max() > 0
    for before, after in zip(moments, model.generator.non_trainable_variables):
        np.testing.assert_array_equal(before, np.array(after))


def test_errors_teach():
    with pytest.raises(ValueError, match="power of two.*100.*64 or 128"):
        Pix2Pix(image_size=100)
    with pytest.raises(ValueError, match='generator="resnet"'):
        Pix2Pix(attention="cam")
    with pytest.raises(ValueError, match="Did you mean 'unet'"):
        Pix2Pix(generator="u-net")
    with pytest.raises(ValueError, match="1, 16, 70, 286"):
        Pix2Pix(patch_size=34)
    with pytest.raises(ValueError, match="96 pixels or more.*64"):
        Pix2Pix(image_size=64, patch_size=286)
    with pytest.raises(ValueError, match="no attention='cam'"):
        Pix2Pix(generator="resnet", attention="cam", patch_size=1)
