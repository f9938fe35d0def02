import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import backend
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.recognised import recognise
from keras_gan_translate.models.deepfillv1 import (
    DeepFillV1,
    critic,
    spatial_discount,
)
from keras_gan_translate.networks import plain_generator
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

CRITICS = {"local": "critic_local", "global": "critic_global"}


def tiny(**arguments):
    options = {"image_size": 32, "filters": 4, "critic_filters": 4}
    return DeepFillV1(**options | arguments)


def critic_weights(arrays, name):
    return {
        key: array
        for key, array in part(arrays, "discriminator").items()
        if name in key
    }


@pytest.mark.parametrize(
    ("build", "count"),
    [
        (plain_generator, 3_601_542),
        (lambda: critic(256), 2_733_441),
        (lambda: critic(128), 2_684_289),  # of the PyTorch port
        (lambda: critic(128, widest=8), 4_339_329),
    ],
    ids=["generator", "global", "local_port", "local"],
)
def test_full_size_has_the_papers_number_of_parameters(build, count):
    assert count_parameters(build) == count


@pytest.mark.parametrize("port", [False, True], ids=["authors", "port"])
def test_generator_reproduces_the_reference(port):
    arrays, _ = fixture("deepfillv1_twin_gen" if port else "deepfillv1_gen")
    weights = weights_of(arrays)
    if not port:
        weights = part(weights, "inpaint_net")
    model = DeepFillV1(image_size=64, filters=6, critic_filters=4, port=port)
    network = import_weights(model.generator, weights)
    image, mask = arrays["__in__.image"], arrays["__in__.mask"]
    expected = {
        key: arrays[f"__out__.{key}"]
        for key in ("stage1", "stage2", "completed")
    }
    if port:
        image, mask = channels_last(image), channels_last(mask)
    else:  # channels last, and one mask for the batch
        mask = np.repeat(mask, len(image), axis=0)
        expected = {k: v.transpose(0, 3, 1, 2) for k, v in expected.items()}
    outputs = backend.predict(network, [image, mask])
    assert_close(outputs["coarse"], expected["stage1"])
    assert_close(outputs["image"], expected["stage2"])
    completed = backend.predict(model.composed, [image, mask])
    assert_close(completed, expected["completed"])


def test_critics_reproduce_the_reference():
    arrays, _ = fixture("deepfillv1_dis")
    for name, key, size, widest in (
        ("local", "local_patch", 32, 8),
        ("global", "image", 64, 4),
    ):
        network = critic(size, 6, widest)
        import_weights(network, critic_weights(arrays, name))
        outputs = backend.predict(network, arrays[f"__in__.{key}"])
        assert_close(outputs, arrays[f"__out__.{name}"])


@pytest.mark.parametrize(("name", "size"), [("local", 128), ("global", 256)])
def test_critics_of_the_port_reproduce_it(name, size):
    arrays, _ = fixture(f"deepfillv1_twin_dis_{name}")
    network = import_weights(critic(size, 6, port=True), weights_of(arrays))
    outputs = backend.predict(network, channels_last(arrays["__in__.x"]))
    # One number has no deviation of its own.
    np.testing.assert_allclose(outputs, arrays["__out__.out"], rtol=1e-5)


class Given(detailed(DeepFillV1)):
    """Takes the place of the box and the random numbers from its batch."""

    turns = {}

    def corner(self, batch):
        return [ops.cast(batch["box"][:, i], "int32") for i in (0, 1)]

    def draw_mix(self, batch):
        # There 0 is at the real image, here 1.
        return {
            name: 1.0 - ops.reshape(batch[f"alpha_{name}"], (-1, 1, 1, 1))
            for name in CRITICS
        }


def test_three_steps_of_the_reference():
    arrays, info = fixture("train_deepfillv1")
    model = Given(image_size=64, filters=6, critic_filters=6)
    import_weights(model.generator, part(arrays, "inpaint_net"))
    for name, network in CRITICS.items():
        import_weights(getattr(model, network), critic_weights(arrays, name))
    batches = [
        {
            "image": arrays["__in__.image"],
            "mask": np.repeat(arrays["__in__.mask"], 2, axis=0),
            "box": np.repeat(arrays["__in__.bbox"][None, :2], 2, axis=0),
            "alpha_local": arrays["__in__.alpha_local"][step],
            "alpha_global": arrays["__in__.alpha_global"][step],
        }
        for step in range(3)
    ]
    steps = replay(model, batches)
    for step in steps:

        def value(name, step=step):
            return sum(float(step[key]) for key in step if name in key)

        penalty = 10 * value("critic_penalty")
        step["critic"] = value("critic_adversarial") + penalty
        errors = value("generator_hole") + value("generator_known")
        step["generator"] = 1.2 * errors + 1e-3 * value("generator_adv")
    names = {
        "gp_loss": (10, [f"critic_penalty_{name}" for name in CRITICS]),
        "d_loss": (1, ["critic"]),
        "l1_loss": (1, ["generator_hole_coarse", "generator_hole_image"]),
        "ae_loss": (1, ["generator_known_coarse", "generator_known_image"]),
        "g_loss": (1, ["generator"]),
    }
    assert_losses(steps, info["losses_per_step"], names, (1e-5, 2e-4, 1e-3))


def test_weights_of_errors_fall_from_the_box_to_its_middle():
    weights = spatial_discount(8)[..., 0]
    assert weights.max() == 1.0
    np.testing.assert_allclose(weights[4, 4], 0.9**4, rtol=1e-6)
    np.testing.assert_allclose(weights[2, 3], 0.9**2, rtol=1e-6)
    np.testing.assert_allclose(weights[0], 1.0)
    np.testing.assert_allclose(weights[7, 4], 0.9, rtol=1e-6)


def test_the_box_is_around_the_hole_and_within_the_image():
    model = tiny()
    mask = np.zeros((3, 32, 32, 1), "float32")
    mask[0, 10:20, 12:22] = 1.0  # middle 15, 17
    mask[1, 0:4, 28:32] = 1.0
    mask[2, 5, 5] = mask[2, 25, 30] = 1.0  # wider than the box
    corners = [np.array(one).tolist() for one in model.corner({"mask": mask})]
    assert corners == [[7, 0, 7], [9, 16, 10]]
    inside = np.array(model._inside({"mask": mask}))
    assert inside.sum(axis=(1, 2, 3)).tolist() == 3 * [16 * 16]
    _, crop = model._views({"mask": mask}, False)["local"]
    np.testing.assert_array_equal(crop(inside), np.ones((3, 16, 16, 1)))


def test_every_missing_pixel_has_an_error_that_teaches():
    model = tiny()
    image = np.zeros((1, 32, 32, 3), "float32")
    mask = np.zeros((1, 32, 32, 1), "float32")
    mask[0, 2:30, 2:30] = 1.0
    filling = keras.Variable(image)
    model.generator = lambda x, training: dict.fromkeys(
        ("coarse", "image"), filling
    )

    def errors(pixels):
        filling.assign(pixels)
        terms, _ = model.generator_loss({"image": image, "mask": mask})
        return [sum(terms[name].values()) for name in ("hole", "known")]

    for row, column in ((3, 3), (16, 16), (0, 0)):
        wrong = image.copy()
        wrong[0, row, column] = 1.0
        hole, known = map(float, errors(wrong))
        assert (hole > 0) != (known > 0)
        assert (hole > 0) == (8 <= row < 24)


def test_known_pixels_stay_and_missing_ones_are_not_seen():
    keras.utils.set_random_seed(0)
    model = tiny()
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
    for name, port in (("deepfillv1_gen", {}), ("deepfillv1_twin_gen", True)):
        arrays, _ = fixture(name)
        found = recognise(weights_of(arrays))
        arguments = {"filters": 6} | ({"port": True} if port else {})
        assert (found.model, found.arguments) == ("deepfillv1", arguments)


def test_errors_teach():
    with pytest.raises(ValueError, match="multiple of 2.*5"):
        tiny(filters=5)
    with pytest.raises(ValueError, match="multiples of 8.*36"):
        tiny(image_size=36)
    with pytest.raises(ValueError, match="image_size=256.*None"):
        tiny(image_size=None)
