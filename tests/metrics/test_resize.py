import numpy as np
from PIL import Image

from keras_gan_translate.metrics import resize_antialiased


def pattern(size=48):
    y, x = np.mgrid[:size, :size]
    waves = 127.5 + 127.5 * np.sin(
        2.2 * x[..., None] + y[..., None] * [1, 2, 0]
    )
    return waves.round().astype("uint8")


def test_it_is_pillow_s_before_rounding():
    image = pattern()
    resized = resize_antialiased(image[None], 20)[0]
    pillow = Image.fromarray(image).resize((20, 20), Image.Resampling.BICUBIC)
    # Pillow rounds twice: after the rows and after the columns.
    assert np.abs(resized - np.asarray(pillow, "float32")).max() < 1.6
    assert resized.dtype == "float32" and (resized % 1 > 0.01).any()


def test_what_the_wrong_resize_costs():
    image = pattern()
    right = resize_antialiased(image[None], 12)[0]
    every_fourth = image[1::4, 1::4].astype("float32")
    # Waves that the small image cannot show become waves it should not have.
    assert right.std() < 10 < 60 < every_fourth.std()


def test_images_of_several_sizes():
    images = [pattern(48), pattern(24), pattern(32)]
    resized = resize_antialiased(images, 24)
    assert resized.shape == (3, 24, 24, 3)
    np.testing.assert_array_equal(resized[1], images[1])
