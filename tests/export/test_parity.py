import json

import numpy as np
import pytest

from keras_gan_translate.data import read_image
from keras_gan_translate.export import parity
from keras_gan_translate.export.measure import measure
from keras_gan_translate.export.parity import ParityError, check_parity
from tests.export.files import SIZE, artefact, photos, tiny_model

pytest.importorskip("tensorflow")


def check(*names, threads=(), size=SIZE, **options):
    paths = [artefact(name, image_size=size) for name in names]
    images = list(photos(2, 40))
    return check_parity(
        tiny_model(), "ab", paths, images, threads=threads, **options
    )


def test_rows_and_picture(tmp_path):
    picture = tmp_path / "parity.png"
    names = ("tiny", "tiny.tflite", "tiny-int8.tflite", "tiny.onnx")
    rows = check(*names, picture=picture, bounds={"int8": 20})
    assert [row["artefact"] for row in rows] == list(names)
    exact, int8 = rows[0], rows[2]
    assert exact["runtimes"] == ["tf.saved_model", "tf.compat.v1"]
    assert exact["max_difference"] <= 1 and exact["bound"] == "max <= 1"
    assert 20 <= int8["psnr"] < 60 and int8["bound"] == "PSNR >= 20"
    assert int8["max_difference"] > 1 and int8["precision"] == "int8"
    for row in rows:
        assert row["passed"] and row["image_size"] == [SIZE, SIZE]
        assert row["compared"] == 2
        path = artefact(row["artefact"], image_size=SIZE)
        if path.is_file():
            assert row["size"] == path.stat().st_size
    # Input, Keras, and two columns for each of four artefacts.
    assert read_image(picture).shape[1] > 10 * parity.CELL / 3
    parity.write_parity(tmp_path, rows)
    stored = json.loads((tmp_path / "parity.json").read_text())
    assert stored["artefacts"] == rows and stored["machine"]["cores"]


def test_measures_are_as_defined():
    expected = np.full((4, 4, 3), 100, "uint8")
    found = expected.copy()
    found[0, 0] = 102
    measured = parity._differences([expected], [found])
    assert measured == {
        "max_difference": 2,
        "mean_difference": 0.125,
        "mean_square": 0.25,
    }


def test_any_size_is_compared_at_the_size_that_is_wanted(tmp_path):
    picture = tmp_path / "parity.png"
    check("tiny.tflite", size=None, picture=picture, image_size=48)
    # Cells are as large as the images, and there are two rows of them.
    assert read_image(picture).shape[0] >= 2 * 48


def test_any_size_is_compared_at_another_too():
    (row,) = check("tiny.tflite", size=None)
    assert row["image_size"] is None and row["compared"] == 3


def test_a_bad_artefact_is_refused_by_name():
    with pytest.raises(ParityError) as caught:
        check("tiny.tflite", "tiny-int8.tflite", bounds={"int8": 90})
    message = str(caught.value)
    assert "'tiny-int8.tflite'" in message and "'tiny.tflite'" not in message
    assert "PSNR >= 90" in message and "more images" in message
    assert [row["passed"] for row in caught.value.rows] == [True, False]


def test_another_models_weights_are_noticed():
    path = artefact("tiny.tflite", image_size=SIZE)
    with pytest.raises(ParityError, match="up to .* of 255 .*max <= 1"):
        check_parity(tiny_model("pix2pix"), "ab", [path], photos(1))


def test_options_are_checked():
    with pytest.raises(ValueError, match="Did you mean 'float16'"):
        check("tiny.tflite", bounds={"flaot16": 40})
    with pytest.raises(ValueError, match="it got none"):
        check_parity(tiny_model(), "ab", [], [])


def test_precision_is_in_the_name():
    named = ("a/x-dynamic_int8.tflite", "x-int8.tflite", "x-int8", "x.onnx")
    assert [parity.precision_of(path) for path in named] == [
        "dynamic_int8",
        "int8",
        "int8",
        "float32",
    ]


def test_latency_and_memory_of_every_runtime():
    rows = check("tiny.tflite", threads=(1, 2))
    latency = rows[0]["latency_ms"]
    assert latency.keys() == {"1", "2"} and min(latency.values()) > 0
    # Without Keras and TensorFlow, which alone take twice that.
    assert 20 * 2**20 < rows[0]["peak_memory"] < 250 * 2**20
    titles, (cells,) = parity.format_rows(rows)
    assert len(titles) == len(cells) and cells[0] == "tiny.tflite"
    for name in ("tiny", "tiny.onnx"):
        measured = measure(
            artefact(name, image_size=SIZE), photos(1)[0], threads=2
        )
        assert measured["latency_ms"] > 0 and measured["peak_memory"] > 2**20


def test_what_cannot_be_measured_says_why(tmp_path):
    path = tmp_path / "x.onnx"
    path.write_bytes(b"nothing")
    with pytest.raises(ValueError, match="process of its own.*x.onnx"):
        measure(path, photos(1)[0], threads=1)
