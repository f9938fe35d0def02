import numpy as np
import pytest

from keras_gan_translate.data import synthetic_faces
from keras_gan_translate.metrics import Features, judge

PIXELS = Features(lambda x: x[:, ::4, ::4].reshape(len(x), -1), "pixels", 16)


def scores(*arguments, **options):
    return {score.name: score for score in judge(*arguments, **options)}


def test_a_perfect_translation_and_doing_nothing():
    photos, toons = synthetic_faces(24, 32)
    told = scores(
        toons, real=toons, truth=toons, source=photos, features=PIXELS
    )
    assert told["PSNR"].value == 60 > told["PSNR"].nothing
    assert told["SSIM"].value == pytest.approx(1)
    distance = told["Frechet distance (pixels)"]
    assert distance.value == pytest.approx(0, abs=1e-6)
    assert distance.nothing > 1
    assert "biased" in distance.note and "24 real, 24 made" in distance.note
    assert told["Frechet distance-infinity (pixels)"].value < distance.nothing
    kernel = told["KID x 100 (pixels)"]
    assert kernel.low < kernel.value < kernel.high
    assert kernel.value < kernel.nothing
    assert told["precision (pixels)"].value == 1
    assert told["coverage (pixels)"].value == 1
    assert told["content retrieval (pixels)"].value == 1
    assert "true translations" in told["content retrieval (pixels)"].note
    style = told["style accuracy (pixels)"]
    assert style.value > 0.8 > 0.3 > style.nothing
    assert "right about" in style.note


def test_the_mean_over_target_and_source_is_another_number():
    photos, toons = synthetic_faces(12, 32)
    told = scores(toons, real=toons, source=photos, features=PIXELS)
    target = told["KID x 100 (pixels)"].value
    both = told["KID x 100, target and source (pixels)"].value
    assert both > target + 1
    assert "PSNR" not in told
    assert "sources" in told["content retrieval (pixels)"].note


def test_without_features_only_pixels_are_compared():
    photos, toons = synthetic_faces(3, 32)
    assert set(scores(photos, real=toons, truth=toons)) == {"PSNR", "SSIM"}
    assert scores(photos, real=toons) == {}


def test_intervals_hold_the_mean_of_many():
    photos, toons = synthetic_faces(40, 32)
    told = scores(photos, truth=toons)["PSNR"]
    assert told.low < told.value < told.high
    few = scores(photos[:5], truth=toons[:5])["PSNR"]
    assert few.high - few.low > told.high - told.low


def test_several_translations_of_each():
    photos, toons = synthetic_faces(3, 32)
    told = scores(photos, samples=np.stack([photos, toons]))
    difference = np.abs(photos.astype(float) - toons).mean()
    name = "diversity (pixels)"
    assert told[name].value == pytest.approx(difference)
    assert told[name].better == ""


def test_images_of_several_sizes():
    small, large = synthetic_faces(8, 32)[0], synthetic_faces(8, 48)[0]
    mixed = [*small[:4], *large[4:]]
    told = scores(mixed, real=small, features=PIXELS)
    assert told["precision (pixels)"].value > 0.5
