import math

import numpy as np
import pytest
from keras import ops

from keras_gan_translate import StarGAN
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.stargan import recognise
from keras_gan_translate.models.stargan import _discriminator, _generator
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


class Replayed(detailed(StarGAN)):
    """Draws what the reference drew, and lets it play in every second step."""

    turns = {"discriminator": 2}

    def draw_targets(self, batch):
        return ops.take(batch["domain"], batch["permutation"], axis=0)

    def draw_mix(self, batch):
        return batch["mix"]


NAMES = {
    "D/loss_real": (1, ["discriminator_adversarial_real"]),
    "D/loss_fake": (1, ["discriminator_adversarial_fake"]),
    "D/loss_cls": (1, ["discriminator_classification_"]),
    "D/loss_gp": (1, ["discriminator_penalty_"]),
    "D_total": [
        (1, "D/loss_real"),
        (1, "D/loss_fake"),
        (1, "D/loss_cls"),
        (10, "D/loss_gp"),
    ],
    "G/loss_fake": (1, ["generator_adversarial_"]),
    "G/loss_rec": (1, ["generator_reconstruction_"]),
    "G/loss_cls": (1, ["generator_classification_"]),
    "G_total": [(1, "G/loss_fake"), (10, "G/loss_rec"), (1, "G/loss_cls")],
}


def test_four_steps_of_the_reference():
    arrays, info = fixture("train_stargan")
    model = Replayed(image_size=32, filters=8, num_blocks=2, exclusive=False)
    import_networks(model, arrays, {"G": "generator", "D": "discriminator"})
    batches = batches_of(
        arrays,
        {
            "x_real": "image",
            "label_org": "domain",
            "perm": "permutation",
            "alpha": "mix",
        },
    )
    assert_losses(
        replay(model, batches),
        info["losses_per_step"],
        NAMES,
        info["suggested_tolerance_per_step"],
    )


def test_generator_reproduces_the_reference():
    arrays, _ = fixture("stargan_gen")
    weights = {key: array for key, array in arrays.items() if key[:2] != "__"}
    arguments = recognise({key: array.shape for key, array in weights.items()})
    assert arguments["filters"] == 8 and arguments["num_blocks"] == 6
    model = StarGAN(image_size=32, **arguments)
    import_weights(model.generator, weights)
    image = arrays["__in__.x"].transpose(0, 2, 3, 1)
    # Of the published test path, which normalizes by the image at hand;
    # "eval_image" uses running statistics that nothing published does.
    assert_close(
        model.generator([image, arrays["__in__.c"]]),
        arrays["__out__.train_image"],
    )


def test_discriminator_reproduces_the_reference():
    arrays, _ = fixture("stargan_dis")
    weights = {key: array for key, array in arrays.items() if key[:2] != "__"}
    network = import_weights(_discriminator(64, 8, 5), weights)
    output = network(arrays["__in__.x"].transpose(0, 2, 3, 1))
    assert_close(output["logits"], arrays["__out__.out_src"])
    assert_close(output["class_logits"], arrays["__out__.out_cls"])


def test_full_size_has_the_papers_number_of_parameters():
    assert count_parameters(lambda: _generator(64, 6, 5)) == 8_430_528
    assert count_parameters(lambda: _discriminator(128, 64, 5)) == 44_762_048


def test_exclusive_domains_are_classified_by_a_softmax():
    model = StarGAN(image_size=32, filters=2, num_blocks=1)
    labels = np.eye(5, dtype="float32")[:2]
    logits = np.zeros((2, 5), "float32")
    assert abs(float(model._classify(logits, labels)) - math.log(5)) < 1e-6
    model.exclusive = False
    logits[0, 1] = 3.0
    expected = (9 * math.log(2) + math.log1p(math.exp(3))) / 2
    assert abs(float(model._classify(logits, labels)) - expected) < 1e-6


def test_attributes_are_translated_to_by_all_that_shall_hold():
    names = ("Smiling", "Hat", "Young")
    model = StarGAN(
        32, filters=2, num_blocks=1, domains=names, exclusive=False, seed=1
    )
    assert model.data == "attributes" and StarGAN(32, 2, 1).data == "domains"
    assert [field.names for field in model.options().values()] == [names]
    for variable in model.generator.trainable_variables:
        variable.assign(np.random.default_rng(0).normal(0, 0.3, variable.shape))
    photo = np.random.default_rng(1).integers(0, 256, (32, 32, 3), "uint8")
    made = model.translate(photo, attributes="young,smiling")
    expected = model.generator(
        [photo[None] / np.float32(127.5) - 1, np.array([[1.0, 0.0, 1.0]])]
    )
    expected = np.rint(np.array(expected[0]) * 127.5 + 127.5)
    assert np.abs(made - expected).max() <= 1
    other = model.translate(photo, attributes="Hat")
    assert not np.array_equal(made, other)
    with pytest.raises(ValueError, match="StarGAN takes attributes"):
        model.translate(photo, domain="Hat")


def test_drawn_targets_are_the_labels_of_the_batch():
    model = StarGAN(image_size=32, filters=2, num_blocks=1, seed=1)
    batch = {
        "image": np.zeros((5, 32, 32, 3), "float32"),
        "domain": np.eye(5, dtype="float32"),
    }
    drawn = [np.array(model.draw_targets(batch)) for _ in range(4)]
    for targets in drawn:
        np.testing.assert_array_equal(targets.sum(0), np.ones(5))
    assert any((targets != drawn[0]).any() for targets in drawn)
    mix = np.array(model.draw_mix(batch))
    assert mix.shape == (5, 1, 1, 1) and 0 <= mix.min() < mix.max() <= 1


def test_the_generators_rate_falls_with_the_steps_of_the_training():
    model = StarGAN(image_size=32, filters=2, num_blocks=1)
    model.compile(total_steps=10_000)
    rates = {p: model.optimizer[p]._learning_rate for p in model.players}
    # Step 8000 of the training is the generator's 1600th.
    expected = pytest.approx(1e-4 * (1 - 3000 / 5000), rel=0.01)
    assert float(rates["discriminator"](8000)) == expected
    assert float(rates["generator"](1600)) == expected


def test_a_batch_of_one_is_refused_in_words():
    model = StarGAN(image_size=32, filters=2, num_blocks=1)
    model.compile()
    data = {
        "image": np.zeros((4, 32, 32, 3), "uint8"),
        "domain": np.arange(4),
    }
    with pytest.raises(ValueError, match="batches of 2 or more.*Received: 1"):
        model.fit(data, batch_size=1)
    with pytest.raises(ValueError, match="batches of 2 or more.*Received: 1"):
        model.fit({name: value[:1] for name, value in data.items()})
