import keras
import numpy as np
import pytest

from keras_gan_translate import create_model
from keras_gan_translate.models import CartoonGAN
from keras_gan_translate.models.cartoongan import (
    cartoon_generator,
    edge_discriminator,
    light_generator,
)
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
