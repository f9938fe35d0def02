import numpy as np
import pytest

from keras_gan_translate import SCGAN, Pix2Pix, data
from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_truth import saliency
from keras_gan_translate.data.kinds import find_kind
from keras_gan_translate.support.colours import gray_of
from tests.data.folders import photo, write
from tests.data.kinds.test_masked import collect

COLORIZATION = find_kind("colorization")


@pytest.fixture(autouse=True)
def from_the_start():
    yield
    data.resume_at(0)


def left_half(size=(16, 16)):
    values = np.zeros(size, "uint8")
    values[:, : size[1] // 2] = 255
    return values


def test_gray_pictures_are_made_of_any_photos(tmp_path):
    for i in range(3):
        write(tmp_path / "train" / f"{i}.png", photo(i, (16, 16)))
    dataset = data.colorization(tmp_path, image_size=12, load_size=16)
    assert dataset.kgt_summary == "colorization: 3 photos"
    batch = collect(dataset)
    assert set(batch) == {"image", "gray"}
    assert batch["gray"].shape == (3, 12, 12, 1)
    # They share crops and flips.
    np.testing.assert_array_equal(
        data.to_uint8(batch["gray"]), gray_of(data.to_uint8(batch["image"]))
    )


@pytest.mark.parametrize("pattern", ["{}/{}.png", "train/{}/{}.png"])
def test_saliency_has_the_names_of_photos(tmp_path, pattern):
    for i in range(3):
        write(tmp_path / pattern.format("saliency", i), left_half())
        red = photo(0, (16, 16))
        red[..., 0] = left_half()
        write(tmp_path / pattern.format("photos", i), red)
    dataset = data.colorization(tmp_path, image_size=12, load_size=16)
    summary = "colorization: 3 photos, each with its saliency"
    assert dataset.kgt_summary == summary
    batch = collect(dataset)
    np.testing.assert_array_equal(batch["saliency"], batch["image"][..., :1])
    if not pattern.startswith("train"):
        photos, maps = tmp_path / "photos", tmp_path / "saliency"
        for dataset in (
            data.colorization(photos, maps, image_size=12),
            data.open_dataset(
                photos, "colorization", saliency=str(maps), image_size=12
            ),
        ):
            assert dataset.kgt_summary == summary


def test_drawn_faces_know_their_saliency():
    options = {"image_size": 32, "augment": False, "shuffle": False}
    dataset = data.open_dataset("drawn:2", "colorization", **options)
    batch = collect(dataset)
    for i in range(2):
        face = draw_face(i, 0, extras=False)
        np.testing.assert_array_equal(
            data.to_uint8(batch["saliency"][i, ..., 0]), saliency(face, 32)
        )


def test_a_model_that_needs_saliency_says_where_it_is_looked_for(tmp_path):
    write(tmp_path / "1.png", photo())
    needed = COLORIZATION.of_model(SCGAN(64, 2, vgg_weights=None))
    assert needed == {"parts": ("saliency",)}
    with pytest.raises(ValueError, match="no saliency maps in.*saliency/"):
        COLORIZATION.find(tmp_path, **needed)
    with pytest.raises(ValueError, match="no saliency of the scenes"):
        COLORIZATION.find("drawn:scenes:2", **needed)
    model = Pix2Pix(image_size=32, filters=2, kind="colorization")
    assert COLORIZATION.of_model(model) == {"parts": ()}
    assert COLORIZATION.find(tmp_path)


def test_what_is_wrong_is_said(tmp_path):
    write(tmp_path / "photos" / "1.png", photo())
    write(tmp_path / "maps" / "2.png", left_half())
    with pytest.raises(ValueError, match="No file name of"):
        COLORIZATION.find(tmp_path / "photos", saliency=str(tmp_path / "maps"))
    with pytest.raises(ValueError, match="given once"):
        COLORIZATION.find(("a", "b"), saliency="c")
    with pytest.raises(ValueError, match="drawn faces know their own"):
        COLORIZATION.find("drawn:2", saliency="c")
    with pytest.raises(ValueError, match="There is no folder|no folder"):
        COLORIZATION.find(tmp_path / "photos", saliency=str(tmp_path / "x"))
