import json
import os

import numpy as np
import pytest

from keras_gan_translate.data import (
    read_image,
    resize_image,
    synthetic_faces,
    write_image,
)
from keras_gan_translate.export.artefacts import ModelArtefact
from keras_gan_translate.metrics import psnr
from keras_gan_translate.models import UGATIT, CycleGAN, Pix2Pix
from keras_gan_translate.presets.folders import DEFAULT
from keras_gan_translate.runs.run import Run, create_model
from keras_gan_translate.runs.translators import translate_image
from tests.cli.conftest import error_of, forbid_sockets, run_cli
from tests.export.files import artefact, tiny_model
from tests.faces import background, drawn_face, needs_finder


@pytest.fixture
def photos(tmp_path):
    faces, _ = synthetic_faces(3, 40)
    folder = tmp_path / "photos"
    write_image(folder / "a.png", faces[0])
    write_image(folder / "inner" / "b.jpg", faces[1][:33])
    write_image(folder / "a.gif", faces[2])
    return folder


def test_a_folder(trained, photos, tmp_path, monkeypatch):
    forbid_sockets(monkeypatch)
    out = tmp_path / "out"
    result = run_cli("translate", trained, photos, "--grid --out", out)
    assert result.exit_code == 0, result.output
    names = ["a.png", "a-2.png", "inner/b.jpg", "grid.png"]
    assert sorted(result.stdout.split()) == sorted(
        str(out / name) for name in names
    )
    assert read_image(out / "inner" / "b.jpg").shape == (33, 40, 3)
    expected = Run(trained).model().translate(read_image(photos / "a.gif"))
    found = [read_image(out / name) for name in ("a.png", "a-2.png")]
    assert any((image == expected).all() for image in found)


def test_json(trained, photos, tmp_path):
    result = run_cli(
        "translate",
        trained,
        photos / "a.png",
        "--json --which last --image-size 16 --out",
        tmp_path / "out",
    )
    (job,) = json.loads(result.stdout)
    assert job["input"] == str(photos / "a.png")
    assert read_image(job["output"]).shape == (16, 16, 3)


def test_bad_files_are_skipped_and_reported(trained, photos, tmp_path):
    (photos / "bad.png").write_bytes(b"no image")
    (photos / "loop.png").symlink_to(photos / "loop.png")
    os.mkfifo(photos / "pipe.png")
    long = tmp_path / ("n" * 300 + ".png")
    result = run_cli(
        "translate",
        trained,
        photos,
        long,
        "--max-pixels 1500 --json --out",
        tmp_path / "out",
    )
    error = error_of(result)
    assert result.exit_code == 1
    assert "bad.png" in error
    assert "circle" in error and "pipe" in error and "too long" in error
    assert "a.png': its 40 x 40 pixels are more than 1500" in error
    jobs = json.loads(result.stdout)
    assert [("error" in job) for job in jobs].count(True) == 6
    assert (tmp_path / "out" / "inner" / "b.jpg").exists()


def test_inputs_are_never_overwritten(trained, photos):
    before = (photos / "a.png").read_bytes()
    result = run_cli("translate", trained, photos / "a.png", "--out", photos)
    assert "would be overwritten" in error_of(result)
    assert (photos / "a.png").read_bytes() == before


def test_errors(trained, photos, tmp_path):
    def error(*options):
        return error_of(run_cli("translate", trained, *options))

    assert "directions ('ab',)" in error(photos, "--direction ba")
    assert "no attention" in error(photos, "--attention")
    (tmp_path / "empty").mkdir()
    assert "no images" in error(tmp_path / "empty")
    assert "Missing argument 'INPUT...'" in error()
    assert "'INPUT...'" in error_of(run_cli("translate"))
    model = ("--model", trained / "last" / "generator.keras")
    assert "'INPUT...'" in error_of(run_cli("translate", *model))
    assert "without --model" in error("--model", trained)
    assert "no attention" in error("--attention", *model)


def test_without_a_model_a_preset_that_ships_translates(tmp_path, monkeypatch):
    forbid_sockets(monkeypatch)
    (photo,), (toon,) = synthetic_faces(1, 160, start=20_000_000)
    write_image(tmp_path / "photo.png", photo)
    out = tmp_path / "out"
    result = run_cli("translate", tmp_path / "photo.png", "--out", out)
    assert result.exit_code == 0, result.output
    assert f"the preset {DEFAULT} translates" in " ".join(result.stderr.split())
    # It has learned to, at 128 pixels, and gives back the size that came.
    translated = read_image(out / "photo.png")
    assert psnr(translated, toon) > psnr(photo, toon) + 3


def test_a_preset_goes_where_a_run_does(photos, tmp_path):
    model = CycleGAN(image_size=32, filters=4, num_blocks=1)
    model.save_to_preset(tmp_path / "tiny")

    def translated(*options):
        result = run_cli(
            "translate", tmp_path / "tiny", photos / "a.png", *options
        )
        assert result.exit_code == 0, result.output
        return read_image(result.stdout.strip())

    out = ("--direction ba --force --out", tmp_path / "out")
    image = read_image(photos / "a.png")
    small = resize_image(image, (32, 32), "stretch")
    expected = resize_image(
        model.translate(small, direction="ba"), (40, 40), "stretch"
    )
    np.testing.assert_array_equal(translated(*out), expected)
    assert translated("--image-size 20", *out).shape == (20, 20, 3)
    error = error_of(
        run_cli("translate", tmp_path / "tiny", photos, "--which last")
    )
    assert "leave out --which" in error


def test_attention(photos, tmp_path):
    config = {"model": "cyclegan", "image_size": 32, "filters": 4}
    config |= {"num_blocks": 1, "attention": "cam"}
    run = Run.create(tmp_path / "run", config)
    model = create_model(config)
    for name in model.translator_networks:
        path = run.folder / "best" / f"{name}.keras"
        path.parent.mkdir(exist_ok=True)
        getattr(model, name).save(path)
    out = tmp_path / "out"
    result = run_cli(
        "translate",
        run.folder,
        photos / "a.png",
        "--direction ba --attention --out",
        out,
    )
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in out.iterdir()) == [
        "a.attention.png",
        "a.png",
    ]
    assert read_image(out / "a.attention.png").shape == (40, 40, 3)


@pytest.mark.parametrize("name", ["tiny", "tiny.tflite", "tiny.onnx"])
def test_an_exported_model(name, photos, tmp_path):
    path = artefact(name, image_size=32)
    out = tmp_path / "out"
    result = run_cli("translate --model", path, photos, "--grid --out", out)
    assert result.exit_code == 0, result.output
    assert read_image(out / "inner" / "b.jpg").shape == (33, 40, 3)
    image = read_image(photos / "a.png")
    translator = ModelArtefact(tiny_model())
    translator.image_size = (32, 32)
    expected, _ = translate_image(translator, image)
    # "a.png" is what came of a.gif; resizing may double a rounding.
    difference = expected.astype(int) - read_image(out / "a-2.png")
    assert np.abs(difference).max() <= 2


def test_a_saved_network(trained, photos, tmp_path):
    expected = (
        Run(trained).model("last").translate(read_image(photos / "a.png"))
    )
    result = run_cli(
        "translate --model",
        trained / "last" / "generator.keras",
        photos / "a.png",
        "--out",
        tmp_path,
    )
    assert result.exit_code == 0, result.output
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), expected)


def test_a_model_of_one_size_translates_any():
    model = UGATIT(image_size=32, filters=4, num_blocks=1, light=False)
    image = np.zeros((20, 30, 3), "uint8")
    translated, heatmap = translate_image(ModelArtefact(model), image, True)
    assert translated.shape == (20, 30, 3) and translated.dtype == "uint8"
    assert heatmap.shape == (20, 30, 1)
    assert 0 <= heatmap.min() <= heatmap.max() <= 1


def test_other_models_get_the_image_as_it_is():
    model = Pix2Pix(image_size=32, filters=4)
    image = np.random.default_rng(0).integers(0, 255, (20, 30, 3), "uint8")
    translated, heatmap = translate_image(ModelArtefact(model), image)
    np.testing.assert_array_equal(translated, model.translate(image))
    assert heatmap is None


def test_faces(trained, tmp_path):
    needs_finder()
    photo = background(200, 300)
    photo[20:180, 40:200] = drawn_face(0)[0]
    write_image(tmp_path / "photos" / "face.jpg", photo)
    write_image(tmp_path / "photos" / "none.png", background(90, 120))
    out = tmp_path / "out"
    command = ("translate", trained, tmp_path / "photos", "--faces --out", out)
    result = run_cli(*command, "--grid --json")
    assert result.exit_code == 0, result.output
    face, none, grid = json.loads(result.stdout)
    assert (face["faces"], none["faces"]) == (1, 0)
    assert "No face was found" in result.stderr
    # A JPEG would change pixels everywhere.
    assert face["output"] == str(out / "face.png")
    before = read_image(tmp_path / "photos" / "face.jpg")
    changed = (read_image(out / "face.png") != before).any(-1)
    assert changed[80:130, 90:150].mean() > 0.9
    assert not changed[:, 220:].any() and changed.mean() < 0.5
    np.testing.assert_array_equal(
        read_image(out / "none.png"), background(90, 120)
    )
    assert read_image(grid["grid"]).shape[1] > 2 * 256


def test_what_does_not_go_with_faces(trained, photos, tmp_path, monkeypatch):
    (tmp_path / "clip.mp4").write_bytes(b"")

    def error(*options):
        return error_of(run_cli("translate", trained, "--faces", *options))

    assert "not with --faces" in error(photos, "--tile 32")
    needs_finder()
    assert "In videos faces" in error(tmp_path / "clip.mp4")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "keras-gan-translate[faces]" in error(photos)


def test_published_weights(photos, tmp_path):
    from tests.shared import shared

    weights = shared("weights", "srgan", "netG_epoch_4_100.pth")
    pytest.importorskip("torch")
    out = tmp_path / "out"
    result = run_cli(
        "translate --weights", weights, photos / "a.png", "--out", out
    )
    assert result.exit_code == 0, result.output
    assert "SRGAN" in result.stderr
    before = read_image(photos / "a.png")
    after = read_image(out / "a.png")
    assert after.shape[0] == 4 * before.shape[0]
    # Enlarged, it is the same picture.
    reduced = after.reshape(before.shape[0], 4, before.shape[1], 4, 3)
    error = np.abs(reduced.mean((1, 3)) - before).mean()
    assert error < 10

    wrong = run_cli(
        "translate --weights",
        weights,
        "--model cartoongan",
        photos,
        "--out",
        out,
    )
    assert "cartoongan" in error_of(wrong).lower()
