import numpy as np
import pytest

from keras_gan_translate.layers import ReflectionPadding2D


@pytest.mark.parametrize("padding", [1, 2])
def test_mirrors_without_repeating_the_border(padding):
    x = np.arange(12.0, dtype="float32").reshape(1, 3, 4, 1)
    np.testing.assert_array_equal(
        ReflectionPadding2D(padding)(x)[0, :, :, 0],
        np.pad(x[0, :, :, 0], padding, mode="reflect"),
    )


@pytest.mark.parametrize("shape", [(1, 3, 8, 1), (1, 8, 2, 1)])
def test_too_small_an_image_is_an_error_in_words(shape):
    with pytest.raises(ValueError, match="more than 3 pixels") as error:
        ReflectionPadding2D(3)(np.zeros(shape, "float32"))
    assert str(shape) in str(error.value)


def test_negative_padding_is_an_error():
    with pytest.raises(ValueError, match="padding=-1"):
        ReflectionPadding2D(-1)
