import json
import pathlib

import keras
import numpy as np
import pytest

from keras_gan_translate import create_model
from keras_gan_translate.data import synthetic_faces
from keras_gan_translate.export import (
    TranslatorSpec,
    export_translator,
    litert,
    parity,
    saved_model,
)
from keras_gan_translate.export.artefacts import open_artefact
from keras_gan_translate.models import UGATIT, Pix2Pix
from tests.export.files import SIZE, photos, tiny_model

pytest.importorskip("tensorflow")
if keras.backend.backend() != "tensorflow":
    pytest.skip("exports are written with TensorFlow", allow_module_level=True)

FACTS = ["card.json", "card.md", "parity.json", "parity.png", "translator.json"]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def faked(monkeypatch):
    """Writers and a gate that take no time; the calls they got."""
    calls = []

    def write_litert(network, spec, path, precision, images, mobile):
        calls.append((path.name, network, spec, images))
        path.write_text(f"{len(calls)}")

    def write_saved_model(network, spec, path, version):
        calls.append((f"{path.name}/{version}", network, spec, None))
        (path / str(version)).mkdir(parents=True)
        (path / str(version) / "saved_model.pb").touch()

    def check(model, direction, paths, images, bounds, picture, threads, size):
        assert all(path.exists() for path in paths)
        assert size == images.shape[1]
        calls.append(("gate", model, images, [path.name for path in paths]))
        picture.touch()
        if bounds:
            raise parity.ParityError("worse than its bound", [])
        return []

    monkeypatch.setattr(litert, "write", write_litert)
    monkeypatch.setattr(saved_model, "write", write_saved_model)
    monkeypatch.setattr(parity, "check_parity", check)
    return calls


def test_everything_is_there_and_equals_the_model(tmp_path):
    pytest.importorskip("ai_edge_litert", reason="LiteRT is missing")
    model, folder, steps = tiny_model(), tmp_path / "exports" / "faces", []
    images = photos(4, 50)
    rows = model.export_translator(
        folder, "ba", images=images, threads=(), on_step=steps.append
    )
    assert names(folder) == sorted(["faces", "faces-float32.tflite", *FACTS])
    assert names(folder.parent) == ["faces"]
    assert names(folder / "faces") == ["1"]
    assert [row["artefact"] for row in rows] == [
        "faces",
        "faces-float32.tflite",
    ]
    assert all(row["max_difference"] <= 1 for row in rows)
    assert len(steps) == 3 and "4 images: those given" in steps[-1]

    served = open_artefact(folder / "faces")
    assert served.image_size is None
    lite = open_artefact(folder / "faces-float32.tflite")
    assert lite.image_size == (SIZE, SIZE)
    for artefact in (served, lite):
        assert artefact.spec.name == "faces" and artefact.spec.direction == "ba"
        difference = artefact.translate(photos(2)).astype(int)
        difference -= model.translate(photos(2), "ba")
        assert np.abs(difference).max() <= 1

    spec = TranslatorSpec.from_json((folder / "translator.json").read_text())
    assert spec == lite.spec
    assert spec.model == "cyclegan" and "1703.10593" in spec.paper
    assert spec.image_size == SIZE and spec.size_multiple == 4
    measured = json.loads((folder / "parity.json").read_text())["artefacts"]
    assert measured[0]["images"] == "4 images: those given"


def test_without_images_faces_are_drawn_and_that_is_said(tmp_path, faked):
    folder = tmp_path / "faces"
    model = tiny_model()
    export_translator(model, folder, precisions=("float32", "float16"))
    *written, (_, _, compared, paths) = faked
    assert [call[0] for call in written] == [
        "faces/1",
        "faces-float32.tflite",
        "faces-float16.tflite",
    ]
    assert paths == ["faces", "faces-float32.tflite", "faces-float16.tflite"]
    np.testing.assert_array_equal(compared, synthetic_faces(8, SIZE)[0])
    with pytest.raises(ValueError, match="int8 is calibrated on.*--images"):
        export_translator(model, tmp_path / "other", precisions=("int8",))


def test_those_compared_on_are_not_those_calibrated_on(tmp_path, faked):
    faces = photos(20, 48)
    export_translator(
        tiny_model(),
        tmp_path / "faces",
        formats=["litert"],
        precisions=["int8"],
        images=list(faces),
        image_size=48,
    )
    (_, network, spec, calibration), (_, _, compared, _) = faked
    np.testing.assert_array_equal(compared, faces[:8])
    np.testing.assert_array_equal(calibration, faces[8:])
    assert network.input_shape == (None, 48, 48, 3) and spec.image_size == 48


def test_sizes(tmp_path, faked):
    full = UGATIT(image_size=SIZE, filters=4, num_blocks=1, light=False)
    for number, (model, wanted, served, lite) in enumerate(
        [
            (tiny_model(), None, None, SIZE),
            (tiny_model(), "any", None, None),
            (tiny_model(), 64, None, 64),
            (full, "any", SIZE, SIZE),
        ]
    ):
        faked.clear()
        export_translator(model, tmp_path / f"{number}", image_size=wanted)
        assert [call[2].image_size for call in faked[:2]] == [served, lite]
        assert faked[0][1].input_shape == (None, served, served, 3)
        assert faked[1][1].input_shape == (None, lite, lite, 3)


@pytest.mark.parametrize("earlier", [False, True])
def test_nothing_is_there_when_the_gate_fails(tmp_path, faked, earlier):
    folder = tmp_path / "faces"
    if earlier:  # it stays as it is
        export_translator(tiny_model(), folder)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    with pytest.raises(parity.ParityError, match="worse than its bound"):
        export_translator(tiny_model(), folder, bounds={"float32": -1})
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def test_the_real_gate_refuses_too(tmp_path):
    with pytest.raises(parity.ParityError, match="'faces'"):
        export_translator(
            tiny_model(),
            tmp_path / "faces",
            formats=["saved_model"],
            bounds={"float32": -1},
            threads=(),
        )
    assert not any(tmp_path.iterdir())


def test_an_earlier_export_is_replaced_beneath_its_server(tmp_path, faked):
    model, folder = tiny_model(), tmp_path / "faces"
    export_translator(model, folder, precisions=("float32", "float16"))
    (folder / "notes.txt").touch()
    first = (folder / "faces-float32.tflite").read_text()
    export_translator(model, folder)
    assert names(folder / "faces") == ["1", "2"]
    assert (folder / "faces-float32.tflite").read_text() != first
    assert not (folder / "faces-float16.tflite").exists()
    assert (folder / "notes.txt").exists()
    assert names(tmp_path) == ["faces"]

    for other, fact in (
        ({"direction": "ba"}, "direction: 'ab', not 'ba'"),
        ({"name": "anime"}, "name: 'faces', not 'anime'"),
    ):
        with pytest.raises(ValueError, match=fact):
            export_translator(model, folder, **other)
    with pytest.raises(ValueError, match="model: 'cyclegan', not 'pix2pix'"):
        export_translator(tiny_model("pix2pix"), folder)


def test_a_folder_of_something_else_is_not_touched(tmp_path, faked):
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(ValueError, match="is no export; nothing in it"):
        export_translator(tiny_model(), tmp_path, name="faces")
    with pytest.raises(ValueError, match="is no export"):
        export_translator(tiny_model(), tmp_path / "thesis.txt", name="faces")
    assert names(tmp_path) == ["thesis.txt"] and not faked
    (tmp_path / "empty").mkdir()
    export_translator(tiny_model(), tmp_path / "empty")
    assert "card.md" in names(tmp_path / "empty")


def test_averaged_weights_go_in(tmp_path, faked, monkeypatch):
    model = create_model("pix2pix", image_size=SIZE, filters=4)
    model.compile(ema_momentum=0.5, total_steps=4)
    images = photos(2).astype("float32") / 127.5 - 1
    model.fit(images, images, epochs=2, batch_size=1, verbose=0)
    weights = []

    def write(network, *arguments):
        weights.extend(v.numpy().copy() for v in network.trainable_variables)
        pathlib.Path(arguments[1]).touch()

    monkeypatch.setattr(litert, "write", write)
    export_translator(model, tmp_path / "faces", formats=["litert"])
    trained = [v.numpy() for v in model.generator.trainable_variables]
    with model.averaged_weights():
        averaged = [v.numpy() for v in model.generator.trainable_variables]
    assert all(map(np.array_equal, weights, averaged))
    assert not any(map(np.array_equal, weights, trained))


def test_half_precision_is_exported_in_float32(tmp_path, faked):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = Pix2Pix(image_size=SIZE, filters=4)
    finally:
        keras.config.set_dtype_policy("float32")
    export_translator(model, tmp_path / "faces", formats=["litert"])
    (_, network, _, _), (_, compared, _, _) = faked
    generator = compared.generator
    assert generator is not model.generator
    assert {layer.compute_dtype for layer in generator.layers} == {"float32"}
    assert {id(v) for v in network.variables} == {
        id(v) for v in generator.variables
    }
    for one, other in zip(generator.weights, model.generator.weights):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"formats": ["saved-model"]}, "Did you mean 'saved_model'"),
        ({"precisions": ["int4"]}, "Choose one of 'float32'"),
        ({"formats": []}, "Nothing would be exported"),
        (
            {"formats": ["saved_model"], "precisions": ["float16"]},
            "those of LiteRT files",
        ),
        ({"name": "my model"}, "named by letters, digits"),
        ({"name": "faces-int8"}, "not by a precision at the end"),
        ({"image_size": 30}, "multiples of 4"),
        ({"image_size": "all"}, "number of pixels, 'any'"),
        ({"direction": "abc"}, "directions"),
        ({"dtype": "uint16"}, "Did you mean 'uint8'"),
        ({"resize": "covered"}, "Did you mean 'cover'"),
    ],
)
def test_wrong_options_are_refused_before_any_work(
    options, message, tmp_path, faked
):
    with pytest.raises(ValueError, match=message):
        export_translator(tiny_model(), tmp_path / "faces", **options)
    assert not faked and not any(tmp_path.iterdir())
