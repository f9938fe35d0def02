import numpy as np

from keras_gan_translate import CycleGAN
from tests.models.training import (
    assert_losses,
    detailed,
    import_networks,
    three_steps,
)
from tests.shared import fixture


def test_three_steps_of_the_reference():
    arrays, info = fixture("train_cyclegan")
    model = detailed(CycleGAN)(image_size=64, filters=8)
    # The authors' D_A judges images of B.
    import_networks(
        model,
        arrays,
        {
            "G_A": "generator_ab",
            "G_B": "generator_ba",
            "D_A": "discriminator_b",
            "D_B": "discriminator_a",
        },
    )
    fake = model.generator_ab(arrays["__in__.real_A"].transpose(0, 2, 3, 1))
    expected = arrays["__out__.fake_B_step1"].transpose(0, 2, 3, 1)
    assert np.abs(np.array(fake) - expected).max() <= 1e-4 * expected.std()
    names = {
        "D_A": (0.5, ["discriminator_adversarial_b"]),
        "D_B": (0.5, ["discriminator_adversarial_a"]),
        "G_A": (1, ["generator_adversarial_ab"]),
        "G_B": (1, ["generator_adversarial_ba"]),
        "cycle_A": (10, ["generator_cycle_a"]),
        "cycle_B": (10, ["generator_cycle_b"]),
        "idt_A": (5, ["generator_identity_b"]),
        "idt_B": (5, ["generator_identity_a"]),
    }
    names["G_total"] = [(1, name) for name in names if name[0] != "D"]
    assert_losses(
        three_steps(model, arrays),
        info["losses_per_step"],
        names,
        (1e-5, 2e-4, 1e-2),
    )


def test_generators_run_once_per_step():
    model = CycleGAN(image_size=32, filters=2, num_blocks=1)
    shared = model.generator_loss(
        {
            "a": np.zeros((1, 32, 32, 3), "float32"),
            "b": np.zeros((1, 32, 32, 3), "float32"),
        }
    )[1]
    calls = []
    for name in ("generator_ab", "generator_ba"):
        setattr(model, name, lambda *args, **kwargs: calls.append(args))
    model.discriminator_loss(
        {key: np.zeros((1, 32, 32, 3), "float32") for key in "ab"} | shared
    )
    assert not calls
