import importlib.util

import numpy as np
import pytest

from keras_gan_translate.export import onnx
from keras_gan_translate.export.network import translator_network
from keras_gan_translate.export.spec import TranslatorSpec
from tests.export.files import SIZE, artefact, photos, spec_of, tiny_model

pytest.importorskip("tensorflow")


@pytest.mark.parametrize("name", ["ugatit", "pix2pix"])
def test_any_size_and_batch(name):
    model = tiny_model(name)
    session = onnx.open_session(artefact("tiny.onnx", name), threads=1)
    (images,), (translated,) = session.get_inputs(), session.get_outputs()
    assert images.name == "images" and translated.name == "translated"
    assert images.shape == ["batch", "height", "width", 3]
    assert translated.shape == images.shape
    for shape in ((2, SIZE, SIZE, 3), (1, SIZE, 2 * SIZE, 3)):
        x = np.random.default_rng(0).integers(0, 256, shape, "uint8")
        (found,) = session.run(None, {"images": x})
        difference = found.astype(int) - model.translate(x)
        assert np.abs(difference).max() <= 1


def test_one_size_and_the_description_inside():
    path = artefact("tiny.onnx", image_size=SIZE)
    session = onnx.open_session(path)
    assert session.get_inputs()[0].shape == ["batch", SIZE, SIZE, 3]
    text = session.get_modelmeta().custom_metadata_map[onnx.METADATA]
    expected = spec_of(tiny_model(), image_size=SIZE)
    assert TranslatorSpec.from_json(text) == expected


def test_a_missing_package_is_named(monkeypatch, tmp_path):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == "tf2onnx" else found(name),
    )
    network = translator_network(tiny_model(), image_size=SIZE)
    with pytest.raises(ImportError, match=r"tf2onnx.*translate\[onnx\]"):
        onnx.write(network, spec_of(tiny_model()), tmp_path / "x.onnx")
    assert list(tmp_path.iterdir()) == []


def test_what_the_runtime_refuses_is_not_kept(monkeypatch, tmp_path):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tf2onnx")
    monkeypatch.setattr(
        onnx, "_describe", lambda path, spec: path.write_bytes(b"damaged")
    )
    network = translator_network(tiny_model(), image_size=SIZE)
    with pytest.raises(ValueError, match="ONNX Runtime .* cannot open"):
        onnx.write(network, spec_of(tiny_model()), tmp_path / "x.onnx")
    assert list(tmp_path.iterdir()) == []


def test_floats():
    session = onnx.open_session(artefact("tiny.onnx", dtype="float32"))
    x = photos(1) / np.float32(127.5) - 1
    (found,) = session.run(None, {"images": x})
    np.testing.assert_allclose(found, tiny_model().translate(x), atol=1e-4)
