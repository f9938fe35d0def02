"""What a .tflite file consists of: its operators, tensors and constants."""

import collections
import dataclasses
import math

import numpy as np

from keras_gan_translate.export import flatbuffer


@dataclasses.dataclass(frozen=True)
class Tensor:
    """A tensor of a .tflite file.

    Attributes:
        name: as the converter named it.
        shape: tuple; -1 where the size is dynamic.
        dtype: "float32", "int8", ...
        scale: float32 array (channels,), of a quantized tensor; else None.
        zero_point: of the first channel; None if not quantized.
        values: array of a constant; None of what is computed.
    """

    name: str
    shape: tuple
    dtype: str
    scale: np.ndarray | None
    zero_point: int | None
    values: np.ndarray | None

    def __str__(self):
        return f"{self.dtype}{list(self.shape)}"


@dataclasses.dataclass(frozen=True)
class Operator:
    """An operator of a .tflite file.

    Attributes:
        name: "CONV_2D", ...; of a custom operator the name it was given.
        custom: whether it is none of the builtin ones.
        inputs: list of `Tensor`; optional ones that are absent left out.
        outputs: list of `Tensor`.
        options: dict of what else is said of it, `{"strideW": 1, ...}`.
    """

    name: str
    custom: bool
    inputs: list
    outputs: list
    options: dict

    @property
    def computed_inputs(self):
        """The inputs that are no constants."""
        return [tensor for tensor in self.inputs if tensor.values is None]


@dataclasses.dataclass(frozen=True)
class Graph:
    """The contents of a .tflite file.

    Attributes:
        inputs: list of `Tensor`.
        outputs: list of `Tensor`.
        operators: list of `Operator`, in the order of their execution.
    """

    inputs: list
    outputs: list
    operators: list


def read_graph(path):
    """What a .tflite file computes, and how.

    Args:
        path: the file.

    Returns:
        `Graph`; operators of all subgraphs, inputs and outputs of the first.

    Raises:
        ValueError: it is no .tflite file, or a damaged one.
    """
    model = flatbuffer.unpack(path)
    try:
        graphs = [_graph(model, subgraph) for subgraph in model.subgraphs]
    except flatbuffer.DAMAGE as error:
        raise flatbuffer.damaged(path, error) from error
    operators = [operator for graph in graphs for operator in graph.operators]
    return dataclasses.replace(graphs[0], operators=operators)


def count_operators(operators):
    """The operators by name, the most frequent first.

    Args:
        operators: list of `Operator`.

    Returns:
        List of dicts: `operator`, `count` and `shapes`, the different types
        and shapes that it makes, as text.
    """
    found = collections.defaultdict(list)
    for operator in operators:
        found[operator.name].append(", ".join(map(str, operator.outputs)))
    rows = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        {
            "operator": name,
            "count": len(shapes),
            "shapes": list(dict.fromkeys(shapes)),
        }
        for name, shapes in rows
    ]


def multiply_adds(operators):
    """How often the convolutions of a graph multiply and add, for its shapes.

    What is counted where methods are compared; of all else, such as
    normalizations that are not folded, there is far less.

    Args:
        operators: list of `Operator`, of a graph of a fixed size.
    """
    total = 0
    for operator in operators:
        if operator.name not in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            continue
        kernel = operator.inputs[1].shape  # (out, h, w, in), or (1, h, w, out)
        pixels = math.prod(operator.outputs[0].shape)
        each = math.prod(kernel[1:3])
        total += pixels * each * (kernel[3] if operator.name[0] == "C" else 1)
    return total


def check_builtin(path):
    """Raises a ValueError if LiteRT alone could not run a .tflite file.

    Flex operators need TensorFlow in the app, custom ones code of their own.

    Args:
        path: the file.

    Raises:
        ValueError: naming the operators and where they stand.
    """
    strange = {}
    for operator in read_graph(path).operators:
        if operator.custom:
            strange.setdefault(operator.name, operator.outputs[0].name)
    if strange:
        raise refusal(strange)


def refusal(strange):
    """The ValueError about operators that LiteRT does not have.

    Args:
        strange: dict of operator -> where it stands.
    """
    where = "; ".join(f"{name} in '{at}'" for name, at in strange.items())
    return ValueError(
        f"The network needs operators that LiteRT does not have: {where}. "
        "Export it at a fixed size (image_size=...), where more layers "
        "convert; or write that layer in keras.ops of four dimensions, as "
        "keras_gan_translate.layers does."
    )


def float_operators(operators):
    """The operators that compute in floats, in a fully quantized file.

    Args:
        operators: list of `Operator`.

    Returns:
        List of the `Operator`s that take or make floats.
    """
    return [
        operator
        for operator in operators
        if any(
            tensor.dtype.startswith("float")
            for tensor in operator.inputs + operator.outputs
        )
    ]


def _graph(model, subgraph):
    schema = flatbuffer.schema()
    types = _names(schema.TensorType)
    codes = _names(schema.BuiltinOperator)
    tensors = [_tensor(model, tensor, types) for tensor in subgraph.tensors]

    def chosen(indices):
        # -1 stands for an optional input that is absent.
        return [tensors[i] for i in _list(indices) if i >= 0]

    operators = []
    for operator in _list(subgraph.operators):
        code = model.operatorCodes[operator.opcodeIndex]
        # Files older than 127 operators hold the code in the other field.
        name = codes[max(code.builtinCode, code.deprecatedBuiltinCode)]
        custom, options = name == "CUSTOM", operator.builtinOptions
        operators.append(
            Operator(
                name=code.customCode.decode() if custom else name,
                custom=custom,
                inputs=chosen(operator.inputs),
                outputs=chosen(operator.outputs),
                options=dict(vars(options)) if options else {},
            )
        )
    return Graph(chosen(subgraph.inputs), chosen(subgraph.outputs), operators)


def _tensor(model, tensor, types):
    dtype = types[tensor.type].lower()
    shape = tuple(_list(tensor.shapeSignature) or _list(tensor.shape))
    quantization = tensor.quantization
    scale = None if quantization is None else quantization.scale
    quantized = scale is not None and len(scale) > 0
    data = model.buffers[tensor.buffer].data
    values = None
    if data is not None and len(data):
        values = np.asarray(data, "uint8")
        if dtype not in ("string", "int4", "int2"):  # no types of NumPy
            values = values.view(dtype).reshape(tuple(_list(tensor.shape)))
    return Tensor(
        name=tensor.name.decode(),
        shape=tuple(int(size) for size in shape),
        dtype=dtype,
        scale=np.asarray(scale, "float32") if quantized else None,
        zero_point=int(quantization.zeroPoint[0]) if quantized else None,
        values=values,
    )


def _names(enum):
    return {v: k for k, v in vars(enum).items() if isinstance(v, int)}


def _list(vector):
    """A vector of the schema: an array, a list, or None if empty."""
    if vector is None:
        return []
    return vector.tolist() if isinstance(vector, np.ndarray) else vector
