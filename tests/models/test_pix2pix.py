import numpy as np
import pytest

from keras_gan_translate import Pix2Pix


def test_discriminator_sees_the_source_too():
    model = Pix2Pix(image_size=32, filters=2)
    a, b = np.random.default_rng(0).uniform(-1, 1, (2, 1, 32, 32, 3))
    one = np.array(model._judge(a, b, False))
    other = np.array(model._judge(-a, b, False))
    assert np.abs(one - other).max() > 0


def test_translation_is_repeatable_unless_asked_for_the_papers_protocol():
    model = Pix2Pix(image_size=32, filters=4)
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), "uint8")
    np.testing.assert_array_equal(
        model.translate(images), model.translate(images)
    )
    moments = [np.array(w) for w in model.generator.non_trainable_variables]
    as_trained = model.translate(images, training=True)
    assert np.abs(as_trained.astype(int) - model.translate(images)).max() > 0
    for before, after in zip(moments, model.generator.non_trainable_variables):
        np.testing.assert_array_equal(before, np.array(after))


def test_errors_teach():
    with pytest.raises(ValueError, match="power of two.*100.*64 or 128"):
        Pix2Pix(image_size=100)
    with pytest.raises(ValueError, match='generator="resnet"'):
        Pix2Pix(attention="cam")
    with pytest.raises(ValueError, match="Did you mean 'unet'"):
        Pix2Pix(generator="u-net")
