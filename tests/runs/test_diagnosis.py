import math

from keras_gan_translate.models import CycleGAN
from keras_gan_translate.runs.diagnosis import diagnose, direction_titles
from tests.toys import Domains, Maps, Sampler


def rows(**columns):
    count = len(next(iter(columns.values())))
    return [
        {"epoch": i + 1} | {name: values[i] for name, values in columns.items()}
        for i in range(count)
    ]


def titles(results, level):
    lights = diagnose(results, direction_titles(CycleGAN))
    return [light.title for light in lights if light.level == level]


def test_without_epochs_nothing_is_said():
    assert diagnose([]) == []


def test_one_epoch_says_only_what_is_known():
    lights = diagnose(rows(discriminator_adversarial=[0.0], variety_ab=[0.0]))
    assert [light.title for light in lights] == ["Losses are finite"]


def test_losses_that_are_not_numbers_come_first():
    results = rows(generator_l1=[0.5, math.nan, 0.1])
    light = diagnose(results)[0]
    assert light.level == "trouble" and "epoch 2" in light.text
    assert "generator_l1 is not finite" in light.text


def test_a_discriminator_that_wins_for_long():
    losses = [0.5, 0.2, 0.01, 0.01, 0.01, 0.01]
    name = "The discriminators are too strong"
    assert name not in titles(rows(discriminator_adversarial=losses), "trouble")
    losses.append(0.01)
    assert name in titles(rows(discriminator_adversarial=losses), "trouble")


def test_a_critic_around_zero_is_no_trouble():
    assert not titles(rows(critic_adversarial=[0.0] * 9), "trouble")


def test_collapse_needs_variety_lost():
    lost = rows(variety_ab=[0.1, 0.8, 0.1, 0.1, 0.1])
    assert titles(lost, "trouble") == ["Collapse: A to B"]
    young = rows(variety_ab=[0.01, 0.02, 0.03])
    assert not titles(young, "trouble") + titles(young, "watch")
    old = rows(variety_ba=[0.01] * 10)
    assert titles(old, "watch") == ["Little variety: B to A"]


def test_inversion_is_for_unpaired_models():
    inverted = [-0.8] * 3
    assert titles(rows(likeness_ab=inverted), "watch") == []
    unpaired = rows(likeness_ab=inverted, generator_cycle=[0.1] * 3)
    assert titles(unpaired, "watch") == ["Inverted colours: A to B"]


def test_learning_by_heart():
    trained = [0.5, 0.4, 0.3, 0.2, 0.1, 0.09, 0.08]
    checked = [0.5, 0.4, 0.5, 0.5, 0.6, 0.6, 0.6]
    results = rows(generator_l1=trained, val_generator_l1=checked)
    assert titles(results, "watch") == [
        "It learns the training images by heart"
    ]
    fine = rows(generator_l1=trained, val_generator_l1=trained)
    assert titles(fine, "watch") == []


def test_directions_are_called_as_their_models_do():
    assert direction_titles(CycleGAN) == {"ab": "A to B", "ba": "B to A"}
    assert direction_titles(Maps) == {"ab": "label_map to image"}
    # From images to images, or from no image: the name says no less.
    assert direction_titles(Domains) == {}
    assert direction_titles(Sampler) == {"sample": "noise to image"}
    old = rows(variety_big_to_small=[0.01] * 10)
    assert titles(old, "watch") == ["Little variety: big_to_small"]
