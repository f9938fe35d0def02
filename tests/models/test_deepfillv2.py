import keras
import numpy as np
import pytest

from keras_gan_translate import backend
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.recognised import recognise
from keras_gan_translate.data.kinds import find_kind, kind_of
from keras_gan_translate.models.deepfillv2 import (
    DeepFillV2,
    Gate,
    gated_generator,
)
from keras_gan_translate.networks import spectral_patch_discriminator
from tests.models.training import (
    assert_close,
    assert_losses,
    channels_last,
    count_parameters,
    detailed,
    part,
    replay,
    weights_of,
)
from tests.shared import fixture


@pytest.mark.parametrize(
    ("build", "count"),
    [
        (gated_generator, 4_052_478),
        (lambda: spectral_patch_discriminator(channels=4), 5_946_816),
        # One more channel, the lines, under kernels of 5x5.
        (lambda: gated_generator(hints=1), 4_052_478 + 25 * 48),
        (
            lambda: spectral_patch_discriminator(channels=5),
            5_946_816 + 25 * 64,
        ),
    ],
    ids=["generator", "discriminator", "sketch", "sketch_discriminator"],
)
def test_full_size_has_the_papers_number_of_parameters(build, count):
    assert count_parameters(build) == count


def test_generator_reproduces_the_reference():
    arrays, _ = fixture("deepfillv2_gen")
    network = import_weights(gated_generator(8), weights_of(arrays))
    image, mask, shared = (
        channels_last(arrays[f"__in__.{key}"])
        for key in ("image", "mask", "mask_shared")
    )
    outputs = backend.predict(network, [image, mask])
    assert_close(outputs["coarse"], arrays["__out__.stage1"])
    assert_close(outputs["image"], arrays["__out__.stage2"])
    outputs = backend.predict(network, [image, shared])
    assert_close(outputs["image"], arrays["__out__.shared_stage2"])
    model = DeepFillV2(image_size=64, filters=8)
    import_weights(model.generator, weights_of(arrays))
    completed = backend.predict(model.composed, [image, mask])
    assert_close(completed, arrays["__out__.completed"])


def fill(discriminator, weights, names):
    """The stored u alone: v follows in the first iteration."""
    for i in range(1, 7):
        layer = discriminator.get_layer(f"conv_{i}")
        kernel, bias, u = (weights[name.format(i)] for name in names)
        if kernel.shape != layer.kernel.shape:
            kernel = kernel.transpose(2, 3, 1, 0)
        layer.kernel.assign(kernel)
        layer.bias.assign(bias)
        layer.u.assign(u.ravel())


def test_discriminator_reproduces_the_reference():
    arrays, _ = fixture("deepfillv2_dis")
    network = spectral_patch_discriminator(8, channels=4)
    names = ("weight", "bias", "weight_u")
    fill(network, arrays, [f"conv{{}}.conv_sn.{name}" for name in names])
    x = channels_last(arrays["__in__.x"])
    assert_close(network(x, training=True), arrays["__out__.map"])
    for i in range(1, 7):
        np.testing.assert_allclose(
            np.array(network.get_layer(f"conv_{i}").u)[:, None],
            arrays[f"__out__.u_after_conv{i}"],
            atol=1e-5,
        )


def test_three_steps_of_the_reference():
    arrays, info = fixture("train_deepfillv2")
    model = detailed(DeepFillV2)(
        image_size=64, filters=8, discriminator_filters=6
    )
    import_weights(model.generator, part(arrays, "inpaint_net"))
    fill(
        model.discriminator,
        part(arrays, "discriminator/sn_patch_gan"),
        ["conv{}/kernel", "conv{}/bias", "conv{}/kernel_sn/u"],
    )
    # The one batch, with the one hole.
    image, mask = (arrays[f"__in__.{key}"] for key in ("image", "mask"))
    batch = {"image": image, "mask": np.repeat(mask, 2, axis=0)}
    assert_losses(
        replay(model, 3 * [batch]),
        info["losses_per_step"],
        {
            "d_loss": (
                0.5,
                [
                    "discriminator_adversarial_real",
                    "discriminator_adversarial_fake",
                ],
            ),
            "ae_loss": (1, ["generator_l1_coarse", "generator_l1_image"]),
            "g_loss": (
                1,
                [
                    "generator_l1_coarse",
                    "generator_l1_image",
                    "generator_adversarial_",
                ],
            ),
        },
        (1e-5, 2e-4, 1e-3),
    )


def test_gates_are_half_of_the_channels():
    x = np.array([[1.0, -1.0, 0.0, 2.0]], "float32")
    expected = [1.0 * 0.5, (np.exp(-1.0) - 1.0) / (1.0 + np.exp(-2.0))]
    np.testing.assert_allclose(Gate()(x)[0], expected, rtol=1e-5)
    relu = Gate.from_config(Gate("relu").get_config())
    np.testing.assert_allclose(relu(x)[0], [0.5, 0.0], rtol=1e-5)


def test_known_pixels_stay_and_missing_ones_are_not_seen():
    keras.utils.set_random_seed(0)
    model = DeepFillV2(image_size=32, filters=4, discriminator_filters=4)
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (40, 48, 3), "uint8")
    mask = np.zeros((40, 48), "uint8")
    mask[8:20, 10:30] = 255
    hole = mask > 0
    one = model.translate(image, mask=mask)
    np.testing.assert_array_equal(one[~hole], image[~hole])
    image[hole] = 255 - image[hole]
    np.testing.assert_array_equal(model.translate(image, mask=mask), one)


def test_lines_guide_it_inside_the_hole():
    keras.utils.set_random_seed(0)
    arguments = {"image_size": 32, "filters": 4, "discriminator_filters": 4}
    model = DeepFillV2(sketch=True, **arguments)
    assert (model.data, kind_of(DeepFillV2).name) == ("sketch", "masked")
    assert kind_of(DeepFillV2, {"sketch": True}).name == "sketch"
    assert find_kind("sketch").of_model(model) == {"parts": ("sketch", "mask")}
    random = np.random.default_rng(0)
    # Floats: what changes in an untrained network is less than 1 of 255.
    image = random.uniform(-1, 1, (32, 32, 3)).astype("float32")
    mask, sketch = np.zeros((2, 32, 32), "uint8")
    mask[8:20, 10:30], sketch[:] = 255, 255
    plain = model.translate(image, mask=mask)  # no lines are no paper
    np.testing.assert_array_equal(
        model.translate(image, mask=mask, sketch=sketch), plain
    )
    sketch[2:6] = 0  # lines beside the hole
    np.testing.assert_array_equal(
        model.translate(image, mask=mask, sketch=sketch), plain
    )
    sketch[12, 10:30] = 0
    guided = model.translate(image, mask=mask, sketch=sketch)
    assert (guided != plain).any()
    np.testing.assert_array_equal(guided[mask == 0], image[mask == 0])

    # The discriminator sees them after image and mask.
    seen = []
    judge = model.discriminator

    def remember(x, training):
        seen.append(np.asarray(x))
        return judge(x, training=training)

    model.discriminator = remember
    batch = {
        "image": image[None],
        "mask": mask[None, ..., None],
        "sketch": sketch[None, ..., None],
    }
    batch = {
        name: field.prepare(keras.ops.convert_to_tensor(batch[name]))
        for name, field in model.batch.items()
    }
    model.discriminator_loss(batch)
    for x in seen[0]:
        np.testing.assert_array_equal(x[..., 3] > 0, mask > 0)
        lines = (sketch == 0) & (mask > 0)
        np.testing.assert_array_equal(x[..., 4], lines)


def test_published_weights_are_recognised():
    arrays, _ = fixture("deepfillv2_gen")
    found = recognise(weights_of(arrays))
    assert (found.model, found.arguments) == ("deepfillv2", {"filters": 8})


def test_errors_teach():
    with pytest.raises(ValueError, match="multiple of 4.*6"):
        DeepFillV2(filters=6)
    with pytest.raises(ValueError, match="multiples of 8.*36"):
        DeepFillV2(image_size=36)
