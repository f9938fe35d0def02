"""Which operators of a .tflite file the GPU of a phone would not take."""

import dataclasses
import itertools
import math

import numpy as np

from keras_gan_translate.export.operators import read_graph

# Sources, as of TensorFlow 2.21, all below tensorflow/lite:
# - tools/versioning/gpu_compatibility.cc: the operators that the GPU delegate
#   takes and on what conditions;
# - delegates/gpu/common/model_builder.cc: what it refuses beyond that (types,
#   strides below 1) as it builds;
# - "Tensor dimensions must be less than 5", the delegate of ai-edge-litert
#   2.3.0 at run time. That delegate casts uint8 and rounds; older ones do not.
# TensorFlow's own Analyzer finds every file compatible in that release.
SUPPORTED = frozenset(
    """
    ABS ADD ADD_N ATAN2 AVERAGE_POOL_2D BATCH_MATMUL CAST CEIL CONCATENATION
    CONV_2D COS CUMSUM DENSIFY DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE DIV
    DYNAMIC_UPDATE_SLICE ELU EMBEDDING_LOOKUP EQUAL EXP FLOOR FLOOR_DIV
    FLOOR_MOD FULLY_CONNECTED GATHER GELU GREATER GREATER_EQUAL HARD_SWISH
    LEAKY_RELU LESS LESS_EQUAL LOG LOGICAL_AND LOGISTIC LSTM MAXIMUM
    MAX_POOL_2D MEAN MINIMUM MIRROR_PAD MUL NEG NOT_EQUAL ONE_HOT PACK PAD
    PADV2 POW PRELU QUANTIZE REDUCE_MAX REDUCE_MIN REDUCE_PROD RELU RELU6
    RELU_N1_TO_1 RESHAPE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR RSQRT SELECT
    SELECT_V2 SIGN SIN SLICE SOFTMAX SPACE_TO_DEPTH SPLIT SPLIT_V SQRT SQUARE
    SQUARED_DIFFERENCE STABLEHLO_CLAMP STRIDED_SLICE SUB SUM TANH TILE
    TRANSPOSE TRANSPOSE_CONV
    """.split()
)
REDUCTIONS = ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD")
PADDINGS = ("PAD", "PADV2", "MIRROR_PAD")
SLICES = ("SLICE", "STRIDED_SLICE")
SLICE_MASKS = {
    "ellipsisMask": "an ellipsis",
    "newAxisMask": "a new axis",
    "shrinkAxisMask": "a dropped axis",
}
CASTS = ("float32", "int32")
FLOATS = ("float32", "float16")
TINY = 2.0**-14  # float16's smallest normal number; GPUs take less for zero
HUGE = 65504.0  # its largest
ARITHMETIC = ("ADD", "SUB", "MUL", "DIV", "MAXIMUM")
# What an epsilon protects from zero.
DIVISIONS = ("RSQRT", "DIV", "LOG", "POW")
# Tried with ai-edge-litert 2.3.0 on Vulkan: some int8 networks come out right,
# for others the delegate writes shaders that do not compile.
EMULATED = (
    "int8 is emulated in floats, not always rightly; export float16 for GPUs"
)


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something that the GPU of a phone would not take.

    Attributes:
        operator: its name.
        reason: why, in words.
        shapes: list of the types and shapes it makes, as text.
        count: how many there are.
        kind: "unsupported", it runs on the processor instead; or "precision",
            it runs, but not in float16.
    """

    operator: str
    reason: str
    shapes: list
    count: int
    kind: str


def check_gpu(path):
    """Lists what LiteRT's GPU delegate would not take, and what float16 not.

    A device may still refuse more; only it can tell. Without findings the
    whole network runs on the GPU, in float16.

    Args:
        path: a .tflite file.

    Returns:
        List of `Finding`, equal ones as one.

    Raises:
        ValueError: it is no .tflite file, or a damaged one.
    """
    operators = _without_storage(read_graph(path).operators)
    found = [
        (operator, "unsupported", _unsupported(operator))
        for operator in operators
    ]
    found += [
        (operator, "precision", reason)
        for operator, reason in _imprecise(operators)
    ]

    def same(item):
        return item[0].name, item[1], item[2]

    found = sorted((item for item in found if item[2]), key=same)
    findings = []
    for (name, kind, reason), items in itertools.groupby(found, same):
        shapes = [str(operator.outputs[0]) for operator, *_ in items]
        distinct = list(dict.fromkeys(shapes))
        findings.append(Finding(name, reason, distinct, len(shapes), kind))
    return findings


def _unsupported(operator):
    """Why the delegate refuses an operator, or None."""
    name, computed = operator.name, operator.computed_inputs
    if operator.custom or name not in SUPPORTED:
        return "the GPU has no such operator"
    tensors = [*computed, *operator.outputs]
    if any(-1 in tensor.shape for tensor in tensors):
        return "its size is dynamic; export at a fixed image_size"
    if any(len(tensor.shape) > 4 for tensor in tensors):
        return "it has more than four dimensions"
    if any(len(t.shape) == 4 and t.shape[0] != 1 for t in tensors):
        return "its batch is not one image"
    if name == "CAST":
        (source,), (target,) = computed, operator.outputs
        if {source.dtype, target.dtype} <= set(CASTS):
            return None
        return f"no cast from {source.dtype} to {target.dtype}"
    for tensor in tensors:
        quantized = (
            tensor.dtype in ("int8", "uint8") and tensor.scale is not None
        )
        if tensor.dtype not in FLOATS and not quantized:
            return f"it computes in {tensor.dtype}"
    if name in ("ADD", "MUL"):
        return _broadcast(*operator.inputs)
    if name in REDUCTIONS and operator.inputs[1].values is None:
        return "its axes are computed"
    if name in PADDINGS:
        if operator.inputs[1].shape not in ((3, 2), (4, 2)):
            return "its paddings are not of three or four dimensions"
        if name == "MIRROR_PAD" and operator.options["mode"] != 0:
            return "it repeats the border (SYMMETRIC)"
    if name in SLICES:
        return _slice(operator)
    return None


def _broadcast(first, second):
    """Why two tensors cannot be added or multiplied, or None."""
    sizes = list(
        itertools.zip_longest(
            reversed(first.shape), reversed(second.shape), fillvalue=1
        )
    )
    if any(a != b and 1 not in (a, b) for a, b in sizes):
        return f"no broadcast of {list(first.shape)} and {list(second.shape)}"
    if any(a < b for a, b in sizes) and any(a > b for a, b in sizes):
        return "either input is stretched; one has to have the full shape"
    return None


def _slice(operator):
    if len(operator.inputs[0].shape) not in (3, 4):
        return "it slices a tensor of other than three or four dimensions"
    for mask, words in SLICE_MASKS.items():
        if operator.options.get(mask):
            return f"it slices with {words}"
    if operator.name == "STRIDED_SLICE":
        strides = operator.inputs[3].values
        if strides is not None and (strides < 1).any():
            return "it slices backwards"
    return None


def _without_storage(operators):
    """The operators without those that only unpack stored constants."""
    constants = {
        operator.outputs[0].name: operator.inputs[0].values
        for operator in operators
        if operator.name == "DEQUANTIZE" and not operator.computed_inputs
    }

    def unpacked(tensor):
        values = constants.get(tensor.name, tensor.values)
        return dataclasses.replace(tensor, values=values)

    return [
        dataclasses.replace(
            operator, inputs=[unpacked(tensor) for tensor in operator.inputs]
        )
        for operator in operators
        if operator.outputs[0].name not in constants
    ]


def _imprecise(operators):
    """(operator, reason) of what float16 does not hold."""
    readers = {}
    for operator in operators:
        for tensor in operator.inputs:
            readers.setdefault(tensor.name, set()).add(operator.name)
    for operator in operators:
        if operator.name == "QUANTIZE":
            yield operator, EMULATED
        if operator.name not in ARITHMETIC:
            continue
        after = readers.get(operator.outputs[0].name, set())
        divides = sorted(after.intersection(DIVISIONS))
        for tensor in operator.inputs:
            if tensor.values is None or tensor.dtype not in FLOATS:
                continue
            largest = float(np.abs(tensor.values).max())
            if largest > HUGE:
                yield operator, f"its constant {largest:.3g} is infinite there"
            elif 0 < largest < TINY and divides:
                yield (
                    operator,
                    f"its constant {_digits(largest)} is zero in float16, and "
                    f"{divides[0]} follows",
                )
            elif 0 < largest < TINY and operator.name in ("MUL", "DIV"):
                yield (
                    operator,
                    f"its factor {_digits(largest)} is zero in float16",
                )


def _digits(value):
    """A number in the digits it was written with: 1e-05, not 1.0014e-05."""
    places = 2 - math.floor(math.log10(value))
    return f"{round(value, places):.3g}"
