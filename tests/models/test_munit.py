import keras
import numpy as np
import pytest
from keras.src.backend import compute_output_spec

from keras_gan_translate import MUNIT
from keras_gan_translate.checkpoints import import_weights, load_translator
from keras_gan_translate.checkpoints.munit import recognise
from keras_gan_translate.models.munit import auto_encoder
from keras_gan_translate.networks import pyramid_discriminator
from tests.models.training import (
    assert_close,
    assert_losses,
    batches_of,
    count_parameters,
    detailed,
    import_networks,
    part,
    replay,
)
from tests.shared import fixture


class Replayed(detailed(MUNIT)):
    """Draws what the reference drew."""

    def draw_style(self, player, domain, batch):
        return batch[f"{player}_style_{domain}"][:, 0, 0]


NETWORKS = {
    "gen_a": "generator_a",
    "gen_b": "generator_b",
    "dis_a": "discriminator_a",
    "dis_b": "discriminator_b",
}
TERMS = {
    "recon_x": (10, "reconstruction"),
    "recon_s": (1, "style"),
    "recon_c": (1, "content"),
    "adv": (1, "adversarial"),
}


def loss_names():
    names = {
        "loss_dis_total": [(1, "loss_dis_a"), (1, "loss_dis_b")],
        "loss_gen_total": [
            (weight, f"loss_gen_{theirs}_{domain}")
            for theirs, (weight, _) in TERMS.items()
            for domain in "ab"
        ],
    }
    for domain in "ab":
        ours = f"discriminator_adversarial_{domain}"
        names[f"loss_dis_{domain}"] = (1, [ours])
        for theirs, (_, ours) in TERMS.items():
            ours = f"generator_{ours}_{domain}"
            names[f"loss_gen_{theirs}_{domain}"] = (1, [ours])
    return names


def test_three_steps_of_the_reference():
    arrays, info = fixture("train_munit")
    model = Replayed(image_size=64, filters=4, num_blocks=2, style_units=16)
    import_networks(model, arrays, NETWORKS)
    inputs = {"x_a": "a", "x_b": "b"}
    for theirs, ours in (("dis", "discriminator"), ("gen", "generator")):
        for domain in "ab":
            inputs[f"s_{domain}_{theirs}"] = f"{ours}_style_{domain}"
    assert_losses(
        replay(model, batches_of(arrays, inputs)),
        info["losses_per_step"],
        loss_names(),
        info["suggested_tolerance_per_step"],
    )


def test_auto_encoder_reproduces_the_reference():
    arrays, _ = fixture("munit_gen")
    weights = {key: array for key, array in arrays.items() if key[:2] != "__"}
    arguments = recognise({key: array.shape for key, array in weights.items()})
    network = import_weights(auto_encoder(**arguments), weights)
    image = arrays["__in__.x"].transpose(0, 2, 3, 1)
    outputs = network([image, arrays["__in__.style"][..., 0, 0]])
    assert_close(outputs["content"], arrays["__out__.content"])
    assert_close(outputs["image"], arrays["__out__.image"])
    assert_close(outputs["style"], arrays["__out__.style_enc"][..., 0, 0])


def test_discriminator_reproduces_the_reference():
    arrays, _ = fixture("munit_dis")
    weights = {key: array for key, array in arrays.items() if key[:2] != "__"}
    network = import_weights(pyramid_discriminator(8), weights)
    outputs = network(arrays["__in__.x"].transpose(0, 2, 3, 1))
    for i in (1, 2):
        assert_close(
            outputs[f"scale_{i}_logits"], arrays[f"__out__.scale{i - 1}"]
        )
    # One number has no deviation: 1e-5 of its size.
    np.testing.assert_allclose(
        np.array(outputs["scale_3_logits"]).ravel(),
        arrays["__out__.scale2"].ravel(),
        rtol=1e-5,
    )


def test_full_size_has_the_papers_number_of_parameters():
    assert count_parameters(auto_encoder) == 15_026_187
    assert count_parameters(pyramid_discriminator) == 8_271_171


def test_a_published_file_translates_in_both_directions():
    arrays, _ = fixture("train_munit")
    model = load_translator(
        {domain: part(arrays, f"gen_{domain}") for domain in "ab"},
        image_size=64,
    )
    assert model.directions == ("ab", "ba")
    image = arrays["__in__.x_a_step1"].transpose(0, 2, 3, 1)
    style = arrays["__in__.s_b_dis_step1"][..., 0, 0]
    content = np.array(model.content_a(image))
    np.testing.assert_allclose(
        model.translate(image, style=style[0]),
        np.array(model.decoder_b([content, style])),
        atol=1e-5,
    )


def test_styles_are_drawn_or_of_an_example():
    model = MUNIT(image_size=32, filters=4, num_blocks=1, style_units=8)
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), "uint8")
    one, other = (model.translate(images[0], style=seed) for seed in (1, 2))
    assert np.abs(one.astype(int) - other).max() > 0
    example = model.translate(images[0], style=images[1])
    code = model.style_b(images[1:] / 127.5 - 1.0)
    expected = model.translate(images[0], style=np.array(code)[0])
    assert np.abs(example.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("weight", [0.0, 10.0])
def test_cycle_consistency_is_computed_where_it_counts(weight):
    model = MUNIT(
        image_size=32,
        filters=2,
        num_blocks=1,
        style_units=4,
        loss_weights={"cycle": weight},
    )
    image = keras.KerasTensor((1, 32, 32, 3))
    losses, _ = compute_output_spec(
        model.generator_loss, {"a": image, "b": image}
    )
    assert ("cycle" in losses) == bool(weight)
