import json

import pytest

from tests.cli.conftest import error_of, run_cli
from tests.export.files import artefact, tiny_model


def described(path, *options):
    result = run_cli("inspect", path, "--json", *options)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_litert_file_in_words():
    path = artefact("tiny.tflite", image_size=32)
    result = run_cli("inspect", path)
    assert result.exit_code == 0, result.output
    for words in ("litert", "cyclegan", "drawn faces", "CONV_2D", "uint8"):
        assert words in result.output
    assert "GPU" not in result.output


def test_what_the_gpu_would_not_take_in_words():
    path = artefact("tiny.tflite", image_size=32)
    output = run_cli("inspect --check-gpu", path).output
    for words in ("processor", "uint8 to float32", "float16", "1e-05"):
        assert words in " ".join(output.split())


def test_a_litert_file_as_json():
    path = artefact("tiny-int8.tflite", image_size=32)
    found = described(path, "--check-gpu")
    assert found["format"] == "litert"
    assert found["bytes"] == path.stat().st_size
    assert found["spec"]["licence"] == "of drawn faces: none needed"
    (signature,) = found["signatures"]
    assert signature["inputs"][0]["dtype"] == "uint8"
    assert signature["inputs"][0]["shape"] == [1, 32, 32, 3]
    assert signature["outputs"][0]["scale"] == pytest.approx(2 / 255, rel=0.01)
    assert found["weights"]["int8"] > 5000
    names = {row["operator"] for row in found["operators"]}
    assert {"CONV_2D", "QUANTIZE"} < names
    assert [row["operator"] for row in found["gpu"]] == ["QUANTIZE"]


def test_a_dynamic_size_is_any():
    path = artefact("tiny.tflite")
    (signature,) = described(path)["signatures"]
    assert signature["inputs"][0]["shape"] == [1, None, None, 3]
    assert "1 x any x any x 3" in run_cli("inspect", path).output


@pytest.mark.parametrize("name", ["tiny", "tiny.onnx"])
def test_other_formats(name):
    path = artefact(name)
    found = described(path)
    assert found["spec"]["model"] == "cyclegan"
    inputs = {
        signature["name"]: signature["inputs"]
        for signature in found["signatures"]
    }
    if name == "tiny":
        assert {"serving_default", "serving_bytes"} <= set(inputs)
        (images,) = inputs["serving_default"]
    else:
        ((images,),) = inputs.values()
    assert images["dtype"] == "uint8"
    assert images["shape"] == [None, None, None, 3]
    assert run_cli("inspect", path).exit_code == 0


def test_a_saved_model_of_keras(tmp_path):
    path = tmp_path / "model.keras"
    tiny_model().save(path)
    found = described(path)
    assert found["spec"] is None
    count = tiny_model().translator("ab").count_params()
    assert found["parameters"]["generator_ab"] == count
    result = run_cli("inspect", path)
    assert f"generator_ab: {count:,} parameters" in result.output


@pytest.mark.parametrize(
    "name, reader",
    [
        ("a.tflite", "keras"),
        ("a.onnx", "onnx"),
        ("a.keras", "keras"),
        ("a/saved_model.pb", "tensorflow"),
    ],
)
def test_damaged_files_are_errors_in_words(name, reader, tmp_path):
    pytest.importorskip(reader)
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"this is no model" * 10)
    if name.startswith("a/"):
        path = path.parent
    error = error_of(run_cli("inspect", path))
    assert str(path) in error


def test_wrong_files_are_errors_in_words(tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"")
    assert "ending in .tflite" in error_of(run_cli("inspect", photo))
    near = tmp_path / "model.tflite"
    near.write_bytes(b"")
    error = error_of(run_cli("inspect", tmp_path / "modell.tflite"))
    assert "Did you mean 'model.tflite'?" in error
    assert "no SavedModel" in error_of(run_cli("inspect", tmp_path))


def test_the_gpu_of_a_phone_runs_litert_files_only():
    error = error_of(run_cli("inspect --check-gpu", artefact("tiny")))
    assert ".tflite files" in error
