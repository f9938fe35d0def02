import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import Pix2Pix, data
from keras_gan_translate.networks import unet_generator
from keras_gan_translate.support.colours import gray_of
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


def test_a_photo_is_made_of_the_edges_of_photos(tmp_path):
    keras.utils.set_random_seed(0)
    model = Pix2Pix(image_size=32, filters=4, kind="sketch")
    assert model.generator.input_shape[-1] == 1
    model.compile()
    photos = data.open_dataset(
        "drawn:2",
        "sketch",
        parts=("sketch",),
        image_size=32,
        batch_size=2,
    )
    model.fit(photos, verbose=0)
    drawing = np.full((32, 32), 255, "uint8")
    drawing[9] = drawing[:, 20] = 0
    made = model.translate(drawing)
    assert made.shape == (32, 32, 3) and made.dtype == "uint8"
    assert (made != model.translate(255 - drawing)).any()
    in_colours = np.repeat(drawing[..., None], 3, axis=-1)
    np.testing.assert_array_equal(model.translate(in_colours), made)


def test_colours_are_added_and_lightness_stays():
    keras.utils.set_random_seed(0)
    model = Pix2Pix(image_size=32, filters=4, kind="colorization")
    assert model.generator.output_shape[-1] == 2
    model.generator.trainable_variables[-1].assign([0.2, -0.3])  # a tint
    gray = np.random.default_rng(0).integers(60, 200, (2, 32, 32, 1), "uint8")
    made = model.translate(gray)
    assert made.shape == (2, 32, 32, 3)
    assert np.ptp(made.astype(int), axis=-1).max() > 2
    # But for the colours that no screen has.
    assert np.median(np.abs(gray_of(made).astype(int) - gray)) <= 1
    images = ops.convert_to_tensor(made / 127.5 - 1, "float32")
    lightness, colours = model._pair({"image": images})
    assert lightness.shape[-1] == 1 and colours.shape[-1] == 2
    again = model.generator(lightness)
    assert again.shape == colours.shape


def test_colours_in_cielab_export_and_agree(tmp_path):
    pytest.importorskip("ai_edge_litert.interpreter")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("SavedModel and LiteRT are TensorFlow's formats")
    model = Pix2Pix(image_size=32, filters=4, kind="colorization")
    rows = model.export_translator(tmp_path, formats=("litert",), threads=())
    assert [row["passed"] for row in rows] == [True]


def test_errors_teach():
    with pytest.raises(ValueError, match="Did you mean 'colorization'"):
        Pix2Pix(kind="colorisation")
    with pytest.raises(ValueError, match="kind='sketch'"):
        Pix2Pix(generator="resnet", attention="cam", kind="sketch")
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
