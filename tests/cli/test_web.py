import os
import re
import sys
import time

import keras
import pytest

from keras_gan_translate import export
from keras_gan_translate.export.artefacts import open_artefact
from keras_gan_translate.export.metadata import read_metadata
from keras_gan_translate.models import CycleGAN
from keras_gan_translate.runs import opened
from keras_gan_translate.web import server as web
from tests.cli.conftest import error_of, run_cli
from tests.export.files import artefact

if keras.backend.backend() != "tensorflow":
    pytest.skip("exports are written with TensorFlow", allow_module_level=True)


pytestmark = pytest.mark.usefixtures("stopped")


def run_web(litert, *words):
    return run_cli("web --port 0 --litert-js", litert, *words)


def test_a_run_is_exported_once(trained, litert, stopped, monkeypatch):
    result = run_web(litert, trained)
    assert result.exit_code == 0, result.output
    assert "Comparing with the model" in result.stderr
    (server,) = stopped
    url = f"http://127.0.0.1:{server.port}/"
    assert result.stdout.splitlines()[:2] == [
        f"faces: {url}",
        "Ctrl+C ends it.",
    ]
    assert server.server_address[0] == "127.0.0.1"
    path = trained / "web" / "best-ab" / "faces-float32.tflite"
    assert server.files["/model.tflite"] == path
    assert read_metadata(path) == server.spec
    assert server.spec.image_size == 32 and server.spec.dtype == "float32"
    assert open_artefact(path).dtype == "float32"

    calls = []
    monkeypatch.setattr(
        export, "export_translator", lambda *args, **_: calls.append(args[1])
    )
    run_web(litert, trained)
    assert calls == [] and stopped[-1].spec == server.spec
    run_web(litert, trained, "--precision float16")
    run_web(litert, trained, "--which last")
    assert [folder.name for folder in calls] == ["best-ab", "last-ab"]
    for weights in (trained / "best").glob("*.keras"):  # it was trained on
        os.utime(weights, (time.time() + 60,) * 2)
    run_web(litert, trained)
    assert len(calls) == 3


def test_a_preset_is_exported_into_the_cache(litert, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(opened, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(
        export, "export_translator", lambda *args, **_: calls.append(args[1:])
    )
    model = CycleGAN(image_size=32, filters=4, num_blocks=1)
    model.save_to_preset(tmp_path / "tiny")
    run_web(litert, tmp_path / "tiny", "--direction ba")
    ((folder, direction),) = calls
    assert folder.is_relative_to(tmp_path / "cache")
    assert (folder.name, direction) == ("tiny-ba", "ba")
    error = error_of(run_web(litert, tmp_path / "tiny", "--which last"))
    assert "--which: of a run" in error


def test_a_file(litert, stopped):
    path = artefact("tiny-float32.tflite", "ugatit", image_size=32)
    result = run_web(litert, path)
    assert result.exit_code == 0, result.output
    assert stopped[0].spec.dtype == "uint8"
    error = error_of(run_web(litert, path, "--which last --image-size 64"))
    assert "--which, --image-size: of a run, while" in error


def test_a_file_of_any_size(litert):
    path = artefact("tiny-float32.tflite", "ugatit")
    assert "with --image-size 256" in error_of(run_web(litert, path))


def test_a_qr_code(litert, stopped, monkeypatch):
    pytest.importorskip("segno", reason="the extra `web` is missing")
    monkeypatch.setattr(web, "lan_address", lambda: "192.168.1.7")
    path = artefact("tiny-float32.tflite", "ugatit", image_size=32)
    result = run_web(litert, path, "--lan")
    assert result.exit_code == 0, result.output
    assert stopped[0].server_address[0] == "0.0.0.0"
    url = f"http://192.168.1.7:{stopped[0].port}/"
    assert url in result.stdout and "whoever is in it" in result.stdout
    drawn = [line for line in result.stdout.splitlines() if "█" in line]
    assert len(drawn) > 10


@pytest.fixture
def run(tmp_path):
    """A folder that is a run's at a first look."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.yaml").write_text("model: pix2pix")
    return tmp_path / "run"


def test_without_segno(litert, run, monkeypatch):
    monkeypatch.setitem(sys.modules, "segno", None)
    error = error_of(run_web(litert, run, "--lan"))
    assert "pip install 'keras-gan-translate[web]'" in error


def test_without_litert_js(tmp_path, run):
    error = error_of(run_cli("web", run, "--litert-js", tmp_path))
    command = re.search(r"npm install .*", error).group()
    assert "@litertjs/core@" in command and "@litertjs/wasm-utils@" in command


def test_runs_that_are_none(litert, trained, tmp_path):
    assert "no run folder" in error_of(run_web(litert, tmp_path))
    error = error_of(run_web(litert, trained, "--direction ba"))
    assert "ba" in error
    error = error_of(run_web(litert, trained, "--image-size 30"))
    assert "multiples of" in error or "by 32 pixels only" in error
