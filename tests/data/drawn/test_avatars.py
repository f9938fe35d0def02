import csv
import fnmatch
import importlib.resources
import pathlib
import tomllib

import numpy as np
import pytest
from PIL import Image

from keras_gan_translate.data import avatar_labels, avatars
from keras_gan_translate.data.drawn.avatars import (
    COUNT,
    SHEETS,
    SPLITS,
    STYLES,
    resize,
)
from tests.shared import shared


@pytest.mark.parametrize("style", STYLES)
def test_splits_share_no_picture(style):
    pictures = []
    for split, count in (("train", 240), ("val", 30), ("test", 30)):
        images, attributes = avatars(style, split=split)
        assert images.shape == (count, 96, 96, 3) and images.dtype == "uint8"
        assert len(attributes) == count
        pictures += [image.tobytes() for image in images]
    assert len(set(pictures)) == len(pictures) == COUNT


@pytest.mark.parametrize("style", STYLES)
def test_the_portraits_are_the_originals_reduced(style):
    folder = shared("data", "avatars", style)
    with open(folder / "attributes.csv", newline="") as file:
        table = {row["file"]: row for row in csv.DictReader(file)}
    for split in SPLITS:
        for image, row in zip(*avatars(style, 15, split)):
            variants = row["variants"]
            original = table[variants["file"]]
            assert variants.items() <= original.items()
            with Image.open(folder / variants["file"]) as picture:
                picture = np.asarray(picture.convert("RGB"))
            np.testing.assert_array_equal(resize(style, picture, 96), image)


def test_attributes():
    for style in STYLES:
        _, attributes = avatars(style)
        for name in ("glasses", "beard"):
            share = np.mean([row[name] for row in attributes])
            assert 0.1 < share < 0.5, (style, name)
    _, attributes = avatars("open-peeps", 40)
    for row in attributes:
        assert row["glasses"] == ("glasses" in row["variants"]["accessories"])
    labels = avatar_labels(attributes, ("beard", "smile"))
    assert labels.shape == (40, 2) and labels.dtype == "float32"
    assert set(np.unique(labels)) == {0, 1}
    np.testing.assert_array_equal(
        labels[:, 0], [row["beard"] for row in attributes]
    )
    # What is said is drawn: lorelei's beards are black.
    images, attributes = avatars("lorelei")
    beard = np.array([row["beard"] for row in attributes])
    lower = (images[:, 55:75, 30:60] < 128).mean((1, 2, 3))
    assert lower[beard].mean() > 1.5 * lower[~beard].mean()


def test_sizes():
    images, _ = avatars("pixel-art", 2, image_size=48)
    full, _ = avatars("pixel-art", 2)
    # The grid stays sharp: no colour appears that was not there.
    np.testing.assert_array_equal(images, full[:, 1::2, 1::2])
    images, _ = avatars("lorelei", 2, image_size=64)
    assert images.shape == (2, 64, 64, 3)


def test_images_are_the_callers_own():
    images, attributes = avatars("lorelei", 1)
    images[:] = 0
    attributes[0]["variants"]["file"] = "changed"
    again, fresh = avatars("lorelei", 1)
    assert again.any() and fresh[0]["variants"]["file"] != "changed"


def test_errors():
    with pytest.raises(ValueError, match="Did you mean 'lorelei'"):
        avatars("loreley")
    with pytest.raises(ValueError, match="Unknown split='valid'"):
        avatars("lorelei", split="valid")
    with pytest.raises(ValueError, match="has 30 portraits, received count=31"):
        avatars("lorelei", 31, "test")
    with pytest.raises(ValueError, match="image_size must be at least 1"):
        avatars("lorelei", 1, image_size=0)
    _, attributes = avatars("notionists", 3)
    with pytest.raises(ValueError, match="does not tell 'smile'"):
        avatar_labels(attributes, ("smile",))
    with pytest.raises(ValueError, match="Did you mean 'glasses'"):
        avatar_labels(attributes, ("glases",))


def test_the_package_takes_them_along():
    root = pathlib.Path(__file__).parents[3]
    with open(root / "pyproject.toml", "rb") as file:
        data = tomllib.load(file)["tool"]["setuptools"]["package-data"]
    patterns = data["keras_gan_translate.data.drawn"]
    folder = importlib.resources.files("keras_gan_translate.data.drawn")
    names = {f"{style}.{end}" for style in STYLES for end in ("webp", "csv")}
    for name in names | {"PROVENANCE.md"}:
        assert (folder / "avatar_sheets" / name).is_file()
        path = f"avatar_sheets/{name}"
        assert any(fnmatch.fnmatch(path, pattern) for pattern in patterns)
    assert sum(path.stat().st_size for path in SHEETS.iterdir()) < 4e6
