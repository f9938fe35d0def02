import keras
import numpy as np
import pytest

from keras_gan_translate import create_model
from keras_gan_translate.layers import InstanceNormalization
from keras_gan_translate.models import CartoonGAN, cartoongan
from keras_gan_translate.models.cartoongan import (
    cartoon_generator,
    edge_discriminator,
    light_generator,
)
from keras_gan_translate.networks.blocks import convolution
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


def tiny(**arguments):
    options = {"image_size": 32, "filters": 4, "num_blocks": 1}
    return CartoonGAN(vgg_weights=None, **options | arguments)


def batch(value=0.0):
    return {
        key: np.full((1, 32, 32, 3), value, "float32")
        for key in ("a", "b", "smooth")
    }


def test_networks_have_the_published_numbers_of_parameters():
    assert cartoon_generator().count_params() == 11_129_667
    assert light_generator().count_params() == 878_433
    # 3 -> 32 -> 64 -> 128 -> 128 -> 256 -> 256 -> 1, each 3x3 with a bias,
    # and a scale and an offset for 128, 256 and 256 channels.
    widths = (3, 32, 64, 128, 128, 256, 256, 1)
    kernels = sum(9 * a * b + b for a, b in zip(widths, widths[1:]))
    assert edge_discriminator().count_params() == kernels + 2 * 640


@pytest.mark.parametrize("light", [False, True])
def test_discriminator_is_the_papers_beside_either_generator(light):
    model = create_model("cartoongan", light=light, vgg_weights=None)
    assert model.discriminator.get_layer("conv_1").filters == 32
    logits = model.discriminator(np.zeros((1, 64, 48, 3), "float32"))
    assert logits.shape == (1, 16, 12, 1)


@pytest.mark.parametrize("light", [False, True])
def test_first_stage_trains_the_generator_by_content_alone(light):
    model = tiny(light=light)
    model.compile(stage="pretrain")
    before = {p: values(model.player_variables(p)) for p in model.players}
    data = {
        key: np.random.default_rng(0).uniform(-1, 1, images.shape)
        for key, images in batch().items()
    }
    history = model.fit(data, batch_size=1, epochs=2, verbose=0).history
    assert sorted(history) == ["generator_content", "loss"]
    assert history["generator_content"][1] < history["generator_content"][0]
    assert all(
        changed(before["generator"], model.player_variables("generator"))
    )
    assert not any(
        changed(
            before["discriminator"], model.player_variables("discriminator")
        )
    )


def test_losses_on_constants():
    model = tiny()
    judged = []
    model.discriminator = lambda images, training: (
        judged.append(float(np.mean(images))) or np.zeros((1, 8, 8, 1))
    )
    model.features = lambda images: {"conv": 255.0 * np.array(images)}
    model.generator = lambda images, training: images + 0.5
    terms, shared = model.generator_loss(batch(0.25))
    # Of features at the scale of images: a difference of 0.5 is one of 1.
    assert float(terms["content"]) == pytest.approx(1.0)
    assert float(terms["adversarial"]) == pytest.approx(np.log(2))
    images = batch() | {"b": batch(0.1)["b"], "smooth": batch(0.2)["b"]}
    judged.clear()
    terms, _ = model.discriminator_loss(images | shared)
    assert judged == pytest.approx([0.1, 0.2, 0.75])
    model.discriminator = lambda images, training: np.full(
        (1, 8, 8, 1), 20.0 * (np.mean(images) < 0.15)
    )
    terms, _ = model.discriminator_loss(images | shared)
    terms = {name: float(value) for name, value in terms["adversarial"].items()}
    assert terms["cartoon"] == pytest.approx(0.0, abs=1e-6)
    assert terms["smooth"] == terms["fake"] == pytest.approx(np.log(2))


def test_light_generator_is_saved_whole(tmp_path):
    network = light_generator(4, num_blocks=1)
    network.save(tmp_path / "light.keras")
    loaded = keras.saving.load_model(tmp_path / "light.keras")
    x = np.random.default_rng(0).uniform(-1, 1, (1, 20, 28, 3))
    np.testing.assert_array_equal(*values([network(x), loaded(x)]))


def test_odd_widths_have_no_halves():
    with pytest.raises(ValueError, match="filters=5"):
        tiny(light=True, filters=5)


class DiscriminatorFirst(detailed(CartoonGAN)):
    """The order of znxlwm's port, which makes the image a second time."""

    def update(self, batch):
        if self.stage == "pretrain":
            return super().update(batch)
        batch["fake_b"] = self.generator(batch["a"], training=True)
        logs = self.play("discriminator", batch)
        return logs | self.play("generator", batch)


def znxlwm_places(network, numbers):
    """Where the port's convolutions belong, which stand in the same order."""
    convolutions = [
        layer for layer in network.layers if hasattr(layer, "kernel")
    ]
    return places_of(dict(zip(numbers, convolutions, strict=True)))


def test_steps_of_a_port_in_both_stages(monkeypatch):
    # Its borders are zeros and its normalizations have no weights.
    monkeypatch.setattr(
        cartoongan,
        "convolution",
        lambda *x, **o: convolution(*x, **o | {"padding": "zero"}),
    )
    monkeypatch.setattr(
        cartoongan,
        "InstanceNormalization",
        lambda *_, name, **__: InstanceNormalization(name=name),
    )
    arrays, info = fixture("train_cartoongan_znxlwm")
    model = DiscriminatorFirst(64, 4, num_blocks=2, vgg_weights=None)
    model.discriminator = edge_discriminator(4)
    layer = "block4_conv4:linear"
    vgg = tiny_vgg(arrays, "VGG", [layer])
    # Images from 0 to 1; the model's VGG sees images of another scale.
    model.features = lambda x: {layer: 127.5 * vgg((x + 1) / 2)[layer]}
    model.prepare = lambda: None
    generator = [f"down_convs.{i}" for i in (0, 3, 4, 7, 8)]
    generator += [f"resnet_blocks.{i}.conv{k}" for i in (0, 1) for k in (1, 2)]
    generator += [f"up_convs.{i}" for i in (0, 1, 4, 5, 8)]
    discriminator = [f"convs.{i}" for i in (0, 2, 4, 7, 9, 12, 15)]
    places = {
        "G": znxlwm_places(model.generator, generator),
        "D": znxlwm_places(model.discriminator, discriminator),
    }
    for network, tensors in places.items():
        fill(tensors, part(arrays, network))
    first = batches_of(arrays, {"x": "a"})[0]["a"]
    assert_close(model.generator(first), arrays["__out__.G_step1"])
    steps = replay(
        model, [{"a": first, "b": first, "smooth": first}], stage="pretrain"
    )
    batches = [
        {
            ours: arrays[f"__in__.{theirs}_step{k}"].transpose(0, 2, 3, 1)
            for theirs, ours in (("x", "a"), ("y", "b"), ("e", "smooth"))
        }
        for k in (2, 3, 4)
    ]
    # The generator's Adam goes on from the first stage.
    steps += replay(model, batches, optimizer=model.optimizer)
    parts = {"real": "cartoon", "fake": "fake", "edge": "smooth"}
    names = {
        f"D_{theirs}_loss": (1, [f"discriminator_adversarial_{ours}"])
        for theirs, ours in parts.items()
    } | {
        "Disc_loss": [(1, f"D_{part}_loss") for part in parts],
        "Recon_loss": (10, ["generator_content_"]),
        "Con_loss": (10, ["generator_content_"]),
        "G_adv_loss": (1, ["generator_adversarial_"]),
        "Gen_loss_total": [(1, "G_adv_loss"), (1, "Con_loss")],
    }
    tolerances = info["suggested_tolerance_per_step"]
    assert_losses(steps, info["losses_per_step"], names, tolerances)
    for network, tensors in places.items():
        assert_moved(moves(tensors, arrays, info, network), tolerances[-1])
