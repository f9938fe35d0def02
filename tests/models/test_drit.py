import numpy as np
import pytest

from keras_gan_translate import DRIT
from keras_gan_translate.checkpoints import import_weights, load_translator
from keras_gan_translate.checkpoints.drit import recognise
from keras_gan_translate.networks.disentangled import (
    attribute_decoder,
    content_encoder,
)
from tests.models.training import (
    assert_close,
    assert_losses,
    channels_last,
    count_parameters,
    detailed,
    import_networks,
    part,
    replay,
)
from tests.shared import fixture

NETWORKS = {
    "enc_c": "content_encoder",
    "enc_a": "style_encoder",
    "gen": "decoder",
    "disA": "discriminator_a",
    "disA2": "discriminator_a_random",
    "disB": "discriminator_b",
    "disB2": "discriminator_b_random",
    "disContent": "discriminator_content",
}
DRAWN = {
    "z_random": "style",
    "z_random2": "other_style",
    "noise_content_fakeA": "noise_fake_a",
    "noise_content_fakeB": "noise_fake_b",
} | {
    f"{theirs}_{domain}": f"{ours}_{domain}"
    for theirs, ours in (
        ("noise_content", "noise"),
        ("eps_attr", "epsilon"),
        ("eps_attr_recon", "epsilon_fake"),
    )
    for domain in "ab"
}


class Replayed(detailed(DRIT)):
    """Draws what the reference drew."""

    def draw(self, batch):
        return {name: batch[name] for name in DRAWN.values()}


def loss_names():
    names = {
        "disContent_loss": (1, ["adversary_adversarial_"]),
        "lz_AB": (1, ["generator_mode_seeking_b"]),
        "lz_BA": (1, ["generator_mode_seeking_a"]),
    }
    total = []
    for domain in "ab":
        letter = domain.upper()
        for theirs, weight, ours in (
            (f"gan_loss_{domain}", 1, "adversarial"),
            (f"gan_loss_{domain}content", 1, "content_adversarial"),
            (f"kl_loss_za_{domain}", 0.01, "style_prior"),
            (f"kl_loss_zc_{domain}", 0.01, "content_prior"),
            (f"l1_recon_{letter}_loss", 10, "cycle"),
            (f"l1_recon_{letter * 2}_loss", 10, "reconstruction"),
            (f"l1_recon_z_loss_{domain}", 10, "latent"),
            (f"gan2_loss_{domain}", 1, "random_adversarial"),
        ):
            ours_names = [f"generator_{ours}_{domain}"]
            if ours == "random_adversarial":
                ours_names.append(f"generator_{ours}_{domain}_other")
            names[theirs] = (weight, ours_names)
            if ours not in ("latent", "random_adversarial"):
                total.append((1, theirs))
        for theirs, ours in (("", ""), ("2", "_random")):
            names[f"dis{letter}{theirs}_loss"] = (
                1,
                [f"discriminator_adversarial_{domain}{ours}"],
            )
    return names | {"G_loss": total}


def test_six_steps_of_the_reference():
    arrays, info = fixture("train_drit")
    model = Replayed(image_size=216, filters=4)
    import_networks(model, arrays, NETWORKS)
    batches = []
    for k in range(1, 7):
        batch = {d: channels_last(arrays[f"__in__.images_{d}"]) for d in "ab"}
        for theirs, ours in DRAWN.items():
            # Iterations 1, 2, 4 and 5 draw no more than the contents' noise.
            like = arrays[f"__in__.{theirs}_it3"]
            drawn = arrays.get(f"__in__.{theirs}_it{k}", np.zeros_like(like))
            batch[ours] = channels_last(drawn)
        batches.append(batch)
    expected = [
        {
            str(name): float(value)
            for name, value in zip(arrays["__loss_names__"], losses)
            if np.isfinite(value)
        }
        for losses in arrays["__losses_clean_gradients__"]
    ]
    assert_losses(
        replay(model, batches),
        expected,
        loss_names(),
        info["suggested_tolerance_per_step"],
    )


def weights_of(name):
    arrays, _ = fixture(name)
    weights = {key: array for key, array in arrays.items() if key[:2] != "__"}
    shapes = {key: array.shape for key, array in weights.items()}
    return arrays, weights, recognise(shapes)


def test_content_encoder_reproduces_the_reference():
    arrays, weights, arguments = weights_of("drit_e_content")
    network = import_weights(content_encoder(**arguments), weights)
    contents = network(
        [channels_last(arrays[f"__in__.x{domain}"]) for domain in "ab"]
    )
    for domain in "ab":
        assert_close(contents[domain], arrays[f"__out__.c{domain}"])


@pytest.mark.parametrize("name", ["concat", "fwt"])
def test_decoders_reproduce_the_reference(name):
    arrays, weights, arguments = weights_of(f"drit_gen_{name}")
    assert arguments == {
        "filters": 8,
        "num_blocks": 3,
        "style_size": 8,
        "concat": name == "concat",
    }
    network = import_weights(attribute_decoder(**arguments), weights)
    content = channels_last(arrays["__in__.content"])
    images = network([content, arrays["__in__.z"]])
    for domain in "ab":
        if f"__out__.image_{domain}" in arrays:
            assert_close(images[domain], arrays[f"__out__.image_{domain}"])


def test_full_size_has_the_authors_number_of_parameters():
    assert count_parameters(content_encoder) == 9_018_112
    assert count_parameters(attribute_decoder) == 9_564_710
    assert (
        count_parameters(lambda: attribute_decoder(concat=False)) == 17_146_374
    )


def test_a_published_file_translates_in_both_directions():
    arrays, _ = fixture("train_drit")
    model = load_translator(
        {name: part(arrays, name) for name in ("enc_c", "enc_a", "gen")},
        image_size=64,
    )
    assert model.directions == ("ab", "ba") and model.filters == 4
    image = np.random.default_rng(0).integers(0, 256, (36, 36, 3), "uint8")
    # With the attributes of an example, whose encoder came with them.
    translated = model.translate(image, "ba", style=image)
    mean = model.style_encoder([image[None] / 127.5 - 1.0] * 2)["a"]["mean"]
    again = model.translate(image, "ba", style=np.array(mean)[0])
    assert np.abs(translated.astype(int) - again).max() <= 1


def test_trains_in_two_steps_of_the_generator():
    # The variant that the reference's steps above are not of.
    model = DRIT(image_size=32, filters=2, num_blocks=1, concat=False)
    model.compile(total_steps=30)
    images = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), "uint8")
    data = {"a": images, "b": images[::-1]}
    history = model.fit(data, batch_size=2, verbose=0).history
    assert np.isfinite(list(history.values())).all()
    steps = {p: int(model.optimizer[p].iterations) for p in model.players}
    assert steps == {
        "adversary": 3,
        "discriminator": 1,
        "generator": 2,
        "style_encoder": 1,
    }
