import numpy as np
import pytest

from keras_gan_translate.metrics import ssim
from tests.metrics.images import image_and_truth


def test_known_value():
    image, truth = image_and_truth()
    # scikit-image 0.26: structural_similarity(..., gaussian_weights=True,
    # sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=-1)
    assert ssim(image, truth) == pytest.approx(0.9514158763468253, rel=1e-12)


def test_flat_images_compare_their_luminance():
    black, gray = (np.full((12, 12, 3), v, "uint8") for v in (0, 100))
    # Equation 6 with the contrasts of equation 9 equal.
    c1 = (0.01 * 255) ** 2
    assert ssim(gray, black) == pytest.approx(c1 / (100**2 + c1))
    assert ssim(gray, gray) == pytest.approx(1.0)


def test_a_batch_is_its_images():
    image, truth = image_and_truth()
    both = ssim(np.stack([image, truth]), np.stack([truth, truth]))
    assert both.tolist() == pytest.approx([ssim(image, truth), 1.0])


def test_luma_is_compared_instead_of_the_channels():
    image, truth = image_and_truth()
    swapped = truth.copy()
    # Two colours of one luma: nothing of luma changes but rounding.
    image[..., 0], truth[..., 0] = 0, 128.553 / 65.481 * 100
    image[..., 1], truth[..., 1] = 100, 0
    image[..., 2] = truth[..., 2] = swapped[..., 2]
    assert ssim(image, truth, luma=True) > 0.9999 > 0.9 > ssim(image, truth)


def test_border_and_size():
    image, truth = image_and_truth()
    assert ssim(image, truth, crop=4) == ssim(
        image[4:-4, 4:-4], truth[4:-4, 4:-4]
    )
    with pytest.raises(ValueError, match="14 by 10 after crop=5"):
        ssim(image, truth, crop=5)
