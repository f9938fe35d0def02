"""Files that declare what is not there: refused before it is allocated."""

import json
import os
import shutil
import struct
import zipfile

import h5py
import keras
import numpy as np
import pytest
import yaml

import keras_gan_translate as kgt
from keras_gan_translate.data import write_image
from keras_gan_translate.export.artefacts import open_artefact
from keras_gan_translate.export.keras_file import load_keras_file
from keras_gan_translate.runs.run import Run
from tests.export.files import photos, tiny_model
from tests.limits import MIB, refused

GIB = 1024 * MIB


def refuse(function, *arguments, match):
    refused(function, *arguments, match=match, seconds=2, memory=256 * MIB)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A run folder of a tiny model; its .keras file is `model.keras`."""
    folder = tmp_path_factory.mktemp("saved")
    model = tiny_model("cyclegan")
    for name in model.translator_networks:
        (folder / "best").mkdir(exist_ok=True)
        getattr(model, name).save(folder / "best" / f"{name}.keras")
    config = {"model": "cyclegan"} | model.get_config()
    config = {k: v for k, v in config.items() if not isinstance(v, dict)}
    del config["format"]
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    Run(folder).model()  # it is one
    return folder


@pytest.fixture
def run(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "run")


def header_only(path, shapes):
    """An .npz whose arrays have headers and nothing behind."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, shape in shapes.items():
            facts = {"descr": "<f4", "fortran_order": False, "shape": shape}
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array_header_1_0(file, facts)


def resnet_shapes(filters):
    """Tensors of the published CycleGAN's generator, by their names."""
    shapes = {"model.1.weight": (filters, 3, 7, 7)}
    shapes["model.4.weight"] = (2 * filters, filters, 3, 3)
    shapes["model.7.weight"] = (4 * filters, 2 * filters, 3, 3)
    return shapes


def test_an_npz_of_headers(tmp_path):
    path = tmp_path / "a.npz"
    header_only(path, resnet_shapes(8192))
    refuse(kgt.load, path, match="declares .* bytes as .* and holds 0")


def test_an_npz_that_lies_about_its_parts(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, a=np.zeros(9, "float32"))
    content = bytearray(path.read_bytes())
    entry = content.rfind(b"PK\1\2")
    content[entry + 24 : entry + 28] = struct.pack("<I", GIB)
    path.write_bytes(content)
    refuse(kgt.load, path, match="declares 1073741824 bytes, and holds 1")


def test_a_packed_npz_that_grows(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("a.npy", "w") as file:
            shape = (128 * MIB,)
            facts = {"descr": "|u1", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, facts)
            for _ in range(128):
                file.write(bytes(MIB))
    refuse(kgt.load, path, match="which trained weights do not")


def test_an_npy_with_an_endless_header(tmp_path):
    path = tmp_path / "weights" / "a.npy"
    path.parent.mkdir()
    head = b"\x93NUMPY\2\0" + struct.pack("<I", 2 * GIB)
    path.write_bytes(head)
    os.truncate(path, 2 * GIB)  # it takes no room on the disk
    refuse(kgt.load, path.parent, match="no intact .npy")


def test_some_tensors_of_a_large_model(tmp_path):
    """The first layer is there, and tells the width of all the others."""
    path = tmp_path / "a.npz"
    tiny = kgt.checkpoints  # recognised by its names and shapes alone
    arrays = {
        f"model.{i}.weight": np.zeros(shape, "float32")
        for i, shape in {1: (2048, 3, 7, 7), 4: (4096, 1, 3, 3)}.items()
    }
    np.savez(path, **arrays)
    refuse(tiny.load_translator, path, match="model|tensor")


def test_a_model_whose_tensors_are_not_there():
    arrays = {"w": np.zeros((4, 4), "float32")}
    from keras_gan_translate.checkpoints.recognised import Recognised

    found = Recognised(
        "cyclegan", {"filters": 4096}, {}, (), {}, {"generator_ab": arrays}
    )
    refuse(found.load, match="describes a model of .* holds 64 bytes")


def test_a_keras_file_that_lies_about_its_parts(saved, tmp_path):
    path = tmp_path / "a.keras"
    shutil.copy(saved / "best" / "generator_ab.keras", path)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        order = [member.filename for member in archive.infolist()]
    entry = -1
    for _ in range(order.index("model.weights.h5") + 1):
        entry = content.find(b"PK\1\2", entry + 1)
    content[entry + 24 : entry + 28] = struct.pack("<I", 2 * GIB - 1)
    path.write_bytes(content)
    refuse(load_keras_file, path, match="declares 2147483647 bytes")


def with_weights(source, path, change):
    """A Keras file with other weights."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        weights = path.with_suffix(".h5")
        weights.write_bytes(old.read("model.weights.h5"))
        with h5py.File(weights, "a") as file:
            change(file)
        new.writestr("config.json", old.read("config.json"))
        new.writestr("metadata.json", old.read("metadata.json"))
        new.write(weights, "model.weights.h5")


@pytest.mark.parametrize("which", ["a.keras", "run"])
def test_weights_that_are_declared_only(run, which):
    path = run / "best" / "generator_ab.keras"
    source = run / "old.keras"
    shutil.move(path, source)
    with_weights(
        source,
        path,
        lambda file: file.create_dataset("more", (GIB // 2,), "f4"),
    )
    load = (lambda: Run(run).model()) if which == "run" else None
    refuse(
        load or (lambda: load_keras_file(path)),
        match="declare 2147483648 bytes|declare 21",
    )


@pytest.mark.parametrize(
    "link",
    [
        h5py.SoftLink("/elsewhere"),
        h5py.ExternalLink("other.h5", "/"),
    ],
    ids=["soft", "external"],
)
def test_weights_that_lie_elsewhere(run, link):
    path = run / "best" / "generator_ab.keras"
    source = run / "old.keras"
    shutil.move(path, source)
    with_weights(source, path, lambda file: file.update({"more": link}))
    for load in (lambda: Run(run).model(), lambda: load_keras_file(path)):
        refuse(load, match="takes weights from another place: more")


def test_a_run_that_describes_a_large_model(run):
    config = yaml.safe_load((run / "config.yaml").read_text())
    text = yaml.safe_dump(config | {"filters": 8192})
    (run / "config.yaml").write_text(text)
    refuse(lambda: Run(run).model(), match="describes a model of|the model was")


def test_a_keras_file_that_describes_a_large_network(run):
    path = run / "best" / "generator_ab.keras"
    source = run / "old.keras"
    shutil.move(path, source)

    def swell(value):
        if isinstance(value, dict):
            return {
                key: 30_000 if key == "filters" else swell(item)
                for key, item in value.items()
                if key != "build_config"
            }
        return [swell(x) for x in value] if isinstance(value, list) else value

    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        config = swell(json.loads(old.read("config.json")))
        new.writestr("config.json", json.dumps(config))
        for name in ("metadata.json", "model.weights.h5"):
            new.writestr(name, old.read(name))
    refuse(load_keras_file, path, match="model was not made|no intact|filters")


BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 30)
)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (BOMB + "model: cyclegan\n", "more than 16 aliases"),
        (
            "model: &m cyclegan\n" + "".join(f"b{i}: *m\n" for i in range(17)),
            "more than 16 aliases",
        ),
        ("model: " + "[" * 5000, "more than 64 levels deep"),
        ("model: " + "{a: " * 5000, "more than 64 levels deep"),
        ("model: cyclegan\nx: " + "9" * 2**20, "1048576 at most"),
        ("model: !!python/object/apply:os.system [ls]", "cannot be read"),
        ("model: 2001-99-99", "cannot be read"),
        ("model: [\n", "cannot be read"),
        ("? [a]\n: b\n", "cannot be read"),
        ("- model\n", "names no model"),
        ("model: cyclegan\nfilters: a\n", "no intact description|filters"),
        ("model: [cyclegan]\n", "model"),
    ],
)
def test_configurations(run, text, match):
    (run / "config.yaml").write_text(text)
    refuse(lambda: Run(run).model(), match=match)


NAMES = ["a.npz", "a.pth", "a.safetensors", "a.keras", "a.tflite", "a.onnx"]


@pytest.mark.parametrize("kind", ["device", "pipe", "loop"])
@pytest.mark.parametrize("name", [*NAMES, "a/b.npy", "a/ckpt.index"])
def test_what_is_no_file(tmp_path, name, kind):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    strange(path, kind)
    if name.startswith("a/"):
        path = path.parent
    openers = [kgt.load]
    if path.suffix in (".tflite", ".onnx", ".keras"):
        openers.append(open_artefact)
    for opener in openers:
        match = "no (regular )?file|circle|no folder|exported|are read from"
        refuse(opener, path, match=match)


@pytest.mark.parametrize("kind", ["device", "pipe"])
@pytest.mark.parametrize("name", ["config.yaml", "best/generator_ab.keras"])
def test_a_run_of_what_is_no_file(run, name, kind):
    (run / name).unlink()
    strange(run / name, kind)
    refuse(lambda: Run(run).model(), match="no regular file")


def strange(path, kind):
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero" if kind == "device" else path)


def test_a_tensorflow_checkpoint_without_its_data(tmp_path):
    tf = pytest.importorskip("tensorflow")
    module = tf.Module()
    module.w = tf.Variable(tf.zeros((64, 64)))
    tf.train.Checkpoint(generator=module).write(str(tmp_path / "ckpt"))
    (data,) = tmp_path.glob("*.data-*")
    os.truncate(data, 100)
    refuse(kgt.load, tmp_path, match="declares 16384 bytes as .64, 64.")


def test_a_safetensors_header_without_end(tmp_path):
    pytest.importorskip("safetensors")
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", GIB))
    os.truncate(path, GIB)
    refuse(kgt.load, path, match="header declares 1073741824 bytes")


def test_a_tensor_wider_than_its_storage(tmp_path):
    torch = pytest.importorskip("torch")
    path = tmp_path / "a.pth"
    torch.save({"w": torch.zeros(1).expand(2**30)}, path)
    refuse(kgt.load, path, match="declares 4294967296 bytes")


def test_good_files_are_read(run, tmp_path):
    model = Run(run).model()
    model.save(tmp_path / "m.keras")
    assert isinstance(kgt.load(tmp_path / "m.keras"), kgt.CycleGAN)
    write_image(tmp_path / "a.png", photos(1)[0])
    if keras.backend.backend() == "tensorflow":
        assert open_artefact(tmp_path / "m.keras").translate(
            tmp_path / "a.png"
        ).shape == (32, 32, 3)
