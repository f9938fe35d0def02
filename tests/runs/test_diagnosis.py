import math

import keras
import numpy as np
import pytest

from keras_gan_translate.callbacks import SampleGrid
from keras_gan_translate.data import synthetic_faces
from keras_gan_translate.models import CycleGAN
from keras_gan_translate.runs import diagnosis
from keras_gan_translate.runs.diagnosis import diagnose, direction_titles
from tests.toys import Domains, Maps, Sampler, Toy

SIDE = 16


def rows(**columns):
    count = len(next(iter(columns.values())))
    return [
        {"epoch": i + 1} | {name: values[i] for name, values in columns.items()}
        for i in range(count)
    ]


def lights(results, aligned=False):
    return diagnose(results, direction_titles(CycleGAN), aligned)


def titles(results, level, aligned=False):
    found = lights(results, aligned)
    return [light.title for light in found if light.level == level]


# Three epochs of pictures in which nothing is wrong.
HEALTHY = {
    "variety_ab": [0.9] * 3,
    "likeness_ab": [0.5] * 3,
    "change_ab": [0.6] * 3,
    "detail_ab": [0.9] * 3,
    "contrast_ab": [0.9] * 3,
    "checkerboard_ab": [1.0] * 3,
    "movement_ab": [4.0] * 3,
}


def test_without_epochs_nothing_is_said():
    assert diagnose([]) == []


def test_one_epoch_says_nothing():
    """To be finite is nothing to praise."""
    assert not lights(rows(discriminator_adversarial=[0.0], variety_ab=[0.0]))


def test_losses_that_are_not_numbers_come_first():
    results = rows(generator_l1=[0.5, math.nan, 0.1], **HEALTHY)
    light = diagnose(results)[0]
    assert light.level == "trouble" and "epoch 2" in light.text
    assert "generator_l1 is not finite" in light.text


def test_what_was_not_measured_in_an_epoch_is_no_loss():
    name = "score_ab_kid_x_100_vgg16"
    assert not lights(rows(**{name: [0.5, math.nan, 0.1]}))


def test_good_needs_numbers_that_real_pictures_have():
    assert titles(rows(**HEALTHY), "good") == ["No fault measured: A to B"]
    for name, value in {
        "variety_ab": 0.3,
        "likeness_ab": -0.4,
        "change_ab": 0.01,
        "detail_ab": 0.35,
        "contrast_ab": 0.4,
        "checkerboard_ab": 2.5,
        "movement_ab": 0.02,
    }.items():
        for results in (
            rows(**HEALTHY | {name: [value] * 3}),
            rows(**HEALTHY | {name: [*HEALTHY[name][:2], value]}),
        ):
            assert not titles(results, "good"), name
            (light,) = lights(results)
            assert any(name in told for told, _ in light.measured)
    few = {"variety_ab": HEALTHY["variety_ab"]}
    assert not lights(rows(**few))


def test_with_truth_good_is_near_it():
    measured = {k: v for k, v in HEALTHY.items() if "change" not in k}
    near = rows(**measured, error_ab=[0.3] * 3)
    assert titles(near, "good", aligned=True) == ["Close to the truth: A to B"]
    mean = rows(**measured, error_ab=[0.71] * 3)  # as the mean of all has
    assert titles(mean, "watch", aligned=True) == ["Not there yet: A to B"]


def test_every_light_shows_the_numbers_behind_it():
    results = rows(
        **HEALTHY | {"detail_ab": [0.1, 0.1, 0.123], "movement_ab": [0.0] * 3}
    )
    still, mush = lights(results)
    assert still.measured == (("movement_ab 0", "still: below 0.01"),)
    assert mush.measured == (("detail_ab 0.123", "mush: below 0.3"),)


def test_mush_is_not_good_for_being_full_of_structure():
    """As a CycleGAN's first epochs were: gray, full of a faint grid."""
    measured = HEALTHY | {"variety_ab": [0.4] * 3, "contrast_ab": [0.3] * 3}
    assert titles(rows(**measured), "watch") == ["Mush: A to B"]
    assert not titles(rows(**measured), "good")


def test_a_discriminator_that_wins_for_long():
    losses = [0.5, 0.2, 0.01, 0.01, 0.01, 0.01]
    name = "The discriminators are too strong"
    assert name not in titles(rows(discriminator_adversarial=losses), "trouble")
    losses.append(0.01)
    assert name in titles(rows(discriminator_adversarial=losses), "trouble")


def test_a_discriminator_that_has_won_in_the_first_epoch():
    """Its loss fell before anybody looked; the generators' tells."""
    name = "The discriminators are too strong"
    judged, fooled = [0.03] * 6, [0.97] * 6
    results = rows(
        discriminator_adversarial=judged, generator_adversarial=fooled
    )
    assert titles(results, "trouble") == [name]
    # A critic's numbers have no zero.
    results = rows(
        discriminator_adversarial=[0.1, *[-2.0] * 6],
        generator_adversarial=[3.0] * 7,
    )
    assert name not in titles(results, "watch")


def test_a_critic_around_zero_is_no_trouble():
    assert not titles(rows(critic_adversarial=[0.0] * 9), "trouble")


def test_a_game_is_good_while_it_is_played():
    judged, fooled = [0.5, 0.4, 0.42, 0.38, 0.41, 0.39], [0.3] * 6
    name = "Neither side has won"

    def said(**columns):
        columns = {
            "discriminator_adversarial": judged,
            "generator_adversarial": fooled,
        } | columns
        return titles(rows(**columns), "good")

    assert said() == [name]
    assert not said(discriminator_adversarial=[0.5] * 6)  # it stands still
    assert not said(generator_adversarial=[0.3, *[0.01] * 5])  # fooled always
    assert not said(generator_adversarial=[0.3, *[6.0] * 5])  # never


def test_collapse_needs_variety_lost():
    lost = rows(variety_ab=[0.1, 0.8, 0.1, 0.1, 0.1])
    assert titles(lost, "trouble") == ["Collapse: A to B"]
    young = rows(variety_ab=[0.01, 0.02, 0.03])
    assert not titles(young, "trouble") + titles(young, "watch")
    old = rows(variety_ba=[0.01] * 10)
    assert titles(old, "watch") == ["Little variety: B to A"]


def test_inversion_is_where_no_truth_tells_the_colours():
    inverted = rows(likeness_ab=[-0.8] * 3)
    assert titles(inverted, "watch", aligned=True) == []
    assert titles(inverted, "watch") == ["Inverted colours: A to B"]


def test_a_translator_that_changes_nothing():
    name = "It changes nothing: A to B"
    assert titles(rows(change_ab=[0.05] * 3), "watch") == [name]
    assert titles(rows(change_ab=[0.05] * 10), "trouble") == [name]
    # Of attributes in one domain a smile is enough.
    edited, nothing = rows(change_all=[0.05] * 10), rows(change_all=[0.0] * 10)
    assert not lights(edited)
    assert titles(nothing, "trouble") == ["It changes nothing: all"]


def test_learning_by_heart():
    trained = [0.5, 0.4, 0.3, 0.2, 0.1, 0.09, 0.08]
    checked = [0.5, 0.4, 0.5, 0.5, 0.6, 0.6, 0.6]
    results = rows(generator_l1=trained, val_generator_l1=checked)
    assert titles(results, "watch") == [
        "It learns the training images by heart"
    ]
    fine = rows(generator_l1=trained, val_generator_l1=trained)
    assert titles(fine, "watch") == []
    # Generators that get better make the game harder for both.
    both = [0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.2]
    name = "discriminator_adversarial"
    results = rows(**{name: both, f"val_{name}": both})
    assert titles(results, "watch") == []
    results = rows(**{name: trained, f"val_{name}": checked})
    assert titles(results, "watch") == []  # 1.5 times the lowest at most
    checked = [0.3, 0.2, 0.5, 0.5, 0.6, 0.6, 0.6]
    results = rows(**{name: trained, f"val_{name}": checked})
    assert titles(results, "watch") == [
        "The discriminators learn the training images by heart"
    ]


def test_directions_are_called_as_their_models_do():
    assert direction_titles(CycleGAN) == {"ab": "A to B", "ba": "B to A"}
    assert direction_titles(Maps) == {"ab": "label_map to image"}
    # From images to images, or from no image: the name says no less.
    assert direction_titles(Domains) == {}
    assert direction_titles(Sampler) == {"sample": "noise to image"}
    old = rows(variety_big_to_small=[0.01] * 10)
    assert titles(old, "watch") == ["Little variety: big_to_small"]


class Fixed(Toy):
    """A translator that does one thing to a picture."""

    def __init__(self, does):
        super().__init__()
        image = keras.Input((None, None, 3))
        self.generator = keras.Model(image, does(image), name="generator")


def blurred(image):
    return keras.layers.AveragePooling2D(7, 1, padding="same")(image)


CHECKERED = (np.indices((SIDE, SIDE)).sum(0)[..., None] % 2 - 0.5) * 0.5
FAULTS = {
    "It changes nothing: A to B": lambda image: image + 0.0,
    "Inverted colours: A to B": lambda image: 0.0 - image,
    "Little variety: A to B": lambda image: image * 0.01,
    "Mush: A to B": blurred,
    "Checkerboard: A to B": lambda image: (
        image * 0.7 + CHECKERED.astype("float32")
    ),
}


def results_of(model, epochs, folder):
    """The rows of some epochs in which nothing is learnt."""
    photos, _ = synthetic_faces(3, SIDE)
    _, toons = synthetic_faces(3, SIDE, start=9)
    grid = SampleGrid(photos, toons, folder=folder)
    grid.set_model(model)
    first, later = {}, {}
    grid.on_epoch_end(0, first)
    grid.on_epoch_end(1, later)
    later_ones = [later | {"epoch": 2 + i} for i in range(epochs - 1)]
    return [first | {"epoch": 1}, *later_ones]


@pytest.mark.parametrize("title", FAULTS)
def test_translators_made_to_fail(title, tmp_path):
    results = results_of(Fixed(FAULTS[title]), diagnosis.YOUNG, tmp_path)
    found = {light.title: light.level for light in lights(results)}
    assert found.pop(title) in ("watch", "trouble")
    assert found.pop("Nothing is learnt") == "trouble"
    assert "good" not in found.values()


def fit(folder, rates, epochs, steps=1):
    """The rows of a real training; bright pictures are what is real."""
    dark = np.full((4 * steps, SIDE, SIDE, 3), -0.6, "float32")
    model = Toy(loss_weights={"l1": 0.0})
    model.compile(
        {player: keras.optimizers.Adam(rate) for player, rate in rates.items()}
    )
    photos, toons = synthetic_faces(3, SIDE)
    history = model.fit(
        {"a": dark, "b": -dark},
        batch_size=4,
        epochs=epochs,
        verbose=0,
        callbacks=[SampleGrid(photos, toons, folder=folder)],
    )
    return rows(**history.history)


def test_a_training_with_learning_rate_0(tmp_path):
    results = fit(tmp_path, {"generator": 0.0, "discriminator": 0.0}, 3)
    (still,) = (x for x in lights(results) if x.level == "trouble")
    assert still.title == "Nothing is learnt"


def test_a_training_whose_discriminator_is_100_times_as_fast(tmp_path):
    rates = {"generator": 2e-4, "discriminator": 2e-2}
    results = fit(tmp_path, rates, 8, steps=10)
    found = {light.title: light.level for light in lights(results)}
    assert found["The discriminators are too strong"] == "trouble"
    assert "Nothing is learnt" not in found
