import csv
import importlib.util
import os

import numpy as np
import pytest
from PIL import Image

from keras_gan_translate.data import (
    align_face,
    find_faces,
    list_images,
    paste_face,
    prepare_faces,
    read_image,
    write_image,
)
from keras_gan_translate.data.faces import Face, networks, preparing
from keras_gan_translate.inference.faces import translate_faces
from tests.faces import background, drawn_face, needs_finder
from tests.shared import shared

# A face of 20 pixels between the eyes, turned by 30 degrees, near a corner.
TURNED = Face(
    box=(5.0, 10.0, 45.0, 55.0),
    eyes=((20.0, 25.0), (20 + 20 * np.sqrt(0.75), 35.0)),
    mouth=(19.0, 48.0),
    score=1.0,
)


def turned(photo, degrees):
    """A photo turned counterclockwise."""
    return np.array(
        Image.fromarray(photo).rotate(
            degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="gray"
        )
    )


@pytest.mark.parametrize("number", range(3))
def test_eyes_and_mouth_of_drawn_faces_are_found(number):
    needs_finder()
    photo, truth = drawn_face(number)
    (face,) = find_faces(photo)
    between = truth.side / 4
    assert np.abs(np.subtract(face.eyes, truth.eyes)).max() < between / 5
    assert np.abs(np.subtract(face.mouth, truth.mouth)).max() < between / 4
    assert face.side == pytest.approx(truth.side, rel=0.15)
    assert abs(face.angle) < np.radians(6) and 0.5 <= face.score <= 1
    left, top, right, bottom = face.box
    assert left < face.eyes[0][0] < face.eyes[1][0] < right
    assert top < face.eyes[0][1] < face.mouth[1] < bottom


@pytest.mark.parametrize("degrees", [30, 90, 180])
def test_turned_faces_stand_upright_in_their_crop(degrees):
    needs_finder()
    photo, _ = drawn_face(2)
    (upright,), (face,) = find_faces(photo), find_faces(turned(photo, degrees))
    off = np.degrees(face.angle - upright.angle) + degrees
    assert abs((off + 180) % 360 - 180) < 8
    assert face.side == pytest.approx(upright.side, rel=0.1)


def test_several_faces_small_ones_and_none():
    needs_finder()
    photo = background(400, 1200)
    photo[20:220, 10:210] = drawn_face(0, 200)[0]
    photo[320:370, 980:1030] = drawn_face(1, 50)[0]
    (only,) = find_faces(photo, smallest=100)
    assert only.middle == pytest.approx((110, 120), abs=30)
    # In the whole photo the second is too small to be seen.
    first, second = find_faces(photo, smallest=40)
    assert first.middle == pytest.approx(only.middle, abs=5)
    assert second.middle == pytest.approx((1005, 345), abs=10)
    assert find_faces(background(200, 300)) == []


def test_real_portraits():
    needs_finder()
    paths = sorted(shared("data", "portraits_gray").glob("*.jpg"))[::100]
    for path in paths:
        (face,) = find_faces(read_image(path))
        assert 90 < face.side < 160
    for name in ("chelsea", "coffee"):  # a cat, and a cup
        path = shared("data", "photos_cc0", f"{name}.jpg")
        assert find_faces(read_image(path)) == []


def test_without_the_extra(monkeypatch, tmp_path):
    write_image(tmp_path / "a.png", background(40, 40))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    networks._network.cache_clear()
    for call in (
        lambda: find_faces(background(40, 40)),
        lambda: prepare_faces(tmp_path, tmp_path / "out"),
    ):
        with pytest.raises(ImportError, match=r"translate\[faces\]"):
            call()


def test_places_and_sizes_of_a_crop():
    assert TURNED.side == pytest.approx(80)
    assert np.degrees(TURNED.angle) == pytest.approx(30)
    # Where eyes and mouth are, there are colours; the rest is gray.
    photo = np.full((220, 210, 3), 100, "uint8")
    dots = np.array([*TURNED.eyes, TURNED.mouth]) + 60
    face = Face((0, 0, 9, 9), (dots[0], dots[1]), dots[2], 1.0)
    y, x = np.mgrid[:220, :210] + 0.5
    for i, (dot_x, dot_y) in enumerate(dots):
        photo[np.hypot(x - dot_x, y - dot_y) < 3, i] = 255
    crop = align_face(photo, face, 160).astype(float) - 100
    rows, columns = np.mgrid[:160, :160] + 0.5
    found = [
        (np.average(columns, weights=part), np.average(rows, weights=part))
        for part in np.moveaxis(np.maximum(crop, 0), -1, 0)
    ]
    eyes = dots[:2].mean(0)
    # A tenth of the way from eyes to mouth is the middle, and 2 the scale.
    turn = np.array([[np.sqrt(0.75), 0.5], [-0.5, np.sqrt(0.75)]])
    expected = [
        2 * turn @ (dot - eyes - 0.1 * (dots[2] - eyes)) + 80 for dot in dots
    ]
    np.testing.assert_allclose(found, expected, atol=0.4)
    assert found[0][1] == pytest.approx(found[1][1], abs=0.3)  # level
    assert found[1][0] - found[0][0] == pytest.approx(40, abs=0.4)


@pytest.mark.parametrize("size", [20, 80, 200])
def test_beyond_the_borders_a_photo_goes_on_as_in_a_mirror(size):
    # Its square leaves the photo on two sides.
    gray = np.full((60, 50, 3), 200, "uint8")
    assert (align_face(gray, TURNED, size) == 200).all()
    steps = np.broadcast_to(np.arange(0, 200, 4)[:, None], (60, 50, 3))
    crop = align_face(steps.astype("uint8"), TURNED, size)
    assert crop.shape == (size, size, 3)


def test_a_large_face_is_averaged_not_sampled():
    y, x = np.mgrid[:800, :800]
    board = np.where((x + y) % 2, 255, 0).astype("uint8")
    photo = np.repeat(board[..., None], 3, -1)
    face = Face((0, 0, 800, 800), ((300, 400), (500, 400)), (400, 600), 1.0)
    crop = align_face(photo, face, 32).astype(int)
    assert np.abs(crop - 127).max() <= 4


@pytest.mark.parametrize("size", [40, 80, 200])
def test_a_crop_goes_back_to_where_it_was(size):
    photo = np.repeat(background(120, 110)[..., :1], 3, -1)
    before = photo.copy()
    back = paste_face(photo, TURNED, align_face(photo, TURNED, size))
    assert np.abs(back.astype(int) - photo).max() <= 3
    white = paste_face(
        photo, TURNED, np.full((size, size, 3), 255, "uint8")
    ).astype(int)
    np.testing.assert_array_equal(photo, before)
    x, y = np.mgrid[:110, :120].transpose(0, 2, 1) + 0.5
    away = np.subtract(np.stack([x, y], -1), TURNED.middle)
    angle = TURNED.angle
    u = away @ [np.cos(angle), np.sin(angle)] / (TURNED.side / 2)
    v = away @ [-np.sin(angle), np.cos(angle)] / (TURNED.side / 2)
    outside = np.maximum(abs(u), abs(v)) >= 1
    assert 0.2 < outside.mean() < 0.9
    np.testing.assert_array_equal(white[outside], photo[outside])
    assert (white[np.hypot(u, v) < 0.65] == 255).all()
    # It fades: nowhere a step of half the difference.
    assert np.abs(np.diff(white, axis=1)).max() < 60


def test_faces_outside_of_the_photo_change_nothing():
    away = Face((0, 0, 1, 1), ((-99.0, 9.0), (-95.0, 9.0)), (-97.0, 13.0), 1.0)
    photo = background(30, 40)
    crop = np.zeros((16, 16, 3), "uint8")
    np.testing.assert_array_equal(paste_face(photo, away, crop), photo)


def test_faces_are_translated_where_they_are():
    needs_finder()
    photo = background(300, 400)
    photo[60:220, 120:280] = drawn_face(0)[0]
    seen = []

    def invert(crop):
        seen.append(crop.shape)
        return np.repeat(np.repeat(255 - crop, 2, 0), 2, 1)

    made, (face,) = translate_faces(photo, invert, size=64)
    assert seen == [(64, 64, 3)] and made.shape == photo.shape
    changed = (made != photo).any(-1)
    x, y = map(int, face.middle)
    assert np.abs(made[y, x].astype(int) - (255 - photo[y, x])).max() < 40
    rows, columns = np.nonzero(changed)
    reach = face.side * 0.75
    assert np.abs(rows - y).max() < reach and np.abs(columns - x).max() < reach

    none, faces = translate_faces(background(200, 300), invert)
    assert faces == [] and (none == background(200, 300)).all()


def face_at(x, y, side):
    """A `Face` whose crop has a side."""
    eyes = ((x - side / 8, y), (x + side / 8, y))
    return Face((x, y, x + 1, y + 1), eyes, (x, y + side / 8), 1.0)


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """A folder whose photos have as many faces as they are high / 10."""

    def find(image, smallest):
        count = image.shape[0] // 10 - 1
        return [face_at(20, 20, 60 / (i + 1)) for i in range(count)]

    monkeypatch.setattr(preparing, "find_faces", find)
    monkeypatch.setattr(networks, "check_installed", lambda: None)
    folder = tmp_path / "photos"
    write_image(folder / "a.png", background(40, 40))  # three faces
    write_image(folder / "a.gif", background(20, 40))
    write_image(folder / "inner" / "b.jpg", background(30, 40))
    write_image(folder / "none.png", background(10, 40))
    (folder / "bad.jpg").write_bytes(b"no image")
    return folder


def names(folder):
    return [str(path.relative_to(folder)) for path in list_images(folder)]


def table(path):
    with open(path, newline="") as file:
        return [(os.path.basename(row[0]), row[1]) for row in csv.reader(file)]


def test_faces_for_training(photos, tmp_path):
    out, seen = tmp_path / "faces", []
    done = prepare_faces(
        photos, out, 32, smallest=25, on_photo=lambda *at: seen.append(at)
    )
    # a.gif, which comes first, has one face; a.png two and a small one.
    expected = "a-2-2.png a-2.png a.png inner/b-2.png inner/b.png"
    assert names(out) == expected.split()
    assert sorted(map(str, done.faces)) == [
        str(path) for path in list_images(out)
    ]
    assert read_image(out / "inner" / "b.png").shape == (32, 32, 3)
    assert seen[-1] == (5, 5) and done.photos == 5 and done.unreadable == 1
    header, *rows = table(tmp_path / "faces-skipped.csv")
    assert header == ("file", "reason") and len(rows) == 3
    rows = dict(rows)
    assert rows["none.png"] == "no face was found"
    assert "its crop has 20 pixels, and 25 are the least" in rows["a.png"]
    assert "not a JPEG" in rows["bad.jpg"]
    assert read_image(tmp_path / "faces-sheet.png").shape[1] > 5 * 112
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("faces", "faces-sheet.png", "faces-skipped.csv", "photos")
    ]


def test_only_the_largest_face(photos, tmp_path):
    out = tmp_path / "faces"
    done = prepare_faces(photos, out, 32, largest=True)
    assert names(out) == ["a-2.png", "a.png", "inner/b.png"]
    assert len(done.skipped) == 2


def test_faces_that_are_there_stay(photos, tmp_path):
    out = tmp_path / "faces"
    prepare_faces(photos, out, 32)
    (out / "inner" / "b.png").unlink()
    (out / "a.png").unlink()
    before = {path: path.read_bytes() for path in list_images(out)}
    with pytest.raises(ValueError, match=r"exists: nothing was written"):
        prepare_faces(photos, out, 32)
    assert before == {path: path.read_bytes() for path in list_images(out)}
    prepare_faces(photos, out, 16, force=True)
    assert read_image(out / "inner" / "b-2.png").shape == (16, 16, 3)
    with pytest.raises(ValueError, match="faces-skipped.csv' and 1 more"):
        prepare_faces([photos / "none.png"], out, 32)


def test_photos_are_never_replaced(photos, tmp_path):
    with pytest.raises(ValueError, match="to which the faces go"):
        prepare_faces(photos / "a.png", photos, 32, force=True)
    (tmp_path / "link").symlink_to(photos)
    with pytest.raises(ValueError, match="to which the faces go"):
        prepare_faces(tmp_path / "link", photos, 32, force=True)
    with pytest.raises(ValueError, match="no images"):
        prepare_faces([], tmp_path / "faces")


def test_photos_that_lie_on_their_side(photos, tmp_path, monkeypatch):
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned by a quarter
    upright = background(40, 60)
    stored = Image.fromarray(np.ascontiguousarray(np.rot90(upright)))
    stored.save(photos / "phone.png", exif=exif)
    shapes = []

    def find(image, smallest):
        shapes.append(image.shape)
        return []

    monkeypatch.setattr(preparing, "find_faces", find)
    prepare_faces(photos / "phone.png", tmp_path / "faces")
    assert shapes == [(40, 60, 3)]
