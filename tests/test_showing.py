"""What `kgt.show` draws, and what notebooks ask of things."""

import base64
import io
import logging
import re

import numpy as np
import pytest
from PIL import Image

import keras_gan_translate as kgt
from keras_gan_translate.runs.run import Run
from keras_gan_translate.support.pictures import GAP, MIN_CELL, TITLE_HEIGHT
from tests.toys import Toy

SIDE = 16


def pictures(count=3, seed=0, side=SIDE):
    shape = (count, side, side, 3)
    return np.random.default_rng(seed).integers(0, 256, shape, "uint8")


def grid_size(picture):
    """(columns, rows) of a grid of small pictures."""
    height, width = picture.shape[:2]
    cell = MIN_CELL + GAP
    return (width - GAP) // cell, (height - TITLE_HEIGHT) // cell


def cell(picture, column, row):
    """A cell of a grid of small pictures, as it was."""
    top = TITLE_HEIGHT + row * (MIN_CELL + GAP)
    left = GAP + column * (MIN_CELL + GAP)
    step = MIN_CELL // SIDE
    return picture[top : top + MIN_CELL : step, left : left + MIN_CELL : step]


def png_in(page):
    """The picture that a piece of HTML holds."""
    code = re.search('base64,([^"]+)"', page)[1]
    with Image.open(io.BytesIO(base64.b64decode(code))) as image:
        return np.asarray(image)


def test_one_picture_is_itself(tmp_path):
    (picture,) = pictures(1)
    shown = kgt.show(picture)
    np.testing.assert_array_equal(shown.picture, picture)
    np.testing.assert_array_equal(png_in(shown._repr_html_()), picture)
    assert shown._repr_png_().startswith(b"\x89PNG")
    shown.save(tmp_path / "one.png")
    np.testing.assert_array_equal(
        kgt.show(tmp_path / "one.png").picture, picture
    )
    assert "16 x 16" in repr(shown)
    gray = kgt.show(picture[..., 0]).picture
    np.testing.assert_array_equal(gray, picture[..., :1].repeat(3, -1))


def test_floats_are_what_they_are_said_to_be(caplog):
    (picture,) = pictures(1)
    prepared = picture / 127.5 - 1
    np.testing.assert_array_equal(kgt.show(prepared).picture, picture)
    shown = kgt.show(picture / 255, value_range=(0, 1))
    np.testing.assert_array_equal(shown.picture, picture)
    assert not caplog.records
    with caplog.at_level(logging.WARNING):
        kgt.show(picture / 255)
    assert "value_range=(0, 1)" in caplog.text
    with pytest.raises(ValueError, match=r"value_range=.*astype\(.uint8.\)"):
        kgt.show(picture.astype("float32"))


def test_several_pictures_are_a_grid():
    images = pictures(5)
    picture = kgt.show(images).picture
    assert grid_size(picture) == (3, 2)
    for i, image in enumerate(images):
        np.testing.assert_array_equal(cell(picture, i % 3, i // 3), image)
    assert grid_size(kgt.show(images, columns=5).picture) == (5, 1)
    many = kgt.show(pictures(30))
    assert "24 of 30 pictures" in many._repr_html_()


def test_large_ones_are_reduced_and_other_sizes_are_centred():
    large, small = np.zeros((600, 900, 3), "uint8"), pictures(1)[0]
    assert kgt.show(large).picture.shape == (341, 512, 3)
    picture = kgt.show([large, small]).picture
    assert picture.shape == (TITLE_HEIGHT + 341 + 2 * GAP, 2 * 516 + GAP, 3)
    top, left = TITLE_HEIGHT + 162, 520 + 248
    np.testing.assert_array_equal(
        picture[top : top + SIDE, left : left + SIDE], small
    )


def test_side_by_side():
    one, other = pictures(3), pictures(3, seed=1)
    picture = kgt.show(one, other, titles=("photo", "anime")).picture
    assert grid_size(picture) == (2, 3)
    np.testing.assert_array_equal(cell(picture, 1, 2), other[2])
    assert (picture[:TITLE_HEIGHT] < 255).any()  # the titles
    with pytest.raises(ValueError, match=r"as many pictures each.*\[1, 3\]"):
        kgt.show(one, other[:1])
    with pytest.raises(ValueError, match="2 columns have 2 titles"):
        kgt.show(one, other, titles=("photo",))


def test_a_model_and_pictures():
    photos = pictures(2)
    picture = kgt.show(Toy(), photos).picture
    assert grid_size(picture) == (2, 2)  # A, to B
    np.testing.assert_array_equal(cell(picture, 0, 1), photos[1])
    with pytest.raises(ValueError, match=r"kgt.show\(model, photos\)"):
        kgt.show(Toy())


def test_batches():
    photos = pictures(2)
    masks = np.zeros((2, SIDE, SIDE, 1), "uint8")
    masks[:, 4:8] = 255
    maps = masks // 255 * 3
    batch = {
        "image": photos,
        "kind": np.array([0, 4]),
        "mask": masks,
        "map": maps,
        "numbers": np.zeros((2, 5)),  # nothing to see
    }
    picture = kgt.show(batch).picture
    assert grid_size(picture) == (4, 2)
    np.testing.assert_array_equal(cell(picture, 0, 1), photos[1])
    assert set(np.unique(cell(picture, 2, 0))) == {0, 255}
    assert len(np.unique(cell(picture, 3, 0).reshape(-1, 3), axis=0)) == 2
    pair = kgt.show((photos / 127.5 - 1, photos)).picture
    np.testing.assert_array_equal(cell(pair, 0, 0), cell(pair, 1, 0))
    assert "no pictures" in repr(kgt.show({"numbers": np.zeros((2, 5))}))


def test_a_data_set_is_looked_at_and_begins_no_epoch(tmp_path):
    for i, image in enumerate(pictures(3)):
        kgt.data.write_image(tmp_path / "trainA" / f"{i}.png", image)
        kgt.data.write_image(tmp_path / "trainB" / f"{i}.png", 255 - image)
    dataset = kgt.data.unpaired(tmp_path, image_size=SIDE, augment=False)
    epoch = dataset.kgt_source.next_epoch
    shown = kgt.show(dataset)
    page = dataset._repr_html_()
    kgt.show(dataset.take(1))
    assert dataset.kgt_source.next_epoch == epoch
    assert grid_size(shown.picture) == (2, 3)
    first = next(iter(dataset))["a"][0]
    np.testing.assert_array_equal(
        cell(shown.picture, 0, 0), kgt.data.to_uint8(first)
    )
    np.testing.assert_array_equal(png_in(page), shown.picture)
    assert dataset.kgt_summary in page


def test_a_folder_of_pictures(tmp_path):
    for i, image in enumerate(pictures(4)):
        kgt.data.write_image(tmp_path / f"{i}.png", image)
    assert grid_size(kgt.show(str(tmp_path)).picture) == (2, 2)


def test_a_run_shows_its_samples_and_lights(tmp_path):
    run = Run.create(tmp_path / "a<b", {"model": "cyclegan", "epochs": 9})
    assert "0 of 9 epochs" in repr(kgt.show(run.folder))
    with pytest.raises(ValueError, match="no picture"):
        kgt.show(run).save(tmp_path / "none.png")
    samples = pictures(2)
    for epoch, picture in enumerate(samples):
        name = f"epoch_{epoch:04d}.png"
        kgt.data.write_image(run.folder / "samples" / name, picture)
    for epoch in (1, 2, 3):
        run.add_results(epoch, {"movement_ab": 0.0})
    page = run._repr_html_()
    np.testing.assert_array_equal(png_in(page), samples[1])
    assert "a&lt;b: cyclegan, 3 of 9 epochs" in page
    assert "Nothing is learnt" in page and "a<b" not in page
    assert page == kgt.show(str(run.folder))._repr_html_()


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ((), "nothing to show"),
        (("nowhere.png",), "no file or folder"),
        ((np.zeros((2, 3, 4, 5, 3)),), r"float64 of shape \(2, 3, 4, 5, 3\)"),
        ((object(),), "Received: object"),
        (([],), "empty list"),
    ],
)
def test_what_cannot_be_shown(what, said):
    with pytest.raises(ValueError, match=said):
        kgt.show(*what)
