import keras
import numpy as np
import pytest

from keras_gan_translate.export.network import (
    check_image_size,
    translator_network,
)
from keras_gan_translate.models import UGATIT, Pix2Pix
from tests.export.files import SIZE, photos, tiny_model
from tests.toys import Toy

MODELS = ("ugatit", "cyclegan", "pix2pix")


@pytest.mark.parametrize("name", MODELS)
def test_it_is_the_model_s_own_translation(name):
    model = tiny_model(name)
    images = photos(3)
    for direction in model.directions:
        network = translator_network(model, direction)
        translated = network.predict_on_batch(images)
        expected = model.translate(images, direction)
        assert translated.dtype == expected.dtype == np.uint8
        # Kernels may be chosen anew, and the last bit may round otherwise.
        assert np.abs(translated.astype(int) - expected).max() <= 1
        assert (translated != expected).mean() < 1e-3


def test_any_size_or_one():
    model = tiny_model()
    any_size = translator_network(model)
    assert any_size.input_shape == any_size.output_shape
    assert any_size.input_shape == (None, None, None, 3)
    one_size = translator_network(model, image_size=48, batch_size=1)
    assert one_size.input_shape == one_size.output_shape == (1, 48, 48, 3)
    assert one_size.input.dtype == one_size.output.dtype == "uint8"


def test_float32_is_neither_scaled_nor_rounded():
    model = tiny_model()
    x = photos(2).astype("float32") / 127.5 - 1
    network = translator_network(model, "ba", "float32")
    np.testing.assert_allclose(
        network.predict_on_batch(x), model.translate(x, "ba"), atol=1e-6
    )


def test_only_the_translator_of_the_direction_goes_in():
    model = tiny_model("ugatit")
    network = translator_network(model, "ba")
    assert {id(v) for v in network.variables} == {
        id(v) for v in model.generator_ba.variables
    }
    assert len(network.outputs) == 1  # without attention and its logits


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="compiled by XLA, exact halves move (eager ones do not); exports "
    "are written with TensorFlow",
)
def test_pixels_are_rounded_to_even_and_clipped():
    model = Toy()
    x = keras.Input((None, None, 3))
    # A pixel's translation is 1.5 times as bright: 1 becomes 1.5, 200 300.
    model.generator = keras.Model(x, (x + 1.0) * 1.5 - 1.0)
    pixels = np.array([0, 1, 2, 3, 5, 170, 200, 255], "uint8")
    images = np.broadcast_to(pixels[:, None], (1, 4, 8, 3))
    translated = translator_network(model).predict_on_batch(images)
    expected = model.translate(images)
    np.testing.assert_array_equal(translated, expected)
    assert translated[0, 0, :, 0].tolist() == [0, 2, 3, 4, 8, 255, 255, 255]


def test_wrong_sizes_and_names_are_refused_in_words():
    u_net = Pix2Pix(image_size=SIZE, filters=4)
    with pytest.raises(ValueError, match="multiples of 32.*nearest is 64"):
        translator_network(u_net, image_size=50)
    full = UGATIT(image_size=SIZE, filters=4, num_blocks=1, light=False)
    with pytest.raises(ValueError, match="32 by 32 pixels only"):
        check_image_size(full, 64)
    assert check_image_size(full, None) == SIZE
    with pytest.raises(ValueError, match="directions"):
        translator_network(u_net, "ba")
    with pytest.raises(ValueError, match="Did you mean 'uint8'"):
        translator_network(u_net, dtype="int8")
