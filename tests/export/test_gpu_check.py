import json
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_gan_translate.export import flatbuffer, litert
from keras_gan_translate.export.gpu_check import check_gpu
from keras_gan_translate.export.network import translator_network
from tests.export.files import artefact, photos, spec_of, tiny_model
from tests.export.flatbuffers import constant, tensor, write_operators

pytest.importorskip("ai_edge_litert", reason="LiteRT is missing")

ROW = (1, 1, 4, 3)
PADDINGS = constant([[0, 0], [1, 1], [1, 1], [0, 0]], "int32")


def options(name, **facts):
    return getattr(flatbuffer.schema(), f"{name}OptionsT")(**facts)


def strided(strides, **facts):
    begin, end = constant([0] * 4, "int32"), constant([1, 4, 4, 3], "int32")
    inputs = [tensor(), begin, end, constant(strides, "int32")]
    return "STRIDED_SLICE", inputs, tensor(), options("StridedSlice", **facts)


def reasons(path, *operators):
    findings = check_gpu(write_operators(path / "a.tflite", *operators))
    return {(f.kind, f.operator, f.reason) for f in findings}


def test_what_the_gpu_takes(tmp_path):
    x, mean = tensor(), tensor((1, 1, 1, 3))
    assert not reasons(
        tmp_path,
        ("MEAN", [x, constant([1, 2], "int32")], mean, None),
        ("ADD", [mean, constant(1e-3)], mean, None),
        ("RSQRT", [mean], mean, None),
        ("MUL", [x, mean], x, None),
        ("MUL", [x, constant([1, 2, 3])], x, None),
        ("MIRROR_PAD", [x, PADDINGS], x, options("MirrorPad", mode=0)),
        strided([1, 1, 2, 1]),
        ("CAST", [x], tensor(dtype="INT32"), None),
        ("RELU", [tensor(dtype="INT8", scale=1.0)], x, None),
    )


@pytest.mark.parametrize(
    "operator, reason",
    [
        (("ROUND", [tensor()], tensor(), None), "no such operator"),
        (("FlexConv2D", [tensor()], tensor(), None), "no such operator"),
        (("RELU", [tensor((1, -1, 4, 3))], tensor(), None), "dynamic"),
        (("RELU", [tensor((1, 4, 1, 4, 3))], tensor(), None), "four dim"),
        (("RELU", [tensor((2, 4, 4, 3))], tensor(), None), "one image"),
        (
            ("CAST", [tensor(dtype="UINT8")], tensor(), None),
            "from uint8 to float32",
        ),
        (("ADD", [tensor(dtype="INT32")] * 2, tensor(), None), "in int32"),
        (("RELU", [tensor(dtype="INT8")], tensor(), None), "in int8"),
        (("ADD", [tensor(), tensor((2, 3))], tensor(), None), "no broadcast"),
        (("MUL", [tensor((1, 4, 1, 3)), tensor(ROW)], tensor(), None), "full"),
        (("MEAN", [tensor(), tensor((2,))], tensor(), None), "computed"),
        (
            ("PAD", [tensor(), constant([[1, 1]], "int32")], tensor(), None),
            "pad",
        ),
        (strided([1, -1, 1, 1]), "backwards"),
        (strided([1, 1, 1, 1], shrinkAxisMask=2), "dropped axis"),
        (
            (
                "MIRROR_PAD",
                [tensor(), PADDINGS],
                tensor(),
                options("MirrorPad", mode=1),
            ),
            "border",
        ),
    ],
)
def test_what_the_gpu_refuses(operator, reason, tmp_path):
    ((kind, name, found),) = reasons(tmp_path, operator)
    assert (kind, name) == ("unsupported", operator[0])
    assert reason in found


@pytest.mark.parametrize(
    "name, value, follows, dies",
    [
        ("ADD", 1e-5, "RSQRT", True),
        ("ADD", 1e-3, "RSQRT", False),
        ("ADD", 1e-5, "RELU", False),
        ("MAXIMUM", 1e-6, "DIV", True),
        ("MUL", 1e-5, "RELU", True),
        ("MUL", 1e5, "RELU", True),
        ("MUL", 0.0, "RELU", False),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_constants_that_float16_does_not_hold(
    name, value, follows, dies, dtype, tmp_path
):
    x = tensor()
    epsilon, unpacked = constant(np.float32(value)), []
    if dtype == "float16" and value < 1e5:
        stored, epsilon = constant(value, "float16"), tensor(())
        unpacked = [("DEQUANTIZE", [stored], epsilon, None)]
    found = reasons(
        tmp_path,
        *unpacked,
        (name, [x, epsilon], x, None),
        (follows, [x, x][: 1 + (follows == "DIV")], tensor(), None),
    )
    assert bool(found) == dies
    for kind, operator, reason in found:
        assert (kind, operator) == ("precision", name)
        assert f"{value:g}" in reason.replace("1e+05", "100000")


def test_findings_are_counted_and_tell_the_shapes(tmp_path):
    small, large = tensor((1, 2, 2, 3)), tensor((1, 4, 4, 3))
    path = write_operators(
        tmp_path / "a.tflite",
        *[("ROUND", [x], x, None) for x in (small, large, large)],
    )
    (finding,) = check_gpu(path)
    assert finding.count == 3
    assert finding.shapes == ["float32[1, 2, 2, 3]", "float32[1, 4, 4, 3]"]


def test_int8_is_no_use_there():
    findings = check_gpu(artefact("tiny-int8.tflite", image_size=32))
    assert {(f.kind, f.operator) for f in findings} == {
        ("precision", "QUANTIZE")
    }


def test_a_plain_file_leaves_the_gpu_at_its_ends_and_loses_epsilons():
    findings = check_gpu(artefact("tiny.tflite", image_size=32))
    found = {(f.kind, f.operator): f.reason for f in findings}
    assert set(found) == {
        ("unsupported", "CAST"),
        ("unsupported", "ROUND"),
        ("precision", "ADD"),
    }
    reason = "its constant 1e-05 is zero in float16, and RSQRT follows"
    assert found["precision", "ADD"] == reason


# SwiftShader, the GPU in software that comes with Chromium.
VULKAN = [*pathlib.Path("/usr/lib").glob("chromium*/libvk_swiftshader.so")]
RUN_ON_GPU = """
import sys

import numpy as np
from ai_edge_litert.compiled_model import CompiledModel
from ai_edge_litert.hardware_accelerator import HardwareAccelerator

model = CompiledModel.from_file(sys.argv[1], HardwareAccelerator.GPU)
(images,) = model.create_input_buffers(0)
(output,) = model.create_output_buffers(0)
x = np.load(sys.argv[2])
images.write(x)
model.run_by_index(0, [images], [output])
np.save(sys.argv[2], output.read(x.size, np.float32).reshape(x.shape))
"""


@pytest.mark.skipif(not VULKAN, reason="no Vulkan: Chromium is not installed")
@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="exports are written with TensorFlow",
)
@pytest.mark.parametrize("name", ["ugatit", "cyclegan"])
def test_the_gpu_delegate_itself_takes_what_has_no_findings(name, tmp_path):
    path, array = tmp_path / "a.tflite", tmp_path / "x.npy"
    model = tiny_model(name)
    spec = spec_of(model, image_size=32)
    network = translator_network(model, "ab", "uint8", 32)
    litert.write(network, spec, path, mobile=True)
    assert check_gpu(path) == []
    np.save(array, photos(1).astype("float32") / 127.5 - 1.0)
    driver = tmp_path / "vulkan.json"
    driver.write_text(
        json.dumps(
            {
                "file_format_version": "1.0.0",
                "ICD": {
                    "library_path": str(VULKAN[0]),
                    "api_version": "1.0.5",
                },
            }
        )
    )
    done = subprocess.run(
        [sys.executable, "-c", RUN_ON_GPU, path, array],
        env={
            **os.environ,
            "VK_ICD_FILENAMES": str(driver),
            "LD_LIBRARY_PATH": str(VULKAN[0].parent),
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    # It raises unless the GPU takes all of it.
    assert done.returncode == 0, done.stderr
    pixels = np.load(array) * 127.5 + 127.5
    assert np.abs(pixels - model.translate(photos(1))).max() <= 1
