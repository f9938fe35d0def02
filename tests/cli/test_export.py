import json
import shutil

import keras
import numpy as np
import pytest

from keras_gan_translate import export
from keras_gan_translate.data import read_image, synthetic_faces, write_image
from keras_gan_translate.export import parity
from keras_gan_translate.models import Pix2Pix
from keras_gan_translate.runs.run import Run
from tests.cli.conftest import error_of, forbid_sockets, run_cli

pytest.importorskip("tensorflow")
pytest.importorskip("ai_edge_litert", reason="LiteRT is missing")
if keras.backend.backend() != "tensorflow":
    pytest.skip("exports are written with TensorFlow", allow_module_level=True)


@pytest.fixture(autouse=True)
def no_stopwatch(monkeypatch):
    """Timing starts processes, which load TensorFlow."""
    measured = {"latency_ms": 12.0, "peak_memory": 2**20}
    monkeypatch.setattr(parity, "measure", lambda *_: measured)
    monkeypatch.setenv("COLUMNS", "120")  # of the table


@pytest.fixture
def photos(tmp_path):
    for number, face in enumerate(synthetic_faces(12, 40)[0]):
        write_image(tmp_path / "photos" / f"{number}.png", face)
    return tmp_path / "photos"


def test_a_run(trained, photos, tmp_path, monkeypatch):
    forbid_sockets(monkeypatch)
    out = tmp_path / "exports" / "faces"
    result = run_cli(
        "export",
        trained,
        "--precision float32,int8 --bound int8 10 --licence CC0-1.0",
        "--images",
        photos,
        "--out",
        out,
    )
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == str(out)
    for name in ("faces", "faces-float32.tflite", "faces-int8.tflite"):
        assert name in result.stdout and (out / name).exists()
    assert "Writing faces-int8.tflite" in result.stderr
    assert "8 images: of the folder photos" in result.stderr

    card = json.loads((out / "card.json").read_text())
    assert card["translator"]["licence"] == "CC0-1.0"
    assert card["translator"]["model"] == "pix2pix"
    assert card["training"]["epochs"] == 1

    from keras_gan_translate.export.artefacts import open_artefact

    photo = read_image(photos / "0.png")
    served = open_artefact(out / "faces").translate(photo)
    expected = Run(trained).model().translate(photo)
    assert np.abs(served.astype(int) - expected).max() <= 1


def test_the_run_s_own_data_and_json(trained, tmp_path):
    result = run_cli(
        "export",
        trained,
        "--to litert --which last --check-gpu --json --out",
        tmp_path / "faces",
    )
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert printed["folder"] == str(tmp_path / "faces")
    (row,) = printed["artefacts"]
    assert row["images"] == "6 images: held out from the model's data"
    assert row["precision"] == "float32" and row["max_difference"] <= 1
    assert "faces-float32.tflite" in printed["gpu"]


def test_without_data_faces_are_drawn(trained, tmp_path):
    run = tmp_path / "moved"
    shutil.copytree(trained, run)
    config = (run / "config.yaml").read_text()
    gone = config.replace("data: synthetic:6", f"data: {tmp_path}/gone")
    assert gone != config
    (run / "config.yaml").write_text(gone)
    options = ("--to saved_model --out", tmp_path / "faces")
    result = run_cli("export", run, *options)
    assert result.exit_code == 0, result.output
    assert "data cannot be read, so drawn faces are compared" in result.stderr
    assert "drawn faces, not of the model's data" in result.stderr
    error = error_of(run_cli("export", run, "--precision int8", *options))
    assert "those of LiteRT files" in error
    error = error_of(
        run_cli("export", run, "--precision int8 --out", tmp_path / "other")
    )
    assert "int8 is calibrated on" in error and "--images" in error


def test_a_keras_file(photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = Pix2Pix(image_size=32, filters=4)
    model.compile()
    model.save("model.keras")
    result = run_cli("export model.keras --to saved_model --images photos")
    assert result.exit_code == 0, result.output
    out = tmp_path / "saved_models" / "model"
    assert result.stdout.splitlines()[-1] == str(out)
    assert "exported from memory" in (out / "card.md").read_text()
    model.generator.save("generator.keras")
    assert "holds the network 'generator', and not the model" in error_of(
        run_cli("export generator.keras")
    )
    assert "no file 'gone.keras'" in error_of(run_cli("export gone.keras"))


def test_a_preset_goes_into_a_folder_beside_it(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(
        export,
        "export_translator",
        lambda model, out, **options: calls.append((out, options)) or [],
    )
    monkeypatch.chdir(tmp_path)
    model = Pix2Pix(image_size=32, filters=4)
    model.save_to_preset("saved_models/tiny", metadata={"data": "Drawn."})
    result = run_cli("export saved_models/tiny --to saved_model")
    assert result.exit_code == 0, result.output
    ((out, options),) = calls
    assert str(out) == "saved_models/tiny-ab"
    assert options["training"]["config"] == {
        "preset": "tiny",
        "data": "Drawn.",
        "precision": "float32",
    }


def test_a_failed_gate_shows_what_was_measured(trained, tmp_path):
    result = run_cli(
        "export",
        trained,
        "--to saved_model --bound float32 -1 --out",
        tmp_path / "faces",
    )
    assert "does not translate as its model does" in error_of(result)
    assert "Artefact" in result.stderr and not any(tmp_path.iterdir())


def test_errors(trained, tmp_path):
    def error(*options):
        return error_of(run_cli("export", trained, *options))

    assert "Did you mean 'litert'" in error("--to lite_rt")
    assert "multiples of 32" in error("--image-size 33")
    assert "directions ('ab',)" in error("--direction ba")
    (tmp_path / "empty").mkdir()
    assert "no images" in error("--images", tmp_path / "empty")
    assert "no run folder" in error_of(run_cli("export", tmp_path))
