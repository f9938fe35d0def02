import colorsys

import numpy as np
import pytest

from keras_gan_translate.data import synthetic_faces


def test_shape_and_type():
    photos, toons = synthetic_faces(2, image_size=32)
    for images in (photos, toons):
        assert images.shape == (2, 32, 32, 3) and images.dtype == "uint8"


def test_a_face_depends_on_seed_and_index_alone():
    photos, toons = synthetic_faces(4, 32, seed=3)
    later = synthetic_faces(2, 32, seed=3, start=2)
    np.testing.assert_array_equal(photos[2:], later[0])
    np.testing.assert_array_equal(toons[2:], later[1])
    other = synthetic_faces(4, 32, seed=4)
    assert (np.abs(other[0] - photos.astype(int)).mean((1, 2, 3)) > 10).all()


def test_styles_are_chosen_in_order():
    photos, toons = synthetic_faces(2, 32)
    (only,) = synthetic_faces(2, 32, styles=("toon",))
    np.testing.assert_array_equal(only, toons)
    swapped = synthetic_faces(2, 32, styles=("toon", "photo"))
    np.testing.assert_array_equal(swapped[1], photos)


def test_faces_differ():
    photos, toons = synthetic_faces(12, 32)
    for images in (photos, toons):
        flat = images.reshape(12, -1).astype(int)
        for i in range(12):
            assert (np.abs(flat[i] - np.delete(flat, i, 0)).mean(1) > 8).all()


def test_the_toon_is_flat_and_the_photo_is_not():
    for photo, toon in zip(*synthetic_faces(6, 64)):
        flat = [
            np.sort(
                np.unique(image.reshape(-1, 3), axis=0, return_counts=True)[1]
            )[-5:].sum()
            for image in (photo, toon)
        ]  # pixels in the five commonest colours
        assert flat[0] < 0.05 * 64 * 64 and flat[1] > 0.35 * 64 * 64


def test_the_toon_is_drawn_over_the_photo():
    # The hue of background and shirt is kept, and a toon fits its own photo
    # better than those of the others: colours and shapes correspond.
    photos, toons = synthetic_faces(16, 64)
    for photo, toon in zip(photos, toons):
        for corner in (slice(0, 3), slice(-2, None)):
            columns = slice(0, 3) if corner.start == 0 else slice(28, 36)
            hues = [
                colorsys.rgb_to_hsv(
                    *image[corner, columns].reshape(-1, 3).mean(0) / 255
                )[0]
                for image in (photo, toon)
            ]
            gap = abs(hues[0] - hues[1])
            assert min(gap, 1 - gap) < 0.05
    photos = photos[:, 10:50, 16:48].reshape(16, -1) / 255
    toons = toons[:, 10:50, 16:48].reshape(16, -1) / 255
    distance = ((photos[:, None] - toons[None]) ** 2).mean(-1)
    assert (distance.argmin(0) == np.arange(16)).mean() > 0.7


def test_the_pictures_never_change():
    # Means of pictures of version 0.1: trained models and figures know them.
    photos, toons = synthetic_faces(3, 32)
    means = {
        0: ((128.94, 112.71, 141.76), (191.04, 169.97, 182.93)),
        1: ((106.36, 99.69, 107.14), (162.06, 147.22, 143.71)),
        2: ((133.62, 98.00, 92.85), (175.45, 152.26, 143.30)),
    }
    for i, pair in means.items():
        for image, mean in zip((photos[i], toons[i]), pair):
            np.testing.assert_allclose(image.mean((0, 1)), mean, atol=0.05)


def test_errors():
    with pytest.raises(ValueError, match="count must be at least 1, received"):
        synthetic_faces(0)
    with pytest.raises(ValueError, match="image_size must be at least 16"):
        synthetic_faces(1, image_size=8)
    with pytest.raises(ValueError, match="start must be at least 0"):
        synthetic_faces(1, start=-1)
    with pytest.raises(ValueError, match="Did you mean 'photo'"):
        synthetic_faces(1, styles=("foto",))
