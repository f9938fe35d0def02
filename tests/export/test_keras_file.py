import json
import zipfile

import h5py
import keras
import pytest

from keras_gan_translate import list_models
from keras_gan_translate.export.keras_file import load_keras_file
from tests.export.files import tiny_model
from tests.test_all_models import tiny

CONFIG, WEIGHTS = "config.json", "model.weights.h5"


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "network.keras"
    tiny_model().generator_ab.save(path)
    return path


def rewrite(path, name, change, **options):
    """Rewrites one member of a .keras file."""
    with zipfile.ZipFile(path) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    members[name] = change(members.get(name, b""))
    with zipfile.ZipFile(path, "w", **options) as archive:
        for member, data in members.items():
            archive.writestr(member, data)


def put(path, layer):
    """Puts a layer's config in the place of the file's second layer."""

    def change(text):
        config = json.loads(text)
        config["config"]["layers"][1] |= layer
        return json.dumps(config)

    rewrite(path, CONFIG, change)


def test_networks_of_all_models_are_harmless(tmp_path):
    path = tmp_path / "n.keras"
    for info in list_models():
        model, other = tiny(info.name), tiny(info.name)
        for name in model.translator_networks:
            network = getattr(model, name)
            network.save(path)
            # As run folders do.
            getattr(other, name).load_weights(path)
        for translator in model.translators.values():
            if translator.parts:
                # Keras does not load what two networks inside one share.
                continue
            network = getattr(model, translator.network)
            network.save(path)
            loaded = load_keras_file(path)
            assert len(loaded.weights) == len(network.weights)


@pytest.mark.parametrize(
    "layer",
    [
        {"module": "keras.layers", "class_name": "Lambda"},
        {"module": "keras.layers", "class_name": "TFSMLayer"},
        {"module": "os", "class_name": "system"},
        {"module": "builtins", "class_name": "function", "config": "eval"},
        {"module": "keras.initializers", "class_name": "get"},
        {
            "module": "os",
            "class_name": "system",
            "registered_name": "keras_gan_translate>CAM",
        },
        {
            "module": "os",
            "class_name": "Evil",
            "registered_name": "keras_gan_translate>Evil",
        },
        {
            "module": "keras.layers",
            "class_name": "Conv2D",
            "registered_name": "others>Conv2D",
        },
    ],
    ids=lambda layer: layer["class_name"],
)
def test_classes_not_on_the_list_are_refused_unread(saved, layer, monkeypatch):
    put(saved, layer)
    monkeypatch.setattr(keras.saving, "load_model", None)
    name = layer["class_name"]
    with pytest.raises(ValueError, match=f"names '{name}'.*can run code"):
        load_keras_file(saved)


def test_a_class_deep_inside_is_found(saved):
    inner = {"module": "keras.layers", "class_name": "Lambda"}
    put(saved, {"build_config": {"list": [[{"of": inner}]]}})
    with pytest.raises(ValueError, match="names 'Lambda'"):
        load_keras_file(saved)


def test_weights_that_declare_more_than_there_is_are_refused(saved):
    def change(data):
        path = saved.with_suffix(".h5")
        path.write_bytes(data)
        with h5py.File(path, "a") as file:  # 2 GiB that take no space
            file.create_dataset("bomb", (2**29,), "float32", chunks=(2**20,))
        return path.read_bytes()

    rewrite(saved, WEIGHTS, change)
    with pytest.raises(ValueError, match="declare .* bytes where the file"):
        load_keras_file(saved)


def test_weights_that_lie_elsewhere_are_refused(saved):
    def change(data):
        path = saved.with_suffix(".h5")
        path.write_bytes(data)
        with h5py.File(path, "a") as file:
            file.create_dataset(
                "stolen", (4,), "uint8", external=[("/etc/hostname", 0, 4)]
            )
        return path.read_bytes()

    rewrite(saved, WEIGHTS, change)
    with pytest.raises(ValueError, match="from another file"):
        load_keras_file(saved)


def test_compressed_and_further_members_are_refused(saved):
    rewrite(saved, "assets/evil.py", lambda _: b"1")
    with pytest.raises(ValueError, match="assets/evil.py"):
        load_keras_file(saved)
    tiny_model().generator_ab.save(saved)
    rewrite(saved, CONFIG, bytes, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="compressed: .*config.json"):
        load_keras_file(saved)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.999])
def test_files_cut_off_are_refused(saved, kept):
    data = saved.read_bytes()
    saved.write_bytes(data[: int(kept * len(data))])
    with pytest.raises(ValueError, match="no intact Keras file"):
        load_keras_file(saved)
