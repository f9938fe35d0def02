import numpy as np
import pytest

from keras_gan_translate import PIREC, SCFEGAN, Pix2Pix, data
from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_truth import edges
from keras_gan_translate.data.edges import canny
from keras_gan_translate.data.kinds import find_kind, kind_of
from tests.data.folders import photo, write
from tests.data.kinds.test_masked import collect

SKETCH = find_kind("sketch")


@pytest.fixture(autouse=True)
def from_the_start():
    yield
    data.resume_at(0)


def block(color=(250, 220, 30)):
    """A coloured square on gray."""
    image = np.full((32, 32, 3), 90, "uint8")
    image[8:24, 8:24] = color
    return image


def test_lines_and_colours_are_made_of_any_photos(tmp_path):
    for i in range(3):
        write(tmp_path / "train" / f"{i}.png", block((250, 220, 80 * i)))
    dataset = data.sketch(
        tmp_path, image_size=24, load_size=32, sigma=1, batch_size=3
    )
    assert dataset.kgt_summary == "sketch: 3 photos; lines by sigma 1"
    batch = collect(dataset)
    assert set(batch) == {"image", "sketch", "colours", "strokes", "mask"}
    assert batch["sketch"].shape == (3, 24, 24, 1)
    assert {*np.unique(batch["sketch"])} == {-1.0, 1.0}
    assert {*np.unique(batch["mask"])} <= {0, 255}
    # They share crops and flips: the lines lie where the colour changes.
    red = batch["image"][..., 0] > 0
    for image, sketch in zip(red, batch["sketch"][..., 0]):
        rows, columns = np.nonzero(sketch < 0)
        for y, x in zip(rows, columns):
            around = image[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3]
            assert around.any() and not around.all()


def test_lines_are_cannys_black_on_white(tmp_path):
    write(tmp_path / "1.png", block())
    options = {"image_size": 32, "augment": False, "parts": ("sketch",)}
    batch = collect(data.sketch(tmp_path, **options))
    assert set(batch) == {"image", "sketch"}
    np.testing.assert_array_equal(
        batch["sketch"][0, ..., 0] < 0, canny(block(), 2.0)
    )
    assert (batch["sketch"] < 0).any()


def test_drawn_faces_have_exact_lines():
    options = {"image_size": 32, "augment": False, "shuffle": False}
    dataset = data.open_dataset("drawn:2", "sketch", batch_size=2, **options)
    assert "2 photos; exact lines" in dataset.kgt_summary
    batch = collect(dataset)
    for i in range(2):
        face = draw_face(i, 0, extras=False)
        np.testing.assert_array_equal(
            batch["sketch"][i, ..., 0] < 0, edges(face, 32) > 0
        )
    strokes = (batch["strokes"] > -1).any(axis=-1)
    assert 0 < strokes.mean() < 0.3
    # Avatars and scenes have those that are found in them.
    for world in ("avatars:lorelei", "scenes", "garments"):
        dataset = data.open_dataset(f"drawn:{world}:1", "sketch", **options)
        assert "lines by sigma 2" in dataset.kgt_summary
        assert (collect(dataset)["sketch"] < 0).any()


def test_a_style_of_faces_has_its_own_lines():
    options = {"image_size": 32, "parts": ("sketch",), "batch_size": 4}
    dataset = data.open_dataset("drawn:faces:photo,toon:2", "sketch", **options)
    assert collect(dataset)["image"].shape == (4, 32, 32, 3)


def test_models_choose_the_parts():
    no_vgg = {"perceptual": 0.0, "style": 0.0}
    models = {
        Pix2Pix(image_size=32, filters=2, kind="sketch"): ("sketch",),
        PIREC(32, 2, 1, loss_weights=no_vgg): (
            "sketch",
            "colours",
        ),
        SCFEGAN(128, 2, 2, loss_weights=no_vgg): (
            "sketch",
            "strokes",
            "mask",
        ),
    }
    for model, parts in models.items():
        assert model.data == "sketch"
        assert SKETCH.of_model(model) == {"parts": parts}


def test_a_model_may_have_several_kinds():
    assert kind_of(Pix2Pix).name == "paired"
    assert kind_of(Pix2Pix, {"kind": "sketch"}) is SKETCH
    with pytest.raises(ValueError, match="'paired', 'sketch', 'colorization'"):
        kind_of(Pix2Pix, {"kind": "masked"})
    with pytest.raises(ValueError, match="one of 'sketch'"):
        kind_of(PIREC, {"kind": "paired"})


def test_what_is_wrong_is_said(tmp_path):
    write(tmp_path / "1.png", photo())
    for options, message in (
        ({"sigma": 0}, "sigma=0 is no number of pixels"),
        ({"sigma": "wide"}, "sigma='wide' is no number"),
        ({"holes": "blobs"}, "Did you mean 'blocks'|holes='blobs'"),
        ({"parts": ("lines",)}, "parts='lines'"),
        ({"image_size": 8, "direction": "ab"}, "is for paired data"),
    ):
        with pytest.raises(ValueError, match=message):
            data.open_dataset(tmp_path, "sketch", **options)
    with pytest.raises(ValueError, match="one folder of photos.*paired data"):
        SKETCH.find((tmp_path, tmp_path))
    with pytest.raises(ValueError, match="There is no image"):
        (tmp_path / "none").mkdir()
        SKETCH.find(tmp_path / "none")
