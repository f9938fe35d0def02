import shutil

import numpy as np
import pytest

from keras_gan_translate.export.artefacts import ModelArtefact, open_artefact
from keras_gan_translate.models import UGATIT, CycleGAN
from tests.export.files import SIZE, artefact, photos, spec_of, tiny_model

pytest.importorskip("tensorflow")
FORMATS = [
    ("tiny", "saved_model", "tf.saved_model"),
    ("tiny", "saved_model", "tf.compat.v1"),
    ("tiny.tflite", "litert", "ai_edge_litert"),
    ("tiny.onnx", "onnx", "onnxruntime"),
]


def difference(one, other):
    assert one.dtype == other.dtype == np.uint8 and one.shape == other.shape
    return np.abs(one.astype(int) - other).max()


@pytest.mark.parametrize(("name", "format", "runtime"), FORMATS)
def test_any_size_as_the_model_translates_it(name, format, runtime):
    model, path = tiny_model(), artefact(name)
    opened = open_artefact(path, runtime=runtime)
    assert opened.format == format and opened.image_size is None
    assert opened.spec == spec_of(model) and not opened.has_attention
    for images in (photos(2), photos(1, 48)[0, :37, :45]):
        assert difference(opened.translate(images), model.translate(images)) < 2


@pytest.mark.parametrize(("name", "format", "runtime"), FORMATS)
def test_one_size_refuses_others_in_words(name, format, runtime):
    path = artefact(name, image_size=SIZE)
    opened = open_artefact(path, runtime=runtime)
    assert opened.image_size == (SIZE, SIZE)
    translated = opened.translate(photos(2))
    assert difference(translated, tiny_model().translate(photos(2))) < 2
    with pytest.raises(ValueError, match="32 by 32.*Received: 36 by 32"):
        opened.translate(np.zeros((36, 32, 3), "uint8"))
    with pytest.raises(ValueError, match=r"float64 \(1, 32, 32, 3\)"):
        opened.translate(np.zeros((32, 32, 3)))


@pytest.mark.parametrize("name", ["tiny", "tiny.tflite", "tiny.onnx"])
def test_floats_inside(name):
    opened = open_artefact(artefact(name, dtype="float32", image_size=SIZE))
    assert opened.dtype == "float32"
    translated = opened.translate(photos(1))
    assert difference(translated, tiny_model().translate(photos(1))) < 2


def test_quantized_pixels_in_and_out():
    opened = open_artefact(artefact("tiny-int8.tflite", image_size=SIZE))
    assert opened.dtype == "uint8"
    error = opened.translate(photos(1)).astype(float)
    error -= tiny_model().translate(photos(1))
    assert np.sqrt(np.mean(error**2)) < 10


def test_threads_of_litert_and_onnx():
    for name in ("tiny.tflite", "tiny.onnx"):
        opened = open_artefact(artefact(name), threads=1)
        assert opened.translate(photos(1)).shape == (1, SIZE, SIZE, 3)


def test_newest_version_of_a_saved_model(tmp_path):
    path = shutil.copytree(artefact("tiny"), tmp_path / "tiny")
    shutil.copytree(path / "1", path / "10")
    (path / "9").mkdir()
    (path / "1" / "saved_model.pb").write_bytes(b"")
    opened = open_artefact(path)
    assert opened.translate(photos(1)).shape == (1, SIZE, SIZE, 3)
    assert open_artefact(path / "10").spec == opened.spec


@pytest.mark.parametrize("name", ["cyclegan", "pix2pix"])
def test_a_network_as_runs_keep_it(name, tmp_path):
    model = tiny_model(name)
    path = tmp_path / "generator.keras"
    model.translator("ab").save(path)
    opened = open_artefact(path)
    assert opened.format == "keras" and opened.spec is None
    assert opened.size_multiple == model.size_multiple
    images = photos(1, 48)[:, :37]
    assert difference(opened.translate(images), model.translate(images)) == 0
    with pytest.raises(ValueError, match="one way only. .*direction='ba'"):
        open_artefact(path, direction="ba")


def test_a_saved_model_with_averages_and_directions(tmp_path):
    model = CycleGAN(image_size=32, filters=4, num_blocks=1, attention="cam")
    model.compile(ema_momentum=0.5)
    optimizer = model.optimizer["generator"]
    optimizer.iterations.assign(1)  # as if trained, with other averages
    for average in optimizer._model_variables_moving_average:
        average.assign(0.9 * average + 0.01)
    model.save(tmp_path / "model.keras")
    for direction in (None, "ab", "ba"):
        opened = open_artefact(tmp_path / "model.keras", direction=direction)
        expected = model.translate(photos(1), direction or "ab")
        assert difference(opened.translate(photos(1)), expected) == 0
    assert opened.attention(photos(1)).shape == (1, 32, 32, 1)
    with pytest.raises(ValueError, match="directions"):
        open_artefact(tmp_path / "model.keras", direction="ac")


def test_a_model_looks_like_an_artefact():
    opened = ModelArtefact(
        UGATIT(image_size=32, filters=4, num_blocks=1, light=False)
    )
    assert opened.image_size == (32, 32) and opened.has_attention
    assert opened.direction == "ab"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tiny.tflit", "no file.*Did you mean 'tiny.tflite'"),
        ("photo.png", "no model.*.tflite, .onnx, .keras"),
        ("run", "is a run folder"),
        ("export", "no SavedModel.*Models in it: .*x.tflite"),
        ("broken.onnx", "broken.onnx"),
        ("broken.tflite", "broken.tflite"),
        ("broken.keras", "no intact Keras file"),
        ("broken", "broken"),
    ],
)
def test_errors_teach(name, message, tmp_path):
    for file in (
        "tiny.tflite",
        "photo.png",
        "run/config.yaml",
        "export/x.tflite",
    ):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(b"")
    for file in ("onnx", "tflite", "keras"):
        (tmp_path / f"broken.{file}").write_bytes(b"no model at all" * 9)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "saved_model.pb").write_bytes(b"no model at all")
    with pytest.raises(ValueError, match=message):
        open_artefact(tmp_path / name)


def test_a_file_of_another_direction():
    with pytest.raises(ValueError, match="'ab'.*direction='ba'"):
        open_artefact(artefact("tiny.tflite"), direction="ba")
