import numpy as np
import pytest

from keras_gan_translate import CoGAN
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.cogan import recognise
from keras_gan_translate.models.cogan import _discriminator, _generator
from tests.models.training import (
    assert_close,
    assert_losses,
    batches_of,
    count_parameters,
    detailed,
    import_networks,
    replay,
)
from tests.shared import fixture


class Replayed(detailed(CoGAN)):
    """Draws what the reference drew."""

    def draw_latent(self, player, batch):
        return batch[f"{player}_latent"]


NAMES = {
    "true_loss": (1, ["discriminator_adversarial_real"]),
    "fake_loss": (1, ["discriminator_adversarial_fake"]),
    "mse_loss": (1, ["discriminator_features_"]),
    "cls_loss": (1, ["discriminator_classification_"]),
    "d_loss": [
        (1, "true_loss"),
        (1, "fake_loss"),
        (0.01, "mse_loss"),
        (10, "cls_loss"),
    ],
    "g_loss": (1, ["generator_adversarial_"]),
}


def test_three_steps_of_the_reference():
    arrays, info = fixture("train_cogan")
    model = Replayed(filters=4, channels=1, classes=tuple("0123456789"))
    # The fixture's widths are no multiples.
    model.generator = _generator(28, 1, 16, (32, 16, 12, 8))
    model.discriminator = _discriminator(28, 1, (6, 10, 20), 10)
    import_networks(model, arrays, {"gen": "generator", "dis": "discriminator"})
    batches = batches_of(
        arrays,
        {
            "images_a": "a",
            "images_b": "b",
            "labels_a": "label",
            "noise_dis": "discriminator_latent",
            "noise_gen": "generator_latent",
        },
    )
    for batch in batches:
        batch |= {name: batch[name] * 2 - 1 for name in "ab"}
    assert_losses(
        replay(model, batches),
        info["losses_per_step"],
        NAMES,
        info["suggested_tolerance_per_step"],
    )


def test_generators_reproduce_the_reference():
    arrays, _ = fixture("cogan_gen28")
    weights = {key: array for key, array in arrays.items() if key[:2] != "__"}
    assert recognise({key: array.shape for key, array in weights.items()}) == {
        "image_size": 28,
        "filters": 8,
        "channels": 1,
        "latent_size": 10,
    }
    network = import_weights(_generator(28, 1, 10, (32, 16, 16, 8)), weights)
    images = network(arrays["__in__.z"])
    for domain in "ab":
        expected = arrays[f"__out__.image_{domain}"]
        assert_close(images[domain] / 2 + 0.5, expected)


def test_discriminators_reproduce_the_reference():
    arrays, _ = fixture("cogan_dis28")
    weights = {key: array for key, array in arrays.items() if key[:2] != "__"}
    network = import_weights(_discriminator(28, 1, (20, 50, 32)), weights)
    outputs = network(
        [
            arrays[f"__in__.x{domain}"].transpose(0, 2, 3, 1) * 2 - 1
            for domain in "ab"
        ]
    )
    logits = [np.array(outputs[f"{domain}_logits"]) for domain in "ab"]
    assert_close(np.concatenate(logits), arrays["__out__.logits"])


def test_full_size_has_the_authors_number_of_parameters():
    assert count_parameters(_generator) == 7_842_694
    assert count_parameters(_discriminator) == 427_593


@pytest.mark.parametrize("size", [28, 32, 64])
def test_makes_and_judges_images_of_its_size(size):
    model = CoGAN(image_size=size, filters=2)
    codes = np.zeros((2, 100), "float32")
    assert model.make_images(codes, "a").shape == (2, size, size, 3)
    assert model.discriminator.output["b_logits"].shape == (None, 2)


def test_a_pair_shares_all_layers_but_the_last():
    model = CoGAN(filters=2)
    own = [
        weight
        for domain in "ab"
        for weight in model.generator.get_layer(
            f"image_{domain}_deconv"
        ).trainable_weights
    ]
    total = len(model.generator.trainable_weights)
    # Kernel, bias and slope of four stages.
    assert len(own) == 4 and total == 4 * 3 + 4


def test_the_code_of_an_image_is_found():
    model = CoGAN(filters=2, channels=1, latent_size=3, seed=1)
    true = np.array([[0.5, -1.0, 1.5]], "float32")
    for weight in model.generator.trainable_weights:
        weight.assign(10 * weight.value)  # else all images are gray
    image = model.make_images(true, "a")

    def error(steps):
        codes = model.find_codes(image, "a", steps=steps)
        return np.abs(model.make_images(codes, "a") - image).mean()

    assert error(60) < 0.2 * error(0)
    with pytest.raises(ValueError, match="28, 28, .*Received.*32, 32"):
        model.find_codes(np.zeros((1, 32, 32, 1), "uint8"))


def test_other_sizes_are_refused_in_words():
    with pytest.raises(ValueError, match="28 pixels.*image_size=48"):
        CoGAN(image_size=48)
