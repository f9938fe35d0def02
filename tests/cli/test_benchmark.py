import json

import pytest

from keras_gan_translate import SRGAN, CycleGAN, Pix2Pix
from keras_gan_translate.runs import measuring
from keras_gan_translate.runs.benchmark import benchmark, matrix_peak
from tests.cli.conftest import run_cli
from tests.toys import Domains, Holes, Maps, Sampler, Styles


def test_figures_are_consistent():
    model = CycleGAN(image_size=32, filters=2, num_blocks=1, pool_size=0)
    model.compile()
    figures = benchmark(model, batch_size=2, steps=1)
    training = figures["training"]
    assert training["images_per_second"] == pytest.approx(
        2 / training["seconds"]
    )
    assert training["share"] == pytest.approx(
        training["gflop"] / training["seconds"] / figures["peak_gflops"]
    )
    # Six generator passes forward, and backward, on two images.
    assert training["gflop"] > 24 * figures["translation"]["gflop"]
    assert figures["peak_memory"] > 1e8


def test_images_of_two_sizes():
    model = SRGAN(
        image_size=32, filters=2, num_blocks=1, scale=2, vgg_weights=None
    )
    model.compile(stage="pretrain")
    figures = benchmark(model, batch_size=2, steps=1)
    per_pixel = figures["translation"]["gflop"] * 1e9 / 16**2
    # 9 x 9 convolutions before the enlargement and after it.
    assert 2 * 81 * 3 * 2 * (1 + 4) < per_pixel < 3 * 2 * 81 * 3 * 2 * (1 + 4)


@pytest.mark.parametrize("toy", [Domains, Styles, Maps, Holes, Sampler])
def test_whatever_is_in_a_batch(toy):
    model = toy()
    model.compile()
    figures = benchmark(model, batch_size=2, steps=1)
    training, translation = figures["training"], figures["translation"]
    # The generator's part alone: forward, and backward, on two examples.
    assert training["gflop"] > 3 * translation["gflop"] > 0


def test_operations_are_those_of_the_convolutions():
    import keras
    import numpy as np

    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(5, 3, padding="same", use_bias=False)(image)
    network = keras.Model(image, x)
    images = np.zeros((2, 8, 8, 3), "float32")
    counted = measuring.forward_operations(network, images)
    padded = 2 * 2 * 8 * 8 * 3 * 3 * 3 * 5
    # JAX does not count what is multiplied with the padding.
    assert 0.75 * padded < counted <= padded


def test_the_matrix_peak_is_a_rate():
    assert 1e8 < matrix_peak("float32") < 1e16


def test_command_prints_json():
    result = run_cli(
        *"benchmark pix2pix --image-size 32 --filters 2 --steps 1".split(),
        "--json",
    )
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["model"] == "pix2pix"
    assert figures["translation"]["seconds"] > 0
    assert figures["batch_size"] == Pix2Pix.batch_size
