import math

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.checkpoints.srgan import NAME_MAPS
from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.models.srgan import (
    SRGAN,
    sr_resnet,
    vgg_discriminator,
)
from tests.models.training import (
    assert_close,
    assert_losses,
    assert_moved,
    batches_of,
    detailed,
    fill,
    moves,
    part,
    places_of,
    replay,
    tiny_vgg,
)
from tests.shared import fixture
from tests.test_gan import changed, values

TINY = {
    "image_size": 32,
    "filters": 4,
    "num_blocks": 1,
    "vgg_weights": None,
}


def batch(scale=4, count=2):
    rng = np.random.default_rng(0)
    return {
        key: rng.uniform(-1, 1, (count, size, size, 3)).astype("float32")
        for key, size in (("a", 32 // scale), ("b", 32))
    }


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        (sr_resnet, 1_547_350),
        (lambda: sr_resnet(64, 5, 4, True, "batch", "tanh"), 734_219),
        (lambda: sr_resnet(64, 5, 4, True, "prelu", "tanh"), 734_092),
        (vgg_discriminator, 23_563_649),
    ],
    ids=["paper", "published", "published before 2018", "discriminator"],
)
def test_full_size_has_the_papers_number_of_parameters(build, parameters):
    with keras.StatelessScope(initialize_variables=False):
        shapes = [variable.shape for variable in build().trainable_variables]
    # Else the next scope that ends would initialize them.
    keras.utils.clear_session()
    assert sum(map(math.prod, shapes)) == parameters


@pytest.mark.parametrize("scale", [2, 4, 8])
def test_enlarges_any_size(scale):
    model = SRGAN(scale=scale, **TINY)
    image = np.random.default_rng(0).integers(0, 256, (7, 9, 3), "uint8")
    large = model.translate(image)
    assert large.shape == (7 * scale, 9 * scale, 3)
    assert large.dtype == "uint8"
    assert model.image_size_of("a") == 32 // scale


def test_pretraining_trains_the_generator_alone_by_pixels():
    model = SRGAN(**TINY)
    model.compile(stage="pretrain")
    kept = {p: values(model.player_variables(p)) for p in model.players}
    logs = model.fit(batch(), batch_size=2, verbose=0).history
    assert sorted(logs) == ["generator_content", "loss"]
    moved = {
        player: changed(kept[player], model.player_variables(player))
        for player in model.players
    }
    assert all(moved["generator"]) and not any(moved["discriminator"])


def test_the_stages_follow_the_papers_schedule():
    model = SRGAN(**TINY)
    model.compile(stage="pretrain")
    assert model.total_steps == 1_000_000
    assert float(model.optimizer["generator"].learning_rate) == pytest.approx(
        1e-4
    )
    model.compile()
    assert (model.stage, model.total_steps) == ("adversarial", 200_000)
    schedule = model.default_optimizer("generator", 200_000)._learning_rate
    for step, rate in ((0, 1e-4), (99_999, 1e-4), (100_001, 1e-5)):
        assert float(schedule(step)) == pytest.approx(rate)


def test_perceptual_weights_are_for_the_adversarial_stage_only():
    model = SRGAN(**TINY | {"vgg_weights": "no such file.h5"})
    data = batch()
    model.compile(stage="pretrain")
    model.fit(data, batch_size=2, verbose=0)
    model.translate(data["a"])
    model.compile(stage="adversarial")
    with pytest.raises(FileNotFoundError, match="no such file.h5"):
        model.fit(data, batch_size=2, verbose=0)


def test_losses_are_those_of_the_paper():
    model = SRGAN(**TINY)
    data = {key: ops.array(value) for key, value in batch().items()}
    terms, shared = model.generator_loss(data, training=False)
    assert set(terms) == {"content", "adversarial"}
    fake, b = shared["fake_b"], data["b"]
    of_fake, of_real = (
        np.array(model.features(x)["block5_conv4"]) / 12.75 for x in (fake, b)
    )
    assert float(terms["content"]) == pytest.approx(
        np.mean((of_fake - of_real) ** 2), rel=1e-4
    )
    judged = {
        name: 1 / (1 + np.exp(-np.array(model.discriminator(x))))
        for name, x in (("fake", fake), ("real", b))
    }
    assert float(terms["adversarial"]) == pytest.approx(
        -np.log(judged["fake"]).mean(), rel=1e-5
    )
    terms, _ = model.discriminator_loss(data | shared, training=False)
    parts = {name: float(v) for name, v in terms["adversarial"].items()}
    assert parts == pytest.approx(
        {
            "real": -np.log(judged["real"]).mean(),
            "fake": -np.log(1 - judged["fake"]).mean(),
        },
        rel=1e-5,
    )


def unit_range(images):
    """As the references see images: from 0 to 1."""
    return (images + 1) / 2


def batches_in_unit_range(arrays, small, large):
    return [
        {name: 2 * images - 1 for name, images in batch.items()}
        for batch in batches_of(arrays, {small: "a", large: "b"})
    ]


def places(network, name_map):
    layers = {layer.name: layer for layer in network.layers}
    return places_of(name_map.modules(layers, ()))


def unbiased(ours, first, updates, count):
    """PyTorch's running variance, of which Keras' is (count - 1) / count."""
    kept = 0.9**updates * first
    return kept + (ours - kept) * count / (count - 1)


@pytest.mark.parametrize("detached", [True, False], ids=["port", "paper"])
def test_steps_of_a_port_in_both_stages(detached):
    arrays, info = fixture("train_srgan_lornatang")
    model = detailed(SRGAN)(
        filters=4, num_blocks=2, vgg_weights=None, loss_weights={"pixel": 0.25}
    )
    # This port clips images in training too, which stops their gradient.
    model.generator = keras.Model(
        model.generator.input, ops.clip(model.generator.output, -1.0, 1.0)
    )
    model.discriminator = vgg_discriminator(96, 4, units=16)
    vgg = tiny_vgg(arrays, "vgg", ["block5_conv4"])
    imagenet = keras.layers.Normalization(
        mean=(0.485, 0.456, 0.406), variance=(0.229**2, 0.224**2, 0.225**2)
    )

    def features(images):
        x = imagenet(unit_range(images))
        # The paper divides features by 12.75, this port does not.
        x = 12.75 * vgg(x)["block5_conv4"]
        # Its error: the content is told, but has no gradient.
        return {"block5_conv4": ops.stop_gradient(x) if detached else x}

    model.features, model.prepare = features, lambda: None
    maps = {
        "G": places(model.generator, NAME_MAPS[0]),
        "D": places(model.discriminator, NAME_MAPS[2]),
    }
    for network, tensors in maps.items():
        fill(tensors, part(arrays, network))
    batches = batches_in_unit_range(arrays, "lr", "gt")
    steps = replay(model, batches[:2], stage="pretrain")
    with keras.StatelessScope():
        fake = model.generator(batches[2]["a"], training=True)
    assert_close(unit_range(fake), arrays["__out__.sr_step3"])
    steps += replay(model, batches[2:])
    expected = info["losses_per_step"]
    if not detached:
        names = map(str, arrays["__loss_names__"])
        rows = arrays["__losses_with_content_gradient__"].T
        told = dict(zip(names, rows.tolist(), strict=True))
        expected = [
            {name: told[name][k] for name in step}
            for k, step in enumerate(expected)
        ]
    # Squared errors of images in [-1, 1] are 4 times as large.
    names = {
        "stage1_pixel_loss": (0.25, ["generator_content_"]),
        "pixel_loss": (0.25, ["generator_pixel_"]),
        "feature_loss": (1, ["generator_content_"]),
        "adversarial_loss": (1e-3, ["generator_adversarial_"]),
        "g_loss": [
            (1, f"{name}_loss") for name in ("pixel", "feature", "adversarial")
        ],
        "d_loss_gt": (1, ["discriminator_adversarial_real"]),
        "d_loss_sr": (1, ["discriminator_adversarial_fake"]),
        "d_loss": [(1, "d_loss_gt"), (1, "d_loss_sr")],
    }
    tolerances = info["suggested_tolerance_per_step"]
    assert_losses(steps, expected, names, tolerances)
    if not detached:
        return  # those weights the fixture lacks

    def as_theirs(name, ours, first):
        if not name.endswith("running_var"):
            return None
        if "features" not in name:
            return unbiased(ours, first, 5, 24 * 24)
        # In each of three steps: the generator's image, photo, image again.
        side = 96 // 2 ** ((int(name.split(".")[1]) + 3) // 6)
        return unbiased(ours, first, 9, side * side)

    for network, tensors in maps.items():
        found = moves(tensors, arrays, info, network, as_theirs)
        assert_moved(found, tolerances[-1])


class Scored(detailed(SRGAN)):
    """What leftthomas' port adds to the paper's game.

    The total variation, and a last look at the moved generator's image, which
    is told and moves the running statistics once more.
    """

    loss_weights = SRGAN.loss_weights | {"variation": 2e-8, "score": 0.0}

    def generator_loss(self, batch, training=True):
        terms, shared = super().generator_loss(batch, training)
        images = unit_range(shared["fake_b"])
        terms["variation"] = 2 * losses.total_variation(images)
        return terms, shared

    def discriminator_loss(self, batch, training=True):
        terms, shared = super().discriminator_loss(batch, training)
        fake = self.generator(batch["a"], training=training)
        judged = self.discriminator(fake, training=training)
        terms["score"] = ops.mean(ops.sigmoid(judged))
        return terms, shared


def pooled_discriminator(body):
    """Leftthomas': averages over the image before its dense layers."""
    x = body.get_layer("layer_8_relu").output
    x = keras.layers.GlobalAveragePooling2D(
        keepdims=True, data_format="channels_last"
    )(x)
    x = keras.layers.Conv2D(16 * 4, 1, name="conv_9")(x)
    x = keras.layers.LeakyReLU(0.2)(x)
    return keras.Model(body.input, keras.layers.Conv2D(1, 1, name="logits")(x))


def test_steps_of_another_port(monkeypatch):
    def linear(logits, real):
        return ops.mean(ops.sigmoid(-logits if real else logits))

    # 1 - D(b) + D(G(a)), where the paper has cross-entropies.
    for module in (losses, losses.adversarial):
        monkeypatch.setattr(module, "binary_cross_entropy", linear)
    arrays, info = fixture("train_srgan_leftthomas")
    weights = {"pixel": 0.25, "content": 0.006}
    model = Scored(64, 4, 5, 4, True, "batch", "tanh", None, weights)
    body = model.discriminator
    model.discriminator = pooled_discriminator(body)
    vgg = tiny_vgg(arrays, "loss_network", ["block5_conv3"])
    pool = keras.layers.MaxPooling2D(2, data_format="channels_last")

    def features(images):
        x = vgg(unit_range(images))["block5_conv3"]
        # Those after VGG16's last pooling, not divided by the paper's 12.75.
        return {"pool": 12.75 * pool(x)}

    model.features, model.prepare = features, lambda: None
    layers = {layer.name: layer for layer in model.discriminator.layers}
    modules = {
        "net.0": layers["layer_1_conv"],
        "net.24": layers["conv_9"],
        "net.26": layers["logits"],
    }
    for i in range(2, 9):
        modules[f"net.{3 * i - 4}"] = layers[f"layer_{i}_conv"]
        modules[f"net.{3 * i - 3}"] = layers[f"layer_{i}_norm"]
    maps = {
        "netG": places(model.generator, NAME_MAPS[1]),
        "netD": places_of(modules),
    }
    for network, tensors in maps.items():
        fill(tensors, part(arrays, network))
    batches = batches_in_unit_range(arrays, "data", "target")
    with keras.StatelessScope():
        fake = model.generator(batches[0]["a"], training=True)
    assert_close(unit_range(fake), arrays["__out__.fake_img_step1"])
    steps = replay(model, batches, optimizer=Adam(1e-3, 0.9, 0.999))
    for step in steps:
        step["real"] = 1 - step["discriminator_adversarial_real"]
    kinds = ("real", "fake")
    names = {
        "image_loss": (0.25, ["generator_pixel_"]),
        "perception_loss": (1, ["generator_content_"]),
        "adversarial_loss": (1, ["generator_adversarial_"]),
        "tv_loss": (1, ["generator_variation_"]),
        "g_loss": [
            (1, "image_loss"),
            (0.006, "perception_loss"),
            (0.001, "adversarial_loss"),
            (2e-8, "tv_loss"),
        ],
        "d_loss": (1, [f"discriminator_adversarial_{k}" for k in kinds]),
        "d_score": (1, ["real"]),
        "g_score_after_G_step": (1, ["discriminator_score_"]),
    }
    tolerances = info["suggested_tolerance_per_step"]
    assert_losses(steps, info["losses_per_step"], names, tolerances)
    biases = part(arrays, "netD")

    def as_theirs(name, ours, first):
        module, _, kind = name.rpartition(".")
        if not module.startswith("net."):
            # The generator's images: two in each of three steps.
            variance = unbiased(ours, first, 6, 2 * 16 * 16)
            return variance if kind == "running_var" else None
        number = int(module.split(".")[1])
        if kind == "running_var":
            side = 64 // 2 ** ((number + 3) // 6)
            return unbiased(ours, first, 12, 2 * side * side)
        if kind == "running_mean":
            # They have a bias before a normalization, which takes it out.
            bias = biases[f"net.{number - 1}.bias"]
            return ours + (1 - 0.9**12) * bias
        return None

    found = moves(maps["netD"], arrays, info, "netD", as_theirs)
    assert_moved(found, tolerances[-1])
    found = moves(maps["netG"], arrays, info, "netG", as_theirs)
    assert_moved([f for f in found if "running" in f[0]], tolerances[-1])
    # Two tensors of four numbers, which have nearly moved back, differ by more
    # of their movement with JAX (0.4 %, TensorFlow 0.01 %): all together then.
    weights = [f[1:3] for f in found if "running" not in f[0]]
    error, moved = np.linalg.norm(weights, axis=0)
    assert error <= tolerances[-1] * moved, (error, moved)


def test_errors_teach():
    with pytest.raises(ValueError, match="scale=3.*2, 4, 8"):
        SRGAN(scale=3)
    with pytest.raises(ValueError, match="multiple of 8.*image_size=36"):
        SRGAN(image_size=36, scale=8)
    with pytest.raises(ValueError, match="image_size=None"):
        SRGAN(image_size=None)
    with pytest.raises(ValueError, match="Did you mean 'prelu'"):
        SRGAN(**TINY, trunk_end="relu")
    model = SRGAN(**TINY)
    model.compile()
    with pytest.raises(ValueError, match=r"\(batch, 8, 8, channels\)"):
        model.fit(batch(scale=2), verbose=0)
