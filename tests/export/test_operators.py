import numpy as np
import pytest

from keras_gan_translate.export import flatbuffer
from keras_gan_translate.export.operators import (
    check_builtin,
    count_operators,
    float_operators,
    read_graph,
)
from tests.export.flatbuffers import constant, tensor, write_operators

pytest.importorskip("ai_edge_litert", reason="LiteRT is missing")


def two_convolutions(path):
    x, y, z = tensor(), tensor((1, 4, 4, 5)), tensor((1, 4, 4, 7))
    first = constant(np.arange(15).reshape(5, 1, 1, 3))
    second = constant(np.ones((7, 1, 1, 5)))
    options = flatbuffer.schema().Conv2DOptionsT(strideH=2)
    return write_operators(
        path,
        ("CONV_2D", [x, first], y, options),
        ("CONV_2D", [y, second], z, None),
        ("TANH", [z], tensor((1, 4, 4, 7)), None),
    )


def test_operators_with_their_shapes_constants_and_options(tmp_path):
    graph = read_graph(two_convolutions(tmp_path / "a.tflite"))
    first, second, tanh = graph.operators
    assert [first.name, second.name, tanh.name] == ["CONV_2D"] * 2 + ["TANH"]
    assert first.options["strideH"] == 2
    np.testing.assert_array_equal(
        first.inputs[1].values, np.arange(15).reshape(5, 1, 1, 3)
    )
    assert first.computed_inputs == [graph.inputs[0]]
    assert graph.inputs[0].shape == (1, 4, 4, 3)
    assert graph.outputs == tanh.outputs


def test_operators_are_counted(tmp_path):
    graph = read_graph(two_convolutions(tmp_path / "a.tflite"))
    assert count_operators(graph.operators) == [
        {
            "operator": "CONV_2D",
            "count": 2,
            "shapes": ["float32[1, 4, 4, 5]", "float32[1, 4, 4, 7]"],
        },
        {"operator": "TANH", "count": 1, "shapes": ["float32[1, 4, 4, 7]"]},
    ]


def test_builtin_operators_pass(tmp_path):
    check_builtin(two_convolutions(tmp_path / "a.tflite"))


@pytest.mark.parametrize("name", ["FlexConv2D", "MyOperator"])
def test_flex_and_custom_operators_are_refused_by_name(name, tmp_path):
    path = write_operators(
        tmp_path / "a.tflite", (name, [tensor()], tensor(), None)
    )
    with pytest.raises(ValueError, match=f"{name} in 'tensor_1'.*image_size"):
        check_builtin(path)


def test_floats_between_quantized_operators_are_found(tmp_path):
    x, y = tensor(dtype="INT8", scale=0.1), tensor()
    path = write_operators(
        tmp_path / "a.tflite",
        ("RELU", [x], tensor(dtype="INT8", scale=0.1), None),
        ("DEQUANTIZE", [x], y, None),
        ("RSQRT", [y], tensor(), None),
    )
    found = float_operators(read_graph(path).operators)
    assert [operator.name for operator in found] == ["DEQUANTIZE", "RSQRT"]


def test_dynamic_sizes_and_scales(tmp_path):
    x = tensor((1, -1, -1, 3), "UINT8", scale=0.5)
    path = write_operators(tmp_path / "a.tflite", ("RELU", [x], x, None))
    (found,) = read_graph(path).inputs
    assert (str(found), found.scale, found.zero_point) == (
        "uint8[1, -1, -1, 3]",
        0.5,
        0,
    )


def test_constants_lie_where_the_schema_wants_them(tmp_path):
    path = two_convolutions(tmp_path / "a.tflite")
    content = path.read_bytes()
    for operator in read_graph(path).operators[:2]:
        at = content.index(operator.inputs[1].values.tobytes())
        assert at % 16 == 0


def test_constants_behind_the_graph_are_read(tmp_path):
    path = two_convolutions(tmp_path / "a.tflite")
    model = flatbuffer.unpack(path)
    buffer = model.buffers[1]
    content = bytes(buffer.data)
    buffer.data, buffer.offset, buffer.size = None, 8192, len(content)
    path.write_bytes(flatbuffer.pack(model).ljust(8192, b"\0") + content)
    values = read_graph(path).operators[0].inputs[1].values
    np.testing.assert_array_equal(values, np.arange(15).reshape(5, 1, 1, 3))
    again = flatbuffer.pack(flatbuffer.unpack(path))
    path.write_bytes(again)
    np.testing.assert_array_equal(
        read_graph(path).operators[0].inputs[1].values, values
    )
    path.write_bytes(flatbuffer.pack(model).ljust(8192, b"\0") + content[:-1])
    with pytest.raises(ValueError, match="damaged.*ends before its byte"):
        read_graph(path)


def test_a_truncated_file_is_an_error_in_words(tmp_path):
    path = two_convolutions(tmp_path / "a.tflite")
    content = path.read_bytes()
    for length in range(8, len(content), 16):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match="damaged.*export it again"):
            read_graph(path)


def test_damaged_bytes_are_an_error_or_harmless(tmp_path):
    path = two_convolutions(tmp_path / "a.tflite")
    content = path.read_bytes()
    random = np.random.default_rng(0)
    errors = 0
    for _ in range(200):
        bad = bytearray(content)
        for at in random.integers(8, len(bad), 4):
            bad[at] = random.integers(256)
        path.write_bytes(bad)
        try:
            read_graph(path)
        except ValueError:
            errors += 1
    assert errors > 20


def test_other_files_are_refused(tmp_path):
    other = tmp_path / "photo.tflite"
    other.write_bytes(b"\x89PNG\r\n\x1a\n" * 4)
    with pytest.raises(ValueError, match="no .tflite file.*PNG"):
        read_graph(other)
    with pytest.raises(ValueError, match="There is no file"):
        read_graph(tmp_path / "absent.tflite")
