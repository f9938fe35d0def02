"""What earlier versions wrote is read today; what later ones write is not."""

import json
import pathlib
import shutil
import tarfile
import zipfile

import keras
import numpy as np
import pytest

from keras_gan_translate.backend import BACKEND
from keras_gan_translate.cli import main as kgt
from keras_gan_translate.engine import state_file
from keras_gan_translate.export.artefacts import open_artefact
from keras_gan_translate.export.spec import TranslatorSpec
from keras_gan_translate.runs.run import Run
from tests.kept.make import TRAIN

KEPT = pathlib.Path(__file__).parent / "kept"
NAMES = sorted(path.name for path in KEPT.glob("*.tar.xz"))
RUNTIMES = {  # of the kinds of files: what has to be installed
    ".tflite": "ai_edge_litert",
    ".onnx": "onnxruntime",
    ".keras": "keras",
    "": "tensorflow",  # SavedModel
}


@pytest.fixture(scope="module", params=NAMES)
def kept(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    with tarfile.open(KEPT / request.param) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def expected(kept):
    with np.load(kept / "expected.npz") as file:
        return dict(file)


@pytest.mark.parametrize("kind", RUNTIMES)
def test_kept_translators_translate_as_they_did(kept, expected, kind):
    pytest.importorskip(RUNTIMES[kind])
    names = [n for n in expected if pathlib.Path(n).suffix == kind]
    names = [n for n in names if n != "images"]
    assert names
    for name in names:
        made = open_artefact(kept / name).translate(expected["images"])
        difference = np.abs(np.int16(made) - expected[name])
        # Of 255: processors round differently, int8 more so.
        assert difference.max() <= (3 if "int8" in name else 1), name
        assert made.std() > 5


def test_a_kept_run_goes_on(kept, tmp_path, capsys):
    run = shutil.copytree(kept / "run", tmp_path / "run")
    before = Run(run).model()
    if BACKEND != "tensorflow":
        pytest.skip("its counts are int64: TensorFlow wrote the checkpoint")
    kgt([*TRAIN, "2", "--out", str(run)], standalone_mode=False)
    assert "epoch 2" in capsys.readouterr().out.lower()
    after = Run(run).model()
    for name in before.translator_networks:
        pairs = zip(
            getattr(before, name).get_weights(),
            getattr(after, name).get_weights(),
            strict=True,
        )
        moved = max(np.abs(a - b).max() for a, b in pairs)
        assert 0 < moved < 0.01  # two steps of 2e-4, not a new start


def test_a_later_keras_file_is_refused(kept, tmp_path):
    later = tmp_path / "later.keras"
    with zipfile.ZipFile(kept / "model.keras") as old:
        with zipfile.ZipFile(later, "w") as new:
            for member in old.infolist():
                content = old.read(member)
                if member.filename == "config.json":
                    config = json.loads(content)
                    config["config"]["format"] = 99
                    content = json.dumps(config)
                new.writestr(member.filename, content)
    with pytest.raises(ValueError, match="format 99; .* up to 1. Update it"):
        open_artefact(later)


def test_later_exports_and_checkpoints_are_refused(kept, tmp_path, monkeypatch):
    spec = (kept / "tiny/1/assets.extra/translator.json").read_text()
    assert TranslatorSpec.from_json(spec).format == 1
    facts = json.loads(spec)
    without = {k: v for k, v in facts.items() if k != "format"}
    assert TranslatorSpec.from_json(json.dumps(without)).format == 1
    with pytest.raises(ValueError, match="format 99; .* up to 1. Update it"):
        TranslatorSpec.from_json(json.dumps(facts | {"format": 99}))
    with pytest.raises(ValueError, match="format 'x', which is no number"):
        TranslatorSpec.from_json(json.dumps(facts | {"format": "x"}))
    path = tmp_path / "later.weights.h5"
    monkeypatch.setattr(state_file, "FORMAT", 99)
    state_file.write(path, {"x": np.zeros(3)}, {})
    monkeypatch.undo()
    with pytest.raises(ValueError, match="format 99; .* up to 2. Update it"):
        with state_file.opened(path):
            pass


def test_a_kept_model_is_compiled_as_it_was(kept):
    model = keras.saving.load_model(kept / "model.keras")
    optimizer = model.optimizer["generator"]
    assert optimizer.iterations == 2
    assert all(np.any(x) for x in optimizer.variables[2:6])  # moments
