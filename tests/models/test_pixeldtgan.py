import keras
import numpy as np
import pytest

from keras_gan_translate.models import PixelDTGAN
from keras_gan_translate.networks import dcgan_autoencoder, dcgan_discriminator
from tests.models.training import count_parameters


def tiny(**arguments):
    options = {"image_size": 32, "filters": 4, "code_size": 8}
    return PixelDTGAN(**options | arguments)


def batch(values):
    """Flat images of the given values."""
    return np.broadcast_to(
        np.reshape(np.float32(values), (-1, 1, 1, 1)), (len(values), 32, 32, 3)
    )


def layers(widths, kernel=16):
    """Kernels of 4x4 between widths, and a scale and offset of the norms."""
    return sum(kernel * a * b for a, b in zip(widths, widths[1:])) + 2 * sum(
        widths[2:-1]
    )


def test_full_size_has_the_layers_of_the_paper():
    down = (3, 96, 192, 384, 768)
    number = count_parameters(lambda: dcgan_autoencoder(down[1:], 64))
    assert number == layers((*down, 64, *down[:0:-1], 3)) == 13_974_080
    # The authors' program, by its own table.
    assert count_parameters(lambda: dcgan_autoencoder(down[1:])) == layers(
        (*down, *down[-2:0:-1], 3)
    )
    for channels in (3, 6):
        assert count_parameters(
            lambda channels=channels: dcgan_discriminator(64, 96, channels)
        ) == layers((channels, *down[1:], 1))


def test_losses_are_the_three_ways_of_the_paper():
    model = tiny()
    # A discriminator's logit is the mean of the target that it sees.
    model.discriminator = lambda x, training: keras.ops.mean(x, axis=(1, 2, 3))
    model.domain_discriminator = lambda x, training: keras.ops.mean(
        x[..., :3] - 2.0 * x[..., 3:], axis=(1, 2, 3)
    )
    model.generator = lambda x, training: 0.5 * x
    data = {"a": batch([0.8, 0.4]), "b": batch([0.6, -0.2])}

    def cross_entropy(logits, real):
        logits = np.array(logits)
        return np.log1p(np.exp(-logits if real else logits)).mean()

    terms, _ = model.discriminator_loss(data)
    expected = {
        "associated": cross_entropy([0.6, -0.2], True),
        "other": cross_entropy([-0.2, 0.6], True),
        "fake": cross_entropy([0.4, 0.2], False),
    }
    for name, value in expected.items():
        assert float(terms["adversarial"][name]) == pytest.approx(value)
    expected = {
        "associated": cross_entropy([0.8 - 1.2, 0.4 + 0.4], True),
        "other": cross_entropy([0.8 + 0.4, 0.4 - 1.2], False),
        "fake": cross_entropy([0.8 - 0.8, 0.4 - 0.4], False),
    }
    for name, value in expected.items():
        assert float(terms["domain"][name]) == pytest.approx(value)
    terms, _ = model.generator_loss(data)
    total = model._weigh("generator", terms)[1]
    assert float(total) == pytest.approx(
        0.5 * cross_entropy([0.4, 0.2], True) + 0.5 * np.log(2.0)
    )


def test_it_learns_which_target_belongs_to_a_source():
    keras.utils.set_random_seed(1)
    random = np.random.default_rng(0)
    colours = random.uniform(-0.9, 0.9, (64, 1, 1, 3)).astype("float32")
    a = np.broadcast_to(colours, (64, 32, 32, 3)).copy()
    b = a[..., ::-1].copy()  # red for blue
    model = tiny(filters=8)
    model.compile(keras.optimizers.Adam(2e-3, beta_1=0.5))

    model.fit({"a": a, "b": b}, batch_size=16, epochs=30, verbose=0)
    fake = model.translate(a)
    own = np.abs(fake - b).mean()
    others = np.abs(fake - np.roll(b, 7, axis=0)).mean()
    assert own < 0.75 * others


def test_errors_teach():
    with pytest.raises(ValueError, match="power of two.*48"):
        tiny(image_size=48)
