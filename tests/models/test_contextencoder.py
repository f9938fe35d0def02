import numpy as np
import pytest

from keras_gan_translate import backend
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.recognised import recognise
from keras_gan_translate.engine.batches import as_batch
from keras_gan_translate.models.contextencoder import (
    MEAN,
    ContextEncoder,
    context_encoder,
)
from keras_gan_translate.networks import dcgan_discriminator
from tests.models.training import (
    assert_close,
    assert_losses,
    batches_of,
    channels_last,
    count_parameters,
    detailed,
    import_networks,
    replay,
    weights_of,
)
from tests.shared import fixture


def tiny(**arguments):
    options = {"image_size": 32, "filters": 4, "bottleneck_filters": 6}
    return ContextEncoder(**options | arguments)


def batch(model, size=32):
    random = np.random.default_rng(0)
    return {
        name: field.example(2, size, random)
        for name, field in model.batch.items()
    }


@pytest.mark.parametrize(
    ("build", "count"),
    [
        (context_encoder, 71_124_544),
        (dcgan_discriminator, 2_765_568),
        # Besides the middle: 16 x 16 weights a channel, and 1x1 kernels.
        (
            lambda: context_encoder(bottleneck_filters=None),
            71_124_544
            - (2 * 16 * 512 * 4000 + 2 * 4000)
            + (512 * 16**2 + 512**2),
        ),
    ],
    ids=["generator", "discriminator", "channelwise"],
)
def test_full_size_has_the_papers_number_of_parameters(build, count):
    assert count_parameters(build) == count


@pytest.mark.parametrize(
    ("name", "key", "build"),
    [
        (
            "context_encoder_gen",
            "image",
            lambda: context_encoder(filters=8, bottleneck_filters=40),
        ),
        ("context_encoder_dis", None, lambda: dcgan_discriminator(64, 8)),
    ],
)
def test_networks_reproduce_the_reference(name, key, build):
    arrays, _ = fixture(name)
    network = import_weights(build(), weights_of(arrays))
    outputs = backend.predict(network, channels_last(arrays["__in__.x"]))
    if key is None:  # a probability, one number: no deviation of its own
        (key,) = (k for k in arrays if k.startswith("__out__."))
        expected = float(arrays[key].ravel()[0])
        assert 1 / (1 + np.exp(-outputs.item())) == pytest.approx(
            expected, rel=1e-5
        )
    else:
        assert_close(outputs, arrays[f"__out__.{key}"])


def test_three_steps_of_the_reference():
    arrays, info = fixture("train_context_encoder")
    weight = info["cfg"]["wtl2"]
    model = detailed(ContextEncoder)(
        image_size=info["cfg"]["size"],
        filters=info["cfg"]["nef"],
        region="centre",
        bottleneck_filters=info["cfg"]["nBottleneck"],
        # The port weighs the squared error twice.
        loss_weights={"l2": weight**2, "adversarial": 1 - weight},
    )
    import_networks(
        model, arrays, {"netG": "generator", "netlocalD": "discriminator"}
    )
    # The hole is 4 pixels smaller than the middle half.
    mask = np.zeros((4, 1, 128, 128), "float32")
    mask[:, :, 36:92, 36:92] = 1.0
    for step in (1, 2, 3):
        arrays[f"__in__.mask_step{step}"] = mask
    steps = replay(model, batches_of(arrays, {"real": "image", "mask": "mask"}))
    assert_losses(
        steps,
        info["losses_per_step"],
        {
            "errD_real": (1, ["discriminator_adversarial_real"]),
            "errD_fake": (1, ["discriminator_adversarial_fake"]),
            "errD": [(1, "errD_real"), (1, "errD_fake")],
            "errG_D": (1, ["generator_adversarial_"]),
            "errG_l2": (weight, ["generator_l2_"]),
            "errG": [(1 - weight, "errG_D"), (weight, "errG_l2")],
        },
        info["suggested_tolerance_per_step"],
    )


@pytest.mark.parametrize("region", ["any", "centre"])
def test_the_network_never_sees_what_is_missing(region):
    model = tiny(region=region)
    data = batch(model)
    data["mask"][:] = 0
    data["mask"][:, 10:20, 12:22] = 255
    hole = data["mask"] > 0
    other = np.where(hole, 255 - data["image"], data["image"])
    one, two = (
        model.translate(image, mask=list(data["mask"]))
        for image in (data["image"], other)
    )
    np.testing.assert_array_equal(one, two)
    known = ~np.broadcast_to(hole, one.shape)
    np.testing.assert_array_equal(one[known], data["image"][known])
    assert np.abs(one - data["image"])[~known].max() > 0
    holed = model.mean_colour(
        list(as_batch(model, data)[k] for k in ("image", "mask"))
    )
    np.testing.assert_allclose(holed[0, 15, 15], MEAN, rtol=1e-6)


def test_the_error_counts_more_where_the_image_is_known():
    model = tiny(overlap=2)
    data = as_batch(model, batch(model))
    mask = np.zeros((2, 32, 32, 1), "float32")
    mask[:, 10:16, 10:16] = 1.0  # 36 pixels, 10 x 10 with the band
    image = np.zeros((2, 32, 32, 3), "float32")
    model.generator = lambda x, training: image + 0.5
    terms, _ = model.generator_loss({**data, "image": image, "mask": mask})
    expected = 0.25 * (36 + 10 * (100 - 36)) / 100
    assert float(terms["l2"]) == pytest.approx(expected, rel=1e-5)


def test_channelwise_layer_mixes_positions_not_channels():
    model = tiny(bottleneck="channelwise")
    layer = model.generator.get_layer("middle_dense")
    x = np.random.default_rng(0).normal(size=(1, 4, 4, 8)).astype("float32")
    changed = x.copy()
    changed[0, 3, 3, 5] += 1.0
    moved = np.abs(np.array(layer(changed)) - np.array(layer(x)))[0]
    assert (moved[..., 5] > 0).all()
    assert not np.delete(moved, 5, axis=-1).any()


def test_published_weights_are_recognised():
    arrays, _ = fixture("context_encoder_gen")
    found = recognise(weights_of(arrays))
    assert found.model == "contextencoder"
    assert found.arguments["bottleneck_filters"] == 40
    assert found.load().region == "centre"


def test_errors_teach():
    with pytest.raises(ValueError, match="power of two.*48"):
        tiny(image_size=48)
    with pytest.raises(ValueError, match="centre"):
        tiny(region="middle")
    with pytest.raises(ValueError, match="whole picture"):
        tiny().translate(
            np.zeros((32, 32, 3), "uint8"),
            mask=np.full((32, 32), 255, "uint8"),
        )


def test_the_discriminator_has_a_weight_of_its_own():
    model = tiny()
    assert model.loss_weight("generator", "adversarial") == 0.001
    assert model.loss_weight("discriminator", "adversarial") == 1.0
