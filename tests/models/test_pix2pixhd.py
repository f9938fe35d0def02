import numpy as np
import pytest
from keras import ops

from keras_gan_translate import backend
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.recognised import recognise
from keras_gan_translate.engine.batches import as_batch
from keras_gan_translate.losses.perceptual import SYNTHESIS_LAYERS
from keras_gan_translate.models.pix2pixhd import (
    Pix2PixHD,
    enhanced,
    instance_means,
    local_enhancer,
)
from keras_gan_translate.networks import (
    multiscale_discriminator,
    resnet_generator,
)
from tests.models.training import (
    assert_close,
    assert_losses,
    batches_of,
    channels_last,
    count_parameters,
    detailed,
    import_networks,
    replay,
    tiny_vgg,
    weights_of,
)
from tests.shared import fixture
from tests.test_gan import changed, values

BATCH = {"label": "label_map", "inst": "instances", "image": "image"}


def tiny(**arguments):
    options = {
        "image_size": 32,
        "classes": ("sky", "tree", "house"),
        "filters": 4,
        "num_blocks": 1,
        "loss_weights": {"perceptual": 0.0},
    }
    return Pix2PixHD(**options | arguments)


def batch(model, size=32):
    random = np.random.default_rng(0)
    return {
        name: field.example(1, size, random)
        for name, field in model.batch.items()
    }


@pytest.mark.parametrize(
    ("network", "count"),
    [
        ("global", 182_546_755),
        ("enhanced", 182_857_059),
        ("discriminator", 5_603_202),
        ("encoder", 788_803),
    ],
)
def test_full_size_has_the_papers_number_of_parameters(network, count):
    def build():
        coarse = {"filters": 64, "num_downs": 4, "channels": 36}
        return {
            "global": lambda: resnet_generator(**coarse),
            "enhanced": lambda: enhanced(
                resnet_generator(**coarse), local_enhancer(36)
            ),
            "discriminator": lambda: multiscale_discriminator(39),
            "encoder": lambda: resnet_generator(
                16, 0, num_downs=4, output_channels=3
            ),
        }[network]()

    assert count_parameters(build) == count


def test_global_generator_reproduces_the_reference():
    arrays, _ = fixture("pix2pixhd_gen_global")
    network = resnet_generator(4, num_downs=4, channels=5)
    import_weights(network, weights_of(arrays))
    x = channels_last(arrays["__in__.x"])
    assert_close(backend.predict(network, x), arrays["__out__.image"])


def test_enhanced_generator_reproduces_the_reference():
    arrays, _ = fixture("pix2pixhd_gen_local")
    network = enhanced(
        resnet_generator(4, 3, num_downs=3, channels=5), local_enhancer(5, 2)
    )
    import_weights(network, weights_of(arrays))
    x = channels_last(arrays["__in__.x"])
    assert_close(backend.predict(network, x), arrays["__out__.image"])


def test_encoder_reproduces_the_reference():
    arrays, _ = fixture("pix2pixhd_encoder")
    network = resnet_generator(4, 0, num_downs=4, output_channels=3)
    import_weights(network, weights_of(arrays))
    x, instances = (
        channels_last(arrays[f"__in__.{name}"]) for name in ("x", "inst")
    )
    features = instance_means(
        backend.predict(network, x), instances.astype("int32")
    )
    assert_close(features, arrays["__out__.feat"])


def test_discriminators_reproduce_the_reference():
    arrays, _ = fixture("pix2pixhd_dis_multiscale")
    network = multiscale_discriminator(8, 8)
    import_weights(network, weights_of(arrays))
    outputs = backend.predict(network, channels_last(arrays["__in__.x"]))
    for i, scale in enumerate(outputs):
        for j, features in enumerate(scale):
            assert_close(features, arrays[f"__out__.scale{i}_feat{j}"])


@pytest.mark.parametrize("name", ["train_pix2pixhd", "train_pix2pixhd_vgg"])
def test_three_steps_of_the_reference(name):
    arrays, info = fixture(name)
    cfg = info["cfg"]
    model = detailed(Pix2PixHD)(
        image_size=cfg["size"],
        classes=tuple(map(str, range(cfg["label_nc"]))),
        filters=cfg["ngf"],
        num_blocks=cfg["blocks"],
        num_downs=cfg["n_down"],
        loss_weights=None if "vgg" in cfg else {"perceptual": 0.0},
        vgg_weights=None,
    )
    model.discriminator = multiscale_discriminator(
        cfg["label_nc"] + 4, cfg["ndf"], cfg["n_layers_D"]
    )
    names = {
        "G_GAN": (1, ["generator_adversarial_"]),
        "G_GAN_Feat": (10, ["generator_feature_matching_"]),
        "D_real": (1, ["discriminator_adversarial_real"]),
        "D_fake": (1, ["discriminator_adversarial_fake"]),
        "D_total": [(0.5, "D_fake"), (0.5, "D_real")],
        "G_total": [(1, "G_GAN"), (1, "G_GAN_Feat")],
    }
    if "vgg" in cfg:
        features = tiny_vgg(arrays, "vgg", SYNTHESIS_LAYERS)
        # The model's VGG sees images of another scale, see `generator_loss`.
        model.features = lambda x: {
            key: 127.5 * value for key, value in features(x).items()
        }
        model.prepare = lambda: None
        names["G_VGG"] = (10, ["generator_perceptual_"])
        names["G_total"].append((1, "G_VGG"))
    import_networks(model, arrays, {"G": "generator", "D": "discriminator"})
    label_map, instances = (
        channels_last(arrays[f"__in__.{key}_step1"])
        for key in ("label", "inst")
    )
    fake = model.composed(
        [
            ops.one_hot(label_map[..., 0], cfg["label_nc"]),
            ops.cast(instances, "int32"),
        ]
    )
    assert_close(fake, arrays["__out__.fake_step1"])
    assert_losses(
        replay(model, batches_of(arrays, BATCH)),
        info["losses_per_step"],
        names,
        info["suggested_tolerance_per_step"],
    )


def test_stages_train_from_the_coarse_to_the_fine():
    model = tiny(image_size=64, filters=2, num_downs=3, enhancer=True)
    data = as_batch(model, batch(model, 64))
    coarse, enhancer = (
        {id(v) for v in network.trainable_variables}
        for network in (model.coarse, model.enhancer)
    )
    # The end of the coarse network is of use alone.
    trunk = coarse - {id(v) for v in model.coarse.trainable_variables[-2:]}
    for stage, networks, side in (
        ("global", coarse, 32),
        ("enhancer", enhancer, 64),
        ("joint", trunk | enhancer, 64),
    ):
        model.compile(stage=stage)
        variables = model.player_variables("generator")
        assert {id(v) for v in variables} == networks
        _, shared = model.generator_loss(data)
        assert shared["fake"].shape == (1, side, side, 3)


def test_every_object_has_the_mean_of_its_features():
    random = np.random.default_rng(0)
    features = random.normal(size=(2, 4, 6, 3)).astype("float32")
    instances = random.integers(7, 9, (2, 4, 6, 1)).astype("int32")
    means = np.array(instance_means(features, instances))
    for i in range(2):
        for number in (7, 8):
            where = instances[i, ..., 0] == number
            expected = features[i][where].mean(0)
            np.testing.assert_allclose(
                means[i][where] - expected, 0.0, atol=1e-6
            )


def test_objects_have_styles_to_choose_from():
    model = tiny(features=3, styles=2)
    model.compile(jit_compile=False)
    data = batch(model)
    before = values(model.encoder.trainable_variables)
    model.play("generator", as_batch(model, data))
    # A bias before an instance normalization has no gradient.
    assert any(changed(before, model.encoder.trainable_variables))
    model.learn_styles([data])
    table = np.array(model.styles.get_layer("table").styles)
    assert table.shape == (3, 2, 3) and np.abs(table).max() > 0
    first, second = (
        model.translate(
            data["label_map"], instances=list(data["instances"]), style=style
        )
        for style in ("1", "2")
    )
    assert np.abs(first.astype(int) - second).max() > 0


def test_edges_are_optional():
    model = tiny(instances=False)
    assert tuple(model.batch) == ("label_map", "image")
    data = batch(model)
    terms, _ = model.generator_loss(as_batch(model, data))
    assert np.isfinite(float(terms["feature_matching"]))
    assert model.translate(data["label_map"]).shape == (1, 32, 32, 3)


def test_published_generators_are_recognised():
    arrays, _ = fixture("pix2pixhd_gen_global")
    found = recognise(weights_of(arrays))
    assert (found.model, found.arguments["num_downs"]) == ("pix2pixhd", 4)
    assert len(found.arguments["classes"]) == 4
    arrays, _ = fixture("pix2pixhd_gen_local")
    found = recognise(weights_of(arrays))
    assert found.arguments["enhancer"] and found.arguments["filters"] == 4
    model = found.load()
    x = channels_last(arrays["__in__.x"])
    assert_close(backend.predict(model.generator, x), arrays["__out__.image"])


def test_errors_teach():
    with pytest.raises(ValueError, match="multiple of 16.*40"):
        tiny(image_size=40)
    with pytest.raises(ValueError, match="multiple of 32.*48"):
        tiny(image_size=48, enhancer=True)
    with pytest.raises(ValueError, match="need instances=True"):
        tiny(features=3, instances=False)
    with pytest.raises(ValueError, match="features=3"):
        tiny().learn_styles([])
