import numpy as np
import pytest

from keras_gan_translate.metrics import psnr
from tests.metrics.images import image_and_truth


def test_known_values():
    image, truth = image_and_truth()
    # scikit-image 0.26: peak_signal_noise_ratio
    assert psnr(image, truth) == pytest.approx(19.904038674651886, rel=1e-12)
    black = np.zeros((1, 4, 4, 3), "uint8")
    assert psnr(black, black + 255) == pytest.approx([0.0])
    assert psnr(black[0], black[0] + 51) == pytest.approx(20 * np.log10(5))
    assert psnr(black, black + 2, peak=15) == pytest.approx(
        20 * np.log10(15 / 2)
    )


def test_equal_images_are_infinitely_alike():
    image, truth = image_and_truth()
    images = np.stack([truth, image])
    assert np.isinf(psnr(images, np.stack([truth] * 2))).tolist() == [
        True,
        False,
    ]


def test_luma_is_that_of_matlab():
    image = np.full((4, 4, 3), (255, 0, 10), "uint8")
    truth = np.full((4, 4, 3), (0, 255, 10), "uint8")
    # Y of pure red and green by rgb2ycbcr: 81.481 and 144.553, and blue's.
    expected = 20 * np.log10(255 / (144.553 - 81.481))
    assert psnr(image, truth, luma=True) == pytest.approx(expected)


def test_borders_are_cropped_on_all_sides():
    image, truth = image_and_truth()
    spoiled = image.copy()
    for border in (np.s_[:4], np.s_[-4:], np.s_[:, :4], np.s_[:, -4:]):
        spoiled[border] = 0
    assert psnr(spoiled, truth, crop=4) == psnr(image, truth, crop=4)
    assert psnr(image, truth, crop=4) == psnr(
        image[4:-4, 4:-4], truth[4:-4, 4:-4]
    )
    assert psnr(spoiled, truth, crop=3) < psnr(image, truth, crop=3)


@pytest.mark.parametrize(
    ("images", "truth", "options", "message"),
    [
        (np.zeros((8, 8, 3)), np.zeros((8, 8, 3)), {}, "uint8.*float64"),
        (
            np.zeros((8, 8, 3), "uint8"),
            np.zeros((8, 9, 3), "uint8"),
            {},
            r"\(8, 8, 3\) and \(8, 9, 3\)",
        ),
        (
            np.zeros((8, 8, 3), "uint8"),
            np.zeros((8, 8, 3), "uint8"),
            {"crop": 4},
            "crop=4.*8 by 8",
        ),
        (
            np.zeros((8, 8, 1), "uint8"),
            np.zeros((8, 8, 1), "uint8"),
            {"luma": True},
            "RGB.*1 channels",
        ),
    ],
)
def test_errors_name_what_came(images, truth, options, message):
    with pytest.raises(ValueError, match=message):
        psnr(images, truth, **options)
