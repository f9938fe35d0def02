import numpy as np
import pytest

from keras_gan_translate.data import reduce_images


def cubic(x):
    """Keys' kernel with a = -0.5, as in MATLAB and Pillow."""
    x = np.abs(x)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def matrix(size, scale):
    """Weights (size / scale, size) of the kernel, made `scale` times wider."""
    centers = (np.arange(size // scale) + 0.5) * scale
    offsets = (np.arange(size) + 0.5)[None] - centers[:, None]
    weights = cubic(offsets / scale)
    return weights / weights.sum(1, keepdims=True)


@pytest.mark.parametrize("scale", [2, 4])
def test_the_kernel_is_the_antialiased_bicubic(scale):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (2, 16, 24, 3), "uint8")
    reduced = reduce_images(images, scale)
    assert reduced.shape == (2, 16 // scale, 24 // scale, 3)
    rows, columns = matrix(16, scale), matrix(24, scale)
    # Pillow rounds and clips after each of the two passes.
    narrow = np.einsum("jx,nyxc->nyjc", columns, images)
    narrow = np.clip(np.rint(narrow), 0, 255)
    expected = np.einsum("iy,nyjc->nijc", rows, narrow)
    expected = np.clip(np.rint(expected), 0, 255)
    difference = np.abs(reduced - expected)
    assert difference.max() <= 1 and difference.mean() < 0.02


def test_a_fine_pattern_becomes_gray_instead_of_aliasing():
    images = np.zeros((1, 32, 32, 3), "uint8")
    images[:, :, ::2] = 255
    inner = reduce_images(images, 4)[:, 2:-2, 2:-2]
    assert (abs(inner.astype(int) - 127) <= 2).all()
