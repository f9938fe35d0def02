import numpy as np
import pytest

from keras_gan_translate import UGATIT
from keras_gan_translate.layers import AdaLIN
from tests.models.training import (
    assert_losses,
    assert_weights,
    detailed,
    import_networks,
    part,
    three_steps,
)
from tests.shared import fixture

NETWORKS = {
    "genA2B": "generator_ab",
    "genB2A": "generator_ba",
    "disGA": "discriminator_a_global",
    "disGB": "discriminator_b_global",
    "disLA": "discriminator_a_local",
    "disLB": "discriminator_b_local",
}


def loss_names():
    names = {}
    for player, letter in (("discriminator", "D"), ("generator", "G")):
        for domain in "AB":
            for scale, initial in (("global", "G"), ("local", "L")):
                ours = f"{player}_adversarial_{domain.lower()}_{scale}"
                key = initial + domain
                names[f"{letter}_ad_loss_{key}"] = (1, [f"{ours}_logits"])
                names[f"{letter}_ad_cam_loss_{key}"] = (
                    1,
                    [f"{ours}_cam_logits"],
                )
    for theirs, ours in (
        ("recon", "cycle"),
        ("identity", "identity"),
        ("cam", "cam"),
    ):
        for domain in "AB":
            names[f"G_{theirs}_loss_{domain}"] = (
                1,
                [f"generator_{ours}_{domain.lower()}"],
            )
    for player, letter in (("Discriminator", "D"), ("Generator", "G")):
        for domain in "AB":
            names[f"{letter}_loss_{domain}"] = [
                (1, f"{letter}_ad_{kind}_{scale}{domain}")
                for kind in ("loss", "cam_loss")
                for scale in "GL"
            ]
            if letter == "G":
                names[f"G_loss_{domain}"] += [
                    (10, f"G_recon_loss_{domain}"),
                    (10, f"G_identity_loss_{domain}"),
                    (1000, f"G_cam_loss_{domain}"),
                ]
        names[f"{player}_loss"] = [
            (1, f"{letter}_loss_A"),
            (1, f"{letter}_loss_B"),
        ]
    return names


def test_three_steps_of_the_reference():
    arrays, info = fixture("train_ugatit_light")
    model = detailed(UGATIT)(image_size=128, filters=8, num_blocks=4)
    # The fixture's discriminators are half as wide as its generators.
    narrow = UGATIT(image_size=128, filters=4)
    for name in model.players["discriminator"]:
        setattr(model, name, getattr(narrow, name))
    import_networks(model, arrays, NETWORKS)
    fake = model.translator("ab")(
        arrays["__in__.real_A"].transpose(0, 2, 3, 1)
    )["image"]
    expected = arrays["__out__.fake_A2B_step1"].transpose(0, 2, 3, 1)
    assert np.abs(np.array(fake) - expected).max() <= 1e-4 * expected.std()
    steps = three_steps(model, arrays)
    assert_losses(
        steps, info["losses_per_step"], loss_names(), (1e-5, 2e-4, 1e-3)
    )
    for network, reference, tolerance in (
        (model.generator_ab, "genA2B", 0.03),
        (model.discriminator_a_local, "disLA", 1e-3),
    ):
        assert_weights(
            network,
            part(arrays, f"__after3__.{reference}"),
            part(arrays, reference),
            tolerance,
        )


@pytest.mark.parametrize(
    ("size", "strided"), [(256, 5), (128, 5), (64, 4), (32, 3)]
)
def test_global_discriminators_fit_small_images(size, strided):
    model = UGATIT(image_size=size, filters=2, num_blocks=1)
    images = np.zeros((1, size, size, 3), "float32")
    logits = model.discriminator_a_global(images)["logits"]
    assert logits.shape[1] == size // 2**strided - 2


def test_full_model_takes_its_own_size_only():
    model = UGATIT(image_size=32, filters=2, num_blocks=1, light=False)
    with pytest.raises(ValueError, match="32 by 32.*Received: 40 by 36"):
        model.translate(np.zeros((40, 36, 3), "uint8"))
    assert model.translate(np.zeros((32, 32, 3), "uint8")).shape == (32, 32, 3)


def test_authors_variant_starts_rho_at_one_and_smooths_it():
    model = UGATIT(image_size=32, filters=2, num_blocks=1, smooth_rho=True)
    norms = [
        layer
        for layer in model.generator_ba.layers
        if isinstance(layer, AdaLIN)
    ]
    assert len(norms) == 2
    assert all(n.smoothing and float(n.rho[0]) == 1.0 for n in norms)


def test_authors_variant_shares_the_classifier():
    ours = UGATIT(image_size=32, filters=2, num_blocks=1)
    theirs = UGATIT(image_size=32, filters=2, num_blocks=1, shared_cam=True)
    # One kernel of 8 less and one bias more in a generator.
    assert (
        ours.generator_ab.count_params() - theirs.generator_ab.count_params()
        == 8 - 1
    )
