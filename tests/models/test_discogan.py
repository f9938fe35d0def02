import numpy as np
import pytest
from keras import ops

from keras_gan_translate import DiscoGAN
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.discogan import recognise
from keras_gan_translate.models.discogan import _discriminator, _generator
from tests.models.training import (
    assert_close,
    assert_losses,
    batches_of,
    count_parameters,
    detailed,
    import_networks,
    losses_before,
    replay,
)
from tests.shared import fixture

NETWORKS = {
    "generator_A": "generator_ba",
    "generator_B": "generator_ab",
    "discriminator_A": "discriminator_a",
    "discriminator_B": "discriminator_b",
}


def loss_names():
    names = {
        "gen_loss": [(1, "gen_loss_A_total"), (1, "gen_loss_B_total")],
        "dis_loss": [(1, "dis_loss_A"), (1, "dis_loss_B")],
    }
    for one, other in ("AB", "BA"):
        domain = one.lower()
        names |= {
            f"dis_loss_{one}": (
                0.5,
                [f"discriminator_adversarial_{domain}"],
            ),
            f"gen_loss_{one}": (1, [f"generator_adversarial_{domain}"]),
            f"fm_loss_{one}": (1, [f"generator_features_{domain}"]),
            f"recon_loss_{one}": (1, [f"generator_reconstruction_{domain}"]),
            f"gen_loss_{one}_total": [
                (0.99 * 0.1, f"gen_loss_{other}"),
                (0.99 * 0.9, f"fm_loss_{other}"),
                (0.01, f"recon_loss_{one}"),
            ],
        }
    return names


def test_four_steps_of_the_reference():
    arrays, info = fixture("train_discogan")
    model = detailed(DiscoGAN)(image_size=64, filters=4)
    import_networks(model, arrays, NETWORKS)
    batches = [
        {name: image * 2 - 1 for name, image in batch.items()}
        for batch in batches_of(arrays, {"A": "a", "B": "b"})
    ]
    # The reference computes all losses in every step, whoever plays.
    before = []
    played = replay(
        model, batches, lambda b: before.append(losses_before(model, b))
    )
    tolerances = info["suggested_tolerance_per_step"]
    assert_losses(before, info["losses_per_step"], loss_names(), tolerances)
    for step, logs in enumerate(played):
        player = "discriminator" if step % 3 == 0 else "generator"
        for name, value in logs.items():
            if name == "loss":
                continue  # of those who played
            expected = before[step][name] if name.startswith(player) else 0.0
            assert float(value) == pytest.approx(expected, rel=1e-4), name


def test_reconstruction_counts_half_after_the_curriculum():
    model = DiscoGAN(image_size=32, filters=2, curriculum=2)
    for step, rate in ((1, 0.01), (2, 0.5)):
        model.steps.assign(step)
        for name, weight in (
            ("reconstruction", rate),
            ("adversarial", 0.1 * (1 - rate)),
            ("features", 0.9 * (1 - rate)),
        ):
            found = float(model.loss_weight("generator", name))
            assert found == pytest.approx(weight)


@pytest.mark.parametrize(
    ("name", "bottleneck"), [("discogan_gen", None), ("discogan_gen_extra", 12)]
)
def test_generators_reproduce_the_reference(name, bottleneck):
    arrays, _ = fixture(name)
    weights = {key: array for key, array in arrays.items() if key[:2] != "__"}
    arguments = recognise({key: array.shape for key, array in weights.items()})
    assert arguments.get("bottleneck") == bottleneck
    network = import_weights(_generator(**arguments), weights)
    image = network(arrays["__in__.x"].transpose(0, 2, 3, 1) * 2 - 1)
    assert_close(image / 2 + 0.5, arrays["__out__.image"])


def test_discriminator_reproduces_the_reference():
    arrays, _ = fixture("discogan_dis")
    weights = {key: array for key, array in arrays.items() if key[:2] != "__"}
    network = import_weights(_discriminator(8), weights)
    outputs = network(arrays["__in__.x"].transpose(0, 2, 3, 1) * 2 - 1)
    for i in (2, 3, 4):
        assert_close(outputs[f"features_{i}"], arrays[f"__out__.feat{i}"])
    # One number has no deviation: 1e-5 of its size.
    np.testing.assert_allclose(
        np.array(ops.sigmoid(outputs["logits"])),
        arrays["__out__.prob"],
        rtol=1e-5,
    )


def test_full_size_has_the_authors_number_of_parameters():
    assert count_parameters(_generator) == 5_513_856
    assert count_parameters(lambda: _generator(64, 100)) == 7_153_480
    assert count_parameters(_discriminator) == 2_765_568


def test_a_bottleneck_needs_its_pixels():
    with pytest.raises(ValueError, match="64 pixels.*image_size=32"):
        DiscoGAN(image_size=32, bottleneck=100)
