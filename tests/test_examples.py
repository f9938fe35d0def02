"""The examples run as they are, at tiny size."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from keras_gan_translate import data
from keras_gan_translate.data import kinds
from tests.shared import fixture

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
