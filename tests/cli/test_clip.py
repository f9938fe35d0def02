import json
import pathlib
import sys

import numpy as np
import pytest

from keras_gan_translate.data import read_image, synthetic_faces, write_image
from keras_gan_translate.runs.run import Run
from tests.cli.conftest import error_of, forbid_sockets, run_cli
from tests.export.files import artefact

SHIPPED = pathlib.Path(__file__).parents[2] / "saved_models" / "drawn_toon"
SHIPPED = SHIPPED / "ab" / "drawn-toon-ab-float16.tflite"


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    write_image(path, synthetic_faces(1, 70)[0][0])
    return path


@pytest.fixture
def clip(tmp_path):
    pytest.importorskip("av", reason="the extra `video` is missing")
    from tests.inference.test_video import clip

    return clip(tmp_path / "in" / "clip.mp4", 3, (30, 44))


def test_tiles(trained, photo, tmp_path):
    out = tmp_path / "out"
    result = run_cli("translate", trained, photo, "--tile 16 --out", out)
    assert result.exit_code == 0, result.output
    whole = Run(trained).model().translate(read_image(photo))
    difference = whole.astype(int) - read_image(out / photo.name)
    assert np.abs(difference).max() <= 1

    network = trained / "best" / "generator.keras"
    result = run_cli(
        "translate --model", network, photo, "--tile 16 --force --out", out
    )
    assert result.exit_code == 0, result.output
    difference = whole.astype(int) - read_image(out / photo.name)
    assert np.abs(difference).max() <= 1


def test_a_clip(trained, clip, photo, tmp_path, monkeypatch):
    from tests.inference.test_video import read

    forbid_sockets(monkeypatch)
    out = tmp_path / "out"
    result = run_cli(
        "translate", trained, clip, photo, "--grid --json --out", out
    )
    assert result.exit_code == 0, result.output
    jobs = json.loads(result.stdout)
    assert [job.get("frames") for job in jobs] == [3, None, None]
    assert jobs[0]["output"] == str(out / "clip.mp4")
    images, _, facts = read(out / "clip.mp4")
    assert [image.shape for image in images] == [(30, 44, 3)] * 3
    assert facts["rate"] == 10 and facts["sound"] == ["aac"]


def test_flicker_and_smoothing(clip, photo, tmp_path):
    pytest.importorskip("skimage", reason="the extra `flicker` is missing")
    shipped = ("translate --model", SHIPPED)
    options = "--smooth --flicker --out"
    out = tmp_path / "out"
    result = run_cli(*shipped, clip, options, out, "--json")
    assert result.exit_code == 0, result.output
    (job,) = json.loads(result.stdout)
    assert list(job["flicker"]) == ["source", "translated", "smoothed"]
    assert 0 <= job["flicker"]["smoothed"] <= job["flicker"]["translated"] < 2
    result = run_cli(*shipped, clip, options, out, "--force")
    assert "in steps of 255: source 0." in result.stderr
    assert result.stdout.split() == [str(out / "clip.mp4")]

    for flag in ("--smooth", "--flicker"):
        words = error_of(run_cli(*shipped, photo, flag))
        assert f"{flag} is of videos, and none is given" in words


@pytest.mark.parametrize("name", ["tiny", "tiny.tflite"])
def test_a_clip_with_an_exported_model(name, clip, tmp_path):
    from tests.inference.test_video import read

    path = artefact(name, image_size=32)
    result = run_cli("translate --model", path, clip, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    images, _, _ = read(tmp_path / "out" / "clip.mp4")
    assert [image.shape for image in images] == [(30, 44, 3)] * 3


def test_errors(trained, photo, clip, tmp_path, monkeypatch):
    def error(*options):
        return error_of(run_cli("translate", *options, "--out", tmp_path / "o"))

    model = artefact("tiny", image_size=32)
    assert "Leave out --tile" in error("--model", model, photo, "--tile 32")
    bad = tmp_path / "bad.mov"
    bad.write_bytes(b"no video")
    assert "cannot be read as a video" in error(trained, bad)
    assert "would be overwritten" in error_of(
        run_cli("translate", trained, clip, "--out", clip.parent)
    )
    monkeypatch.setitem(sys.modules, "av", None)
    assert "keras-gan-translate[video]" in error(trained, clip)
    assert not (tmp_path / "o" / "clip.mp4").exists()
