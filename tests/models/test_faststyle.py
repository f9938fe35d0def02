import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate.losses.perceptual import gram_matrix
from keras_gan_translate.models.faststyle import (
    CONTENT_LAYER,
    STYLE_LAYERS,
    FastStyle,
    transformation_network,
)


def images(count=2, size=32, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (count, size, size, 3)).astype("float32")


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    model = FastStyle(32, filters=4, num_blocks=1, vgg_weights=None)
    model.compile()
    return model


def test_full_size_has_the_papers_number_of_parameters():
    assert transformation_network().count_params() == 1_679_235


def test_losses_are_those_of_the_paper(model):
    batch = {"a": images(seed=1), "b": images(count=1, size=48, seed=2)}
    terms, _ = model.generator_loss(batch)
    fake = ops.convert_to_numpy(model.generator(batch["a"]))
    y, a, b = (
        {k: ops.convert_to_numpy(v) for k, v in model.features(x).items()}
        for x in (fake, batch["a"], batch["b"])
    )
    content = np.mean((y[CONTENT_LAYER] - a[CONTENT_LAYER]) ** 2)

    def gram(features):
        return ops.convert_to_numpy(gram_matrix(features))

    style = sum(np.mean((gram(y[k]) - gram(b[k])) ** 2) for k in STYLE_LAYERS)
    rows, columns = np.diff(fake, axis=1), np.diff(fake, axis=2)
    smooth = np.mean(rows**2) + np.mean(columns**2)
    assert float(terms["content"]) == pytest.approx(content, rel=1e-4)
    assert float(terms["style"]) == pytest.approx(style, rel=1e-4)
    assert float(terms["total_variation"]) == pytest.approx(smooth, rel=1e-4)


def test_total_variation_is_weighed_as_in_the_authors_program(model):
    fake = images(count=4, size=256) * 127.5
    energy = sum(np.sum(np.diff(fake, axis=i) ** 2) for i in (1, 2)) / 2
    mean = sum(np.mean(np.diff(fake / 127.5, axis=i) ** 2) for i in (1, 2))
    assert model.loss_weights["total_variation"] * mean == pytest.approx(
        1e-6 * energy, rel=0.01
    )


def test_a_style_is_learned(model):
    model.compile(keras.optimizers.Adam(0.03))
    rows = np.arange(32)[:, None, None] // 4 % 2 * 2.0 - 1  # stripes
    style = np.broadcast_to(rows, (1, 32, 32, 3)).astype("float32")
    data = {"a": images(1, seed=3), "b": style}
    losses = model.fit(data, epochs=40, verbose=0).history["generator_style"]
    assert losses[-1] < 0.5 * losses[0]


def test_the_border_alone_clips(model):
    model.generator.get_layer("head_conv").bias.assign([900.0, 0.0, -900.0])
    image = images(1)
    floats = model.translate(image)
    assert floats.max() > 1 and floats.min() < -1
    pixels = model.translate(np.zeros((32, 32, 3), "uint8"))
    assert pixels[..., 0].min() == 255 and pixels[..., 2].max() == 0
