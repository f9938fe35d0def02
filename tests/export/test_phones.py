"""What docs/phones.md says of our files, compared with real ones."""

import importlib.metadata
import json
import pathlib
import re

import keras
import numpy as np
import pytest
from PIL import Image, ImageOps

from keras_gan_translate.export import flatbuffer, litert
from keras_gan_translate.export.metadata import NAME, read_metadata
from keras_gan_translate.export.network import (
    input_facts,
    translator_network,
)
from tests.export.files import photos, spec_of, tiny_model
from tests.toys import Changes, Domains, Holes, Styles

PAGE = (pathlib.Path(__file__).parents[2] / "docs/phones.md").read_text()
SIZE = 32  # instead of the page's 256


def table(head):
    """The rows below a table's head, as lists of cells without marks."""
    lines = PAGE[PAGE.index(head) :].splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        cells = line.strip("|").split("|")
        rows.append([cell.strip().replace("`", "") for cell in cells])
    return rows


def ends_of(path):
    """(signature, {input: "dtype shape"}, the same of the output)."""
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    opened = interpreter.Interpreter(str(path))
    opened.allocate_tensors()
    ((name, ends),) = opened.get_signature_list().items()
    runner = opened.get_signature_runner(name)

    def told(details):
        return {
            key: f"{np.dtype(tensor['dtype']).name} {tensor['shape'].tolist()}"
            for key, tensor in details.items()
        }

    return (
        name,
        told(runner.get_input_details()),
        told(runner.get_output_details()),
        runner,
    )


def export(path, model, dtype="uint8", mobile=False):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("exports are written with TensorFlow")
    direction = model.directions[0]
    facts = {"inputs": input_facts(model, direction), "dtype": dtype}
    spec = spec_of(model, image_size=SIZE, **facts)
    network = translator_network(model, direction, dtype, SIZE)
    litert.write(network, spec, path, mobile=mobile)
    return path


@pytest.mark.parametrize("row", range(3))
def test_ends_of_a_file(row, tmp_path):
    options = (
        {},
        {"dtype": "float32"},
        {"mobile": True},
    )[row]
    rows = table("| exported with |")
    assert len(rows) == 3
    flag, took, gave, _ = rows[row]
    assert flag == ("nothing further", "--dtype float32", "--mobile")[row]
    model = tiny_model()
    path = export(tmp_path / "a.tflite", model, **options)
    signature, inputs, outputs, runner = ends_of(path)
    assert signature == "serving_default" and f"`{signature}`" in PAGE
    took, low, high = re.fullmatch(r"(.*), (\S+) to (\S+)", took).groups()
    took, gave = (x.replace("256", str(SIZE)) for x in (took, gave))
    assert inputs == {"images": took}
    assert outputs == {"translated": gave.rpartition(",")[0]}
    # The ranges, NHWC and RGB: it is the model's own translation.
    photo = photos(1)
    given = photo
    if took.startswith("float32"):
        assert (low, high) == ("-1", "1")
        given = (photo / np.float32(127.5) - 1).astype("float32")
    else:
        assert (low, high) == ("0", "255")
    made = runner(images=given)["translated"]
    if made.dtype != np.uint8:
        made = np.clip(np.rint((made + 1) * 127.5), 0, 255)
    truth = model.translate(photo).astype(int)
    assert np.abs(made - truth).max() <= 1
    assert np.ptp(truth) > 10  # or any file would do


@pytest.mark.parametrize(
    ("toy", "row"),
    [(Domains, 0), (Changes, 1), (Styles, 2), (Holes, 3)],
)
def test_further_inputs(toy, row, tmp_path):
    _, name, told = table("| option of the model |")[row]
    path = export(tmp_path / "a.tflite", toy())
    _, inputs, _, _ = ends_of(path)
    spec = read_metadata(path)
    (facts,) = (facts for facts in spec.inputs if facts["input"] == name)
    size = facts["shape"][-1]
    told = re.match(r"\w+ \[[^]]*\]", told)[0]
    told = re.sub("attributes|size", str(size), told)
    assert inputs[name] == told.replace("256", str(SIZE))
    assert {"images", name} == set(inputs)
    known = {"input", "kind", "dtype", "shape"}
    assert known <= facts.keys()


def test_the_description_is_inside(tmp_path):
    path = export(tmp_path / "a.tflite", Domains())
    entries = [
        entry.name if isinstance(entry.name, str) else entry.name.decode()
        for entry in flatbuffer.unpack(path).metadata
    ]
    assert NAME in entries and f"`{NAME}`" in PAGE
    facts = json.loads(read_metadata(path).to_json())
    for word in ("inputs", "resize", "image_size", "size_multiple"):
        assert word in facts and f"`{word}`" in PAGE
    assert any("classes" in known for known in facts["inputs"])


def test_orientations():
    """Mirrored, then turned, is what Pillow makes of the EXIF orientation."""
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), "uint8")
    rows = table("| EXIF orientation |")
    assert [row[0] for row in rows] == [str(i) for i in range(1, 9)]
    for number, mirrored, degrees in rows:
        image = Image.fromarray(pixels)
        image.getexif()[0x0112] = int(number)
        upright = np.asarray(ImageOps.exif_transpose(image))
        ours = pixels[:, ::-1] if mirrored == "yes" else pixels
        ours = np.rot90(ours, -int(degrees) // 90)  # clockwise
        np.testing.assert_array_equal(ours, upright)


def test_versions_are_those_that_are_tested():
    """A newer LiteRT is to be looked at before the page names it."""
    pytest.importorskip("ai_edge_litert")
    installed = importlib.metadata.version("ai-edge-litert")
    if installed.split(".")[:2] != ["2", "3"]:
        pytest.skip(f"the page is about LiteRT 2.3, here is {installed}")
    assert PAGE.count("2.3.0") >= 4
