import numpy as np
import pytest

from keras_gan_translate.inference.borders import (
    from_float,
    map_images,
    to_float,
)


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("multiple", [1, 4, 16])
def test_sides_are_padded_and_cropped(scale, multiple):
    images = np.random.default_rng(0).random((3, 5, 9, 2))
    shapes = []

    def enlarge(x):
        shapes.append(x.shape)
        return x.repeat(scale, axis=1).repeat(scale, axis=2)

    mapped = map_images(enlarge, images, multiple, batch_size=2)
    np.testing.assert_array_equal(mapped[:, ::scale, ::scale], images)
    assert mapped.shape == (3, 5 * scale, 9 * scale, 2)
    assert [shape[0] for shape in shapes] == [2, 1]
    assert all(n % multiple == 0 for shape in shapes for n in shape[1:3])


def test_every_pixel_comes_back():
    pixels = np.arange(256, dtype="uint8").reshape(1, 16, 16, 1)
    floats = to_float(pixels)
    assert floats.dtype == "float32" and floats.min() == -1 == -floats.max()
    np.testing.assert_array_equal(from_float(floats, np.uint8), pixels)
    over = from_float(np.array([-9.0, 9.0, 0.5 / 127.5]), np.uint8)
    assert over.tolist() == [0, 255, 128]
