import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import backend
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.recognised import recognise
from keras_gan_translate.models.pennet import (
    PENNet,
    patch_judge,
    pyramid_generator,
)
from tests.models.training import (
    assert_close,
    assert_losses,
    channels_last,
    count_parameters,
    detailed,
    import_networks,
    replay,
    weights_of,
)
from tests.shared import fixture


@pytest.mark.parametrize(
    ("build", "count"),
    [(pyramid_generator, 10_231_538), (patch_judge, 4_318_401)],
    ids=["generator", "discriminator"],
)
def test_full_size_has_the_papers_number_of_parameters(build, count):
    assert count_parameters(build) == count


def test_generator_reproduces_the_reference():
    arrays, _ = fixture("pennet_gen")
    model = PENNet(image_size=64, filters=8, discriminator_filters=4)
    network = import_weights(model.generator, weights_of(arrays))
    inputs = [channels_last(arrays[f"__in__.{k}"]) for k in ("image", "mask")]
    outputs = backend.predict(network, inputs)
    assert_close(outputs["image"], arrays["__out__.output"])
    for i in range(1, 6):
        assert_close(outputs[f"level_{i}"], arrays[f"__out__.pyramid{i}"])
    completed = backend.predict(model.composed, inputs)
    assert_close(completed, arrays["__out__.completed"])
    names = {
        "down_6_relu": "enc6",
        "transfer_5": "atn5",
        "transfer_4_parts": "atn4",
        "transfer_3_parts": "atn3",
    }
    within = keras.Model(
        network.inputs, [network.get_layer(name).output for name in names]
    )
    features = backend.predict(within, inputs)
    for output, key in zip(features, names.values()):
        assert_close(output, arrays[f"__out__.{key}"])


def test_discriminator_reproduces_the_reference():
    arrays, _ = fixture("pennet_dis")
    network = import_weights(patch_judge(8), weights_of(arrays))
    x = channels_last(arrays["__in__.x"])
    assert_close(network(x), arrays["__out__.out"])
    assert_close(network(x, training=True), arrays["__out__.train_out"])
    for i in range(4):
        np.testing.assert_allclose(
            ops.convert_to_numpy(network.get_layer(f"layer_{i + 1}_conv").u),
            arrays[f"__after_train__.encoder.{2 * i}.weight_u"],
            atol=1e-5,
        )


def test_three_steps_of_the_reference():
    arrays, info = fixture("train_pennet")
    model = detailed(PENNet)(image_size=64, filters=4, discriminator_filters=4)
    import_networks(
        model, arrays, {"netG": "generator", "netD": "discriminator"}
    )
    image, mask = (
        channels_last(arrays[f"__in__.{key}"]) for key in ("images", "masks")
    )
    steps = replay(model, 3 * [{"image": image, "mask": mask}])
    # Ten times the reference's own drift from float64 to float32.
    drift = [
        max(at_least, 10 * worst)
        for at_least, (worst, _) in zip(
            (1e-5, 2e-4, 1e-3), info["per_step_worst_float32_vs_float64"]
        )
    ]
    assert_losses(
        steps,
        info["losses_per_step"],
        {
            "dis_real_loss": (1, ["discriminator_adversarial_real"]),
            "dis_fake_loss": (1, ["discriminator_adversarial_fake"]),
            "dis_loss": [(0.5, "dis_real_loss"), (0.5, "dis_fake_loss")],
            "gen_fake_loss": (1, ["generator_adversarial_"]),
            "hole_loss": (1, ["generator_hole_"]),
            "valid_loss": (1, ["generator_known_"]),
            "pyramid_loss": (
                1,
                [f"generator_pyramid_level_{i}" for i in range(1, 6)],
            ),
            "gen_loss": [
                (0.1, "gen_fake_loss"),
                (6, "hole_loss"),
                (1, "valid_loss"),
                (0.5, "pyramid_loss"),
            ],
        },
        drift,
    )


def test_known_pixels_stay_and_missing_ones_are_not_seen():
    keras.utils.set_random_seed(0)
    model = PENNet(image_size=64, filters=4, discriminator_filters=4)
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (40, 48, 3), "uint8")
    mask = np.zeros((40, 48), "uint8")
    mask[8:20, 10:30] = 255
    hole = mask > 0
    one = model.translate(image, mask=mask)
    np.testing.assert_array_equal(one[~hole], image[~hole])
    image[hole] = 255 - image[hole]
    np.testing.assert_array_equal(model.translate(image, mask=mask), one)


def test_published_weights_are_recognised():
    arrays, _ = fixture("pennet_gen")
    found = recognise(weights_of(arrays))
    assert (found.model, found.arguments) == ("pennet", {"filters": 8})


def test_errors_teach():
    with pytest.raises(ValueError, match="multiple of 4.*6"):
        PENNet(filters=6)
    with pytest.raises(ValueError, match="multiples of 64.*96"):
        PENNet(image_size=96)
