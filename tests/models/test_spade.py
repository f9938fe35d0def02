import numpy as np
import pytest
from keras import ops

from keras_gan_translate import backend
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.recognised import recognise
from keras_gan_translate.engine.batches import as_batch
from keras_gan_translate.models.spade import (
    SPADE,
    spade_generator,
    style_encoder,
)
from keras_gan_translate.networks import multiscale_discriminator
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

BATCH = {"label": "label_map", "instance": "instances", "image": "image"}


def tiny(**arguments):
    options = {
        "image_size": 32,
        "classes": ("sky", "tree", "house"),
        "filters": 2,
        "hidden_filters": 4,
        "style_size": 5,
        "loss_weights": {"perceptual": 0.0},
    }
    return SPADE(**options | arguments)


def batch(model, size=32):
    random = np.random.default_rng(0)
    return {
        name: field.example(2, size, random)
        for name, field in model.batch.items()
    }


def discriminator(channels, filters):
    return multiscale_discriminator(channels, filters, spectral=True)


@pytest.mark.parametrize(
    ("build", "count"),
    [
        (lambda: spade_generator(184), 97_480_899),
        (lambda: discriminator(187, 64), 5_904_514),
        (style_encoder, 10_463_424),
    ],
    ids=["generator", "discriminator", "encoder"],
)
def test_full_size_has_the_papers_number_of_parameters(build, count):
    assert count_parameters(build) == count


def test_generator_reproduces_the_reference():
    arrays, _ = fixture("spade_gen_normal")
    network = spade_generator(6, 4)
    import_weights(network, weights_of(arrays))
    x = channels_last(arrays["__in__.seg"])
    assert_close(backend.predict(network, x), arrays["__out__.image"])
    assert_close(
        backend.predict(network, x, training=True),
        arrays["__out__.train_image"],
    )


def test_discriminators_reproduce_the_reference():
    arrays, _ = fixture("spade_dis_multiscale")
    network = discriminator(9, 8)
    import_weights(network, weights_of(arrays))
    outputs = backend.predict(network, channels_last(arrays["__in__.x"]))
    for i, scale in enumerate(outputs):
        for j, features in enumerate(scale):
            assert_close(features, arrays[f"__out__.scale{i}_feat{j}"])


def test_encoder_reproduces_the_reference():
    arrays, _ = fixture("spade_encoder")
    network = style_encoder(2)
    import_weights(network, weights_of(arrays))
    outputs = backend.predict(network, channels_last(arrays["__in__.x"]))
    assert_close(outputs["mean"], arrays["__out__.mu"])
    assert_close(outputs["log_variance"], arrays["__out__.logvar"])


def test_three_steps_of_the_reference():
    arrays, info = fixture("train_spade")
    cfg = info["cfg"]
    model = detailed(SPADE)(
        image_size=cfg["size"],
        classes=tuple(map(str, range(cfg["label_nc"]))),
        filters=cfg["ngf"],
        hidden_filters=16,
        style_size=0,
        num_layers=cfg["n_layers_D"] - 1,
        loss_weights={"perceptual": 0.0},
    )
    model.discriminator = discriminator(cfg["label_nc"] + 4, cfg["ndf"])
    import_networks(model, arrays, {"G": "generator", "D": "discriminator"})
    assert_losses(
        replay(model, batches_of(arrays, BATCH)),
        info["losses_per_step"],
        {
            "G_GAN": (1, ["generator_adversarial_"]),
            "G_GAN_Feat": (10, ["generator_feature_matching_"]),
            "D_Fake": (1, ["discriminator_adversarial_fake"]),
            "D_real": (1, ["discriminator_adversarial_real"]),
            "D_total": [(1, "D_Fake"), (1, "D_real")],
            "G_total": [(1, "G_GAN"), (1, "G_GAN_Feat")],
        },
        info["suggested_tolerance_per_step"],
    )


def test_divergence_is_that_of_the_standard_normal():
    model = tiny()
    data = as_batch(model, batch(model))
    model.style_distribution = lambda image, training: {
        "mean": ops.array([[1.0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]),
        "log_variance": ops.array([[0.0] * 5, [np.log(4.0)] + [0.0] * 4]),
    }
    drawn = []
    model.draw_noise = lambda shape: drawn.append(shape) or ops.ones(shape)
    model.generator = lambda inputs, training: (
        drawn.append(np.array(inputs[1])) or data["image"]
    )
    terms, _ = model.generator_loss(data)
    # Half of mean^2, and half of variance - 1 - log(variance).
    expected = 0.5 * 1.0 + 0.5 * (4.0 - 1.0 - np.log(4.0))
    assert float(terms["divergence"]) == pytest.approx(expected, rel=1e-5)
    assert tuple(drawn[0]) == (2, 5)
    np.testing.assert_allclose(drawn[1][:, 0], [2.0, 2.0], rtol=1e-6)
    # Equal images, equal features.
    assert float(terms["feature_matching"]) == pytest.approx(0.0, abs=1e-6)


def test_a_style_is_drawn_or_read_off_a_picture():
    model = tiny()
    data = batch(model)
    for layer in model.generator.layers:  # too small to be seen otherwise
        if layer.name.endswith("conv") or layer.name == "style_dense":
            layer.kernel.assign(50.0 * layer.kernel)
    label_map, instances = data["label_map"][0], data["instances"][0]

    def translate(style):
        image = model.translate(label_map, instances=instances, style=style)
        return image.astype(int)

    one = translate(1)
    np.testing.assert_array_equal(one, translate(1))
    assert np.abs(one - translate(2)).max() > 0
    picture = np.random.default_rng(3).integers(0, 256, (40, 50, 3), "uint8")
    code = model.encode("encoder", picture)
    assert code.shape == (5,)
    np.testing.assert_array_equal(translate(picture), translate(code))


def test_a_style_ties_the_model_to_one_size():
    model = tiny(image_size=64)
    data = batch(model, 32)
    with pytest.raises(ValueError, match="64 by 64.*Received: 32 by 32"):
        model.translate(data["label_map"], instances=list(data["instances"]))
    free = tiny(image_size=64, style_size=0, instances=False)
    assert free.translate(data["label_map"]).shape == (2, 32, 32, 3)


@pytest.mark.parametrize("num_ups", [5, 6, 7])
def test_generators_double_as_often_as_told(num_ups):
    network = spade_generator(3, 2, 4, num_ups)
    size = 2**num_ups
    assert network.compute_output_shape((1, size, 2 * size, 3)) == (
        1,
        size,
        2 * size,
        3,
    )


def test_published_generators_are_recognised():
    arrays, _ = fixture("spade_gen_normal")
    found = recognise(weights_of(arrays))
    assert found.model == "spade"
    assert found.arguments["style_size"] == 0
    assert len(found.arguments["classes"]) == 5
    model = found.load()
    x = channels_last(arrays["__in__.seg"])
    assert_close(backend.predict(model.generator, x), arrays["__out__.image"])


def test_errors_teach():
    with pytest.raises(ValueError, match="multiple of 32.*image_size=48"):
        tiny(image_size=48)
    with pytest.raises(ValueError, match="5, 6, 7"):
        tiny(num_ups=4)
