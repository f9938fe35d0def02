"""Trained weights by name: those that ship, folders, and the hub's."""

import json
import sys
import types

import keras
import numpy as np
import pytest

import keras_gan_translate as kgt
from keras_gan_translate.export.artefacts import open_artefact
from keras_gan_translate.export.spec import read_spec
from keras_gan_translate.presets import folders
from keras_gan_translate.support.untrusted import read_json
from tests.toys import Toy, batch

TINY = {"image_size": 32, "filters": 4, "num_blocks": 1}


@pytest.fixture(scope="module")
def model():
    # Not those weights that whoever makes the model again would draw.
    keras.utils.set_random_seed(5)
    return kgt.CycleGAN(**TINY, loss_weights={"cycle": 3.0})


@pytest.fixture(scope="module")
def preset(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("presets") / "zebra"
    model.save_to_preset(
        folder,
        metadata={"description": "Horses.", "results": {"PSNR in dB": 12.345}},
    )
    return folder


def weights(model):
    return [
        (name, weight)
        for name in model.translator_networks
        for weight in getattr(model, name).get_weights()
    ]


def assert_same(model, other, rounded=None):
    ours, theirs = weights(model), weights(other)
    assert [name for name, _ in ours] == [name for name, _ in theirs]
    for (_, one), (_, two) in zip(ours, theirs):
        assert two.dtype == "float32"
        one = one.astype(rounded) if rounded else one
        np.testing.assert_array_equal(one, two)


def error(function, *arguments, kind=ValueError, **options):
    with pytest.raises(kind) as caught:
        function(*arguments, **options)
    return str(caught.value)


def photo(size=32):
    return np.random.default_rng(0).integers(0, 256, (size, size, 3), "uint8")


def test_a_folder_holds_the_same_model(model, preset):
    loaded = kgt.GAN.from_preset(preset)
    assert type(loaded) is kgt.CycleGAN and not loaded.compiled
    assert_same(model, loaded)
    assert loaded.loss_weights == model.loss_weights
    np.testing.assert_array_equal(
        model.translate(photo(), direction="ba"),
        loaded.translate(photo(), direction="ba"),
    )
    assert_same(model, kgt.load(preset))
    told = json.loads((preset / "metadata.json").read_text())
    assert told["directions"] == ["ab", "ba"]
    assert told["parameter_count"] == 2 * model.generator_ab.count_params()
    card = (preset / "README.md").read_text()
    assert "Horses." in card and "PSNR in dB: 12.35" in card
    assert "consent" in card and "arXiv:1703.10593" in card


def test_a_loaded_preset_trains_on(tmp_path):
    first = Toy()
    first.save_to_preset(tmp_path / "first")
    model = Toy.from_preset(tmp_path / "first", loss_weights={"l1": 1.0})
    assert model.loss_weights["l1"] == 1.0
    assert_same(first, model)
    before = weights(model)
    model.compile(ema_momentum=0.5)
    model.train_on_batch(batch())
    assert any((x != y).any() for (_, x), (_, y) in zip(before, weights(model)))
    model.save_to_preset(tmp_path / "tuned")
    with model.averaged_weights():
        assert_same(model, Toy.from_preset(tmp_path / "tuned"))


def test_weights_are_optional_and_may_be_rounded(model, preset, tmp_path):
    untrained = kgt.CycleGAN.from_preset(preset, load_weights=False)
    assert (weights(untrained)[0][1] != weights(model)[0][1]).any()
    model.save_to_preset(tmp_path, "float16")
    assert_same(model, kgt.GAN.from_preset(tmp_path), "float16")
    files = [folder / "generator_ab.keras" for folder in (tmp_path, preset)]
    half, whole = (file.stat().st_size for file in files)
    assert half < whole
    loaded = keras.saving.load_model(files[0])  # by Keras alone
    for one, two in zip(loaded.get_weights(), weights(model)):
        np.testing.assert_array_equal(one, two[1].astype("float16"))


def test_directions_without_weights_are_left_out(tmp_path):
    model = kgt.CycleGAN(**TINY)
    model.translators = {"ba": model.translators["ba"]}
    model.save_to_preset(tmp_path)
    assert not (tmp_path / "generator_ab.keras").exists()
    loaded = kgt.CycleGAN.from_preset(tmp_path)
    assert loaded.directions == ("ba",)
    assert_same(model, loaded)


def test_a_class_of_ones_own_needs_no_registration(tmp_path):
    class Mine(Toy):
        pass

    model = Mine()
    model.save_to_preset(tmp_path)
    assert_same(model, Mine.from_preset(tmp_path))
    said = error(kgt.GAN.from_preset, tmp_path)
    assert "call Mine.from_preset" in said


def test_presets_that_ship_are_known_by_name():
    assert folders.DEFAULT in kgt.UGATIT.presets
    assert kgt.GAN.presets.keys() >= kgt.UGATIT.presets.keys()
    assert folders.DEFAULT not in kgt.CycleGAN.presets
    assert kgt.GAN.presets.keys() == folders.shipped().keys()
    for name, known in kgt.GAN.presets.items():
        told = known["metadata"]
        assert told["name"] == name == known["folder"].name
        for fact in ("description", "licence", "data", "command", "results"):
            assert told[fact], (name, fact)
        card = (known["folder"] / "README.md").read_text()
        assert told["description"] in card


@pytest.mark.parametrize("name", folders.shipped())
def test_exports_beside_a_preset_translate_as_it_does(name):
    pytest.importorskip(
        "ai_edge_litert", reason="the extra `litert` is missing"
    )
    folder = folders.shipped()[name]
    if not list(folder.rglob("*.tflite")):
        pytest.skip("no exports are here: an installation has none")
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 10e6
    model = kgt.GAN.from_preset(name)
    for direction in model.directions:
        export = folder / direction
        spec = read_spec(export / "translator.json")
        assert (spec.direction, spec.scale) == (direction, model.scale)
        assert (export / "card.md").exists()
        compared = read_json(export / "parity.json")["artefacts"]
        assert len(compared) == 2 and all(row["passed"] for row in compared)
        assert list((export / spec.name).glob("*/saved_model.pb"))
    # One may be of an earlier training than the preset.
    file = export / f"{spec.name}-float16.tflite"
    image = photo(spec.image_size)
    difference = open_artefact(file).translate(image).astype(int)
    difference -= model.translate(image, direction=direction)
    assert np.abs(difference).max() <= 2


def test_ink_is_gray_and_made_of_a_photos_luma():
    preset = kgt.UGATIT.presets["ink_avatar"]
    assert preset["metadata"]["directions"] == ["ab"]
    network = keras.saving.load_model(preset["folder"] / "generator_ab.keras")
    first, *_, last = network.get_weights()
    luma = np.array([[0.299], [0.587], [0.114]])
    assert first.shape[:3] == (7, 7, 3) and np.abs(first).max() > 0.05
    # Weights are rounded to half precision.
    seen = first.sum(axis=2, keepdims=True) * luma
    np.testing.assert_allclose(first, seen, rtol=2e-3, atol=1e-4)
    np.testing.assert_array_equal(last, np.repeat(last[..., :1], 3, axis=-1))


def test_what_is_no_preset_is_answered_in_words(model, preset, tmp_path):
    from_preset = kgt.CycleGAN.from_preset
    said = error(from_preset, folders.DEFAULT)
    assert "kgt.UGATIT.from_preset" in said and "not CycleGAN" in said
    said = error(from_preset, folders.DEFAULT[:-1])
    assert f"Did you mean '{folders.DEFAULT}'" in said and "hf://" in said
    (tmp_path / "config.yaml").write_text("model: cyclegan")
    said = error(from_preset, tmp_path)
    assert "no config.json" in said and "config.yaml" in said
    said = error(from_preset, preset, filter=3)
    assert "Did you mean 'filters'" in said
    said = error(model.save_to_preset, tmp_path)
    assert "nothing in it was touched" in said
    said = error(Toy().save_to_preset, preset)
    assert "class CycleGAN, not Toy" in said
    assert "Unknown precision='int8'" in error(
        model.save_to_preset, tmp_path / "new", "int8"
    )
    assert "hf://USER/MODEL. Received" in error(from_preset, "hf://model")


def test_a_strangers_preset_runs_no_code(model, tmp_path):
    model.save_to_preset(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())

    def refused(**changes):
        text = json.dumps(config | changes)
        (tmp_path / "config.json").write_text(text)
        return error(kgt.GAN.from_preset, tmp_path)

    path = {"module": "os", "class_name": "system", "config": {}}
    inner = config["config"] | {"loss_weights": path}
    assert "names 'system' of 'os'" in refused(config=inner)
    said = refused(module="os", class_name="system", registered_name=None)
    assert "does not have" in said
    large = config["config"] | {"filters": 4096}
    assert "bytes" in refused(config=large)
    assert "does not describe a model" in refused(config=3)


def test_the_hub_is_asked_only_by_its_name(preset, tmp_path, monkeypatch):
    asked = []

    def snapshot_download(name, allow_patterns):
        asked.append((name, allow_patterns))
        return str(preset)

    hub = types.SimpleNamespace(snapshot_download=snapshot_download)
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    loaded = kgt.CycleGAN.from_preset("hf://somebody/zebra")
    assert_same(kgt.CycleGAN.from_preset(preset), loaded)
    ((name, patterns),) = asked
    assert name == "somebody/zebra" and "*.keras" in patterns
    hub.snapshot_download = lambda *_, **__: 1 / 0
    said = error(kgt.GAN.from_preset, "hf://somebody/zebra")
    assert "'hf://somebody/zebra' could not be loaded" in said
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    said = error(kgt.GAN.from_preset, "hf://a/b", kind=ImportError)
    assert "keras-gan-translate[hub]" in said
