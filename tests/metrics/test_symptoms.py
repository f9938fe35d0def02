"""Pictures that went wrong in a known way, and healthy ones."""

import functools
import pathlib

import numpy as np
import pytest
from PIL import Image, ImageFilter

from keras_gan_translate.data import read_image, synthetic_faces
from keras_gan_translate.metrics import symptoms
from keras_gan_translate.runs import diagnosis
from tests.shared import shared

DOCS = pathlib.Path(__file__).parents[2] / "docs"
SIDE = 64


@functools.cache
def drawn(style="photo", start=0):
    """Four faces."""
    (images,) = synthetic_faces(4, SIDE, start=start, styles=(style,))
    return images


def blurred(images, radius):
    blur = ImageFilter.GaussianBlur(radius)
    return np.stack([Image.fromarray(x).filter(blur) for x in images])


def grid(images, period, amplitude, wave=1.0):
    """The images with a grid that repeats every so many pixels."""
    x = np.cos(2 * np.pi * np.arange(SIDE) / period)
    pattern = amplitude * wave * np.outer(x, x)[..., None]
    return np.clip(images + pattern, 0, 255).astype("uint8")


def squares(folder, size=SIDE, count=8):
    """The middle of some pictures of a folder."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix in (".png", ".jpg"))
    images = []
    for path in paths[:: max(1, len(paths) // count)][:count]:
        image = Image.fromarray(read_image(path))
        side = min(image.size)
        left, top = ((s - side) // 2 for s in image.size)
        box = (left, top, left + side, top + side)
        images.append(np.asarray(image.resize((size, size), box=box)))
    return np.stack(images)


def fits(measure, value):
    return diagnosis.MEASURES[measure].fits(value)


def test_variety():
    real = drawn()
    assert symptoms.variety(real, real) == pytest.approx(1)
    same = np.repeat(real[:1], 4, axis=0)
    assert symptoms.variety(same, real) == 0 < diagnosis.COLLAPSED
    # All of them near their mean: different, but hardly.
    mean = real.mean(0, keepdims=True)
    near = (mean + 0.1 * (real - mean)).astype("uint8")
    assert symptoms.variety(near, real) < diagnosis.COLLAPSED
    assert symptoms.variety(real[:1], real) is None
    assert symptoms.variety(real, same) is None


def test_likeness():
    photos = drawn()
    assert symptoms.likeness(photos, photos) == pytest.approx(1)
    assert symptoms.likeness(photos, 255 - photos) == pytest.approx(-1)
    assert symptoms.likeness(photos, 255 - photos) < diagnosis.INVERTED
    larger = photos.repeat(2, 1).repeat(2, 2)
    assert symptoms.likeness(photos, larger) == pytest.approx(1)
    gray = np.full_like(photos, 128)
    assert symptoms.likeness(photos, gray) == 0


def test_change():
    photos, toons = drawn(), drawn("toon", start=50)
    assert symptoms.change(photos, photos, toons) == 0
    nudged = np.clip(photos + np.int64(3), 0, 255).astype("uint8")
    assert symptoms.change(photos, nudged, toons) < diagnosis.UNCHANGED
    # The true translations; in one domain an edit is a part of the picture.
    truth = drawn("toon")
    assert symptoms.change(photos, truth, toons) > 2 * diagnosis.UNCHANGED
    edited = photos.copy()
    edited[:, 40:52, 20:44] = 0
    assert symptoms.change(photos, edited, photos) > diagnosis.UNEDITED
    assert symptoms.change(photos, photos, photos[:1] * 0) == 0
    black = photos * 0
    assert symptoms.change(black, black, black) is None


def test_error():
    photos, truth = drawn(), drawn("toon")
    assert symptoms.error(truth, truth, photos) == 0
    assert symptoms.error(photos, truth, photos) >= 1
    others = np.roll(truth, 1, axis=0)
    assert symptoms.error(others, truth) > 0.8
    mean = np.repeat(truth.mean(0, keepdims=True), 4, axis=0)
    assert not fits("error", symptoms.error(mean.astype("uint8"), truth))
    assert fits("error", symptoms.error(blurred(truth, 1), truth))
    assert symptoms.error(truth[:1], truth[:1]) is None


def test_detail():
    real, others = drawn(), drawn(start=50)
    assert symptoms.detail(blurred(real, 3), others) < diagnosis.BLURRED
    noise = np.random.default_rng(0).integers(0, 256, real.shape, "uint8")
    assert symptoms.detail(noise, others) > diagnosis.NOISY
    assert symptoms.detail(real, others) == pytest.approx(1, abs=0.3)
    assert symptoms.detail(real, real * 0) is None


def test_contrast():
    real, others = drawn(), drawn(start=50)
    assert symptoms.contrast(real, real) == pytest.approx(1)
    # Gray mush with as much fine structure and variety as real pictures.
    random = np.random.default_rng(0)
    mush = 128 + 0.25 * (blurred(real, 4) - 128.0)
    mush = np.clip(mush + random.normal(0, 15, mush.shape), 0, 255)
    mush = mush.astype("uint8")
    assert fits("detail", symptoms.detail(mush, others))
    assert symptoms.contrast(mush, others) < diagnosis.PALE
    assert symptoms.contrast(real, real * 0) is None


@pytest.mark.parametrize("period", [2, 4])
def test_checkerboard(period):
    real, others = drawn(), drawn(start=50)
    seen = symptoms.checkerboard(grid(real, period, 16), others)
    assert seen > diagnosis.CHECKERED
    # It may turn its sign from place to place, as features do.
    wave = np.sin(2 * np.pi * np.arange(SIDE) / 40)[:, None]
    seen = symptoms.checkerboard(
        grid(real, period, 16, wave[..., None]), others
    )
    assert seen > diagnosis.CHECKERED
    # What nobody sees is none, on a plain ground either.
    flat = np.full_like(real, 90)
    assert symptoms.checkerboard(grid(flat, period, 1)) < diagnosis.CHECKERED
    assert symptoms.checkerboard(grid(flat, period, 16)) > diagnosis.CHECKERED


def test_a_grid_that_real_pictures_have_is_none():
    dithered = grid(drawn(), 2, 30)
    assert symptoms.checkerboard(dithered) > diagnosis.CHECKERED
    others = grid(drawn(start=50), 2, 30)
    assert fits("checkerboard", symptoms.checkerboard(dithered, others))


def test_enlarged_pixels_noise_and_tiny_pictures_are_no_checkerboard():
    real = drawn()
    pixels = real[:, ::4, ::4].repeat(4, 1).repeat(4, 2)
    noise = np.random.default_rng(0).integers(0, 256, real.shape, "uint8")
    for images in (pixels, noise, real * 0):
        assert fits("checkerboard", symptoms.checkerboard(images))
    assert symptoms.checkerboard(real[:, :8, :8]) is None


def test_movement():
    real = drawn()
    assert symptoms.movement(real, real) == 0 < diagnosis.STILL
    assert symptoms.movement(real, 255 - real) > 10


def assert_healthy(images, others):
    """Nothing is found in pictures of the same kind as the real ones."""
    assert fits("variety", symptoms.variety(images, others))
    assert fits("detail", symptoms.detail(images, others))
    assert fits("contrast", symptoms.contrast(images, others))
    assert fits("checkerboard", symptoms.checkerboard(images, others))
    assert fits("checkerboard", symptoms.checkerboard(images))


@pytest.mark.parametrize("style", ["photo", "toon", "line", "pixel"])
def test_drawn_faces_are_healthy(style):
    assert_healthy(drawn(style), drawn(style, start=50))
    photos, truth = drawn(start=9), drawn(style, start=9)
    assert fits("likeness", symptoms.likeness(photos, truth))


@pytest.mark.parametrize(
    "name",
    """avatars/lorelei avatars/notionists avatars/open-peeps avatars/pixel-art
    facades emoji cartoonset_samples portraits_gray""".split(),
)
def test_real_pictures_are_healthy(name):
    images = squares(shared("data", *name.split("/")))
    assert_healthy(images[:4], images[4:])


def test_pictures_of_the_documents_and_photographs_have_no_grid():
    # methods_*.png show every method's translations: DRIT's have grids.
    pictures = [
        read_image(path)
        for path in sorted(DOCS.glob("*.png"))
        if not path.stem.startswith("methods_")
    ]
    pictures += list(squares(shared("data", "photos_cc0"), 128))
    assert len(pictures) > 4
    for picture in pictures:
        assert fits("checkerboard", symptoms.checkerboard(picture[None]))
