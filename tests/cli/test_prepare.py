import importlib.util
import json

import pytest

from keras_gan_translate.data import (
    list_images,
    read_image,
    synthetic_faces,
    write_image,
)
from tests.cli.conftest import error_of, forbid_sockets, run_cli
from tests.faces import background, drawn_face, needs_finder


def test_faces_of_photos(tmp_path, monkeypatch):
    needs_finder()
    forbid_sockets(monkeypatch)
    photo = background(200, 400)
    photo[20:180, 20:180] = drawn_face(0)[0]
    photo[40:200, 220:380] = drawn_face(1)[0]
    write_image(tmp_path / "photos" / "two.jpg", photo)
    write_image(tmp_path / "photos" / "none.png", background(100, 150))
    out = tmp_path / "faces"
    command = ("prepare faces", tmp_path / "photos", "--image-size 64 --out")
    result = run_cli(*command, out)
    assert result.exit_code == 0, result.output
    assert "2 photos: 2 faces, 1 skipped" in " ".join(result.stderr.split())
    assert result.stdout.split() == [
        *(str(out) + end for end in ("", "-sheet.png", "-skipped.csv"))
    ]
    assert [path.name for path in list_images(out)] == ["two-2.png", "two.png"]
    assert read_image(out / "two.png").shape == (64, 64, 3)
    assert "none.png,no face" in (tmp_path / "faces-skipped.csv").read_text()
    assert "exists: nothing was written" in error_of(run_cli(*command, out))
    result = run_cli(*command, out, "--force --largest --json")
    assert [path.rsplit("/")[-1] for path in json.loads(result.stdout)["faces"]]
    assert len(json.loads(result.stdout)["faces"]) == 1


def test_no_faces_at_all(tmp_path):
    needs_finder()
    write_image(tmp_path / "none.png", background(64, 64))
    (tmp_path / "bad.png").write_bytes(b"no image")
    photos = (tmp_path / "none.png", tmp_path / "bad.png")
    result = run_cli("prepare faces", *photos, "--out", tmp_path / "faces")
    assert "0 faces, 2 skipped, 1 of them not readable" in error_of(result)
    assert not (tmp_path / "faces").exists()


def test_what_is_missing(tmp_path, monkeypatch):
    assert "Missing argument 'PHOTOS...'" in error_of(run_cli("prepare faces"))
    write_image(tmp_path / "a.png", background(32, 32))
    command = ("prepare faces", tmp_path / "a.png")
    assert "Missing option '--out'" in error_of(run_cli(*command))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    error = error_of(run_cli(*command, "--out", tmp_path / "faces"))
    assert "pip install 'keras-gan-translate[faces]'" in error


def test_shards_are_trained_on(tmp_path):
    pytest.importorskip("array_record", reason="it is not installed")
    folder, shards = tmp_path / "data", tmp_path / "shards"
    for domain, faces in zip("AB", synthetic_faces(3, 32)):
        for number, face in enumerate(faces):
            write_image(folder / f"train{domain}" / f"{number}.png", face)
    command = ("prepare shards", folder, "--shard-size 2 --out", shards)
    result = run_cli(*command)
    assert result.exit_code == 0 and result.stdout.strip() == str(shards)
    assert len(list(shards.glob("*.array_record"))) == 4
    assert "nothing in it was touched" in error_of(run_cli(*command))
    words = "--image-size 32 --filters 4 --num-blocks 1 --epochs 1 --out"
    run = tmp_path / "run"
    result = run_cli("train cyclegan", shards, words, run)
    assert result.exit_code == 0, result.output
    assert "packed" in result.output
    assert (run / "last" / "generator_ab.keras").exists()
