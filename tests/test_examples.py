"""The examples run as they are, at tiny size."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from keras_gan_translate import data
from keras_gan_translate.data import kinds
from tests.shared import fixture
from tests.toys import Toy

EXAMPLES = pathlib.Path(__file__).parents[1] / "examples"


def run(name, *arguments, folder):
    result = subprocess.run(
        [sys.executable, EXAMPLES / name, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"},
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_fit_faces(tmp_path):
    small = "--epochs 1 --faces 3 --filters 4".split()
    run("fit_faces.py", *small, folder=tmp_path)
    assert data.read_image(tmp_path / "faces.png").shape == (192, 512, 3)


def test_drawn_world(tmp_path):
    said = run("drawn_world.py", "--side", 32, folder=tmp_path)
    assert said.startswith("A person with")
    picture = data.read_image(tmp_path / "drawn_world.png")
    assert picture.shape == (3 * 26 + 5 * 32 + 4 * 16, 5 * 32, 3)


def test_drawn_kinds(tmp_path):
    said = run("drawn_kinds.py", "--side", 32, folder=tmp_path)
    written = {path.stem for path in (tmp_path / "kinds").glob("*.png")}
    assert written == set(kinds.names()) and len(said.split()) == len(written)


def test_readme_pictures(tmp_path):
    words = "cartoons toons --size 32 --out ."
    said = run("readme_pictures.py", *words.split(), folder=tmp_path)
    assert "No cartoons" in said and "dB against the true toons" in said
    assert data.read_image(tmp_path / "toons.png").shape == (424, 404, 3)


def test_fit_folder_then_the_same_again(tmp_path):
    pytest.importorskip("tensorflow", reason="readers of folders need it")
    for style, faces in zip("ab", data.synthetic_faces(3, 32)):
        for i, face in enumerate(faces):
            data.write_image(tmp_path / style / f"{i}.png", face)
    words = "a b --model cyclegan --image-size 32 --filters 2 --epochs"
    run("fit_folder.py", *words.split(), 1, folder=tmp_path)
    again = run("fit_folder.py", *words.split(), 2, folder=tmp_path)
    assert "Epoch 2/2" in again and "Epoch 1/2" not in again
    kept = {path.name for path in (tmp_path / "runs/example/last").iterdir()}
    assert {"generator_ab.keras", "generator_ba.keras"} <= kept


def test_translate_photos(tmp_path):
    pytest.importorskip("tensorflow", reason="training from the command line")
    train = "train pix2pix synthetic:2 --image-size 32 --filters 2 --epochs 1"
    subprocess.run(
        [sys.executable, "-m", "keras_gan_translate", *train.split()]
        + ["--out", "run"],
        check=True,
        capture_output=True,
        cwd=tmp_path,
    )
    photo, _ = data.synthetic_faces(1, 40)
    data.write_image(tmp_path / "photos" / "selfie.jpg", photo[0])
    run("translate_photos.py", "run", "photos", "out", folder=tmp_path)
    assert data.read_image(tmp_path / "out" / "selfie.png").shape == (40, 40, 3)


def test_super_resolution(tmp_path):
    arrays, _ = fixture("srgan_lornatang_srresnet_x4")
    weights = {key: array for key, array in arrays.items() if key[:2] != "__"}
    np.savez(tmp_path / "weights.npz", **weights)
    photo, _ = data.synthetic_faces(1, 66)
    data.write_image(tmp_path / "photos" / "face.png", photo[0])
    words = "weights.npz photos --out large"
    table = run("super_resolution.py", *words.split(), folder=tmp_path)
    assert "bicubic x4" in table and "1 photos" in table
    assert data.read_image(tmp_path / "large/face.png").shape == (64, 192, 3)


def test_measure_students(tmp_path, monkeypatch):
    """In this process, where one toy is teacher and student, and exported."""
    pytest.importorskip("ai_edge_litert", reason="LiteRT is missing")
    from keras_gan_translate.export import litert, parity

    try:
        litert.check_backend("A .tflite file")
    except ValueError:
        pytest.skip("exports are written with TensorFlow")
    path = EXAMPLES / "measure_students.py"
    spec = importlib.util.spec_from_file_location("measure_students", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    toy, made, export = Toy(), [], script.export

    def once(*arguments):
        made.append(made[0] if made else export(*arguments))
        row, artefact = made[0]
        return dict(row), artefact

    measured = {"latency_ms": 12.0, "peak_memory": 2**20}
    monkeypatch.setattr(parity, "measure", lambda *_: measured)
    monkeypatch.setattr(script, "export", once)
    monkeypatch.setattr(script.kgt, "load", lambda source: toy)
    for name, count in (("NUM_REAL", 8), ("FRAMES", 3)):
        monkeypatch.setattr(script, name, count)
    words = "measure_students toon small --image-size 32 --images 2 --out"
    monkeypatch.setattr(sys, "argv", [*words.split(), str(tmp_path)])
    script.main()
    facts = json.loads((tmp_path / "students.json").read_text())
    names = [row["name"] for row in facts["rows"]]
    assert names == ["teacher", "student"] and len(made) == 2
    for row in facts["rows"]:
        assert row["ms_1"] == row["ms_2"] == 12.0
        # 3x3 kernels, 3 channels to 4 and back, for every pixel
        assert row["operations"] == 2 * 9 * 3 * 4 * 32 * 32 / 1e9
        assert row["to_teacher"] > 25 > row["to_truth"]
        assert 0 <= row["style"] <= 1 and row["flicker"] > 0
    table = (tmp_path / "students.md").read_text().splitlines()
    assert len(table) == 4 and "| teacher |" in table[2]
    assert data.read_image(tmp_path / "students.png").shape[2] == 3
