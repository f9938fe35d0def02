"""Whether a SavedModel only computes, read off its graph before it is loaded.

A SavedModel is a program: its operators can read and write files and start
processes, when it is loaded or when it is run. Here every operator of the
graph and of its library of functions is looked up in a list of those that
compute and nothing else. The saver that TensorFlow writes into every model
reads and writes checkpoints; it may stand where only a saver is called.
"""

import math
import pathlib

from keras_gan_translate.support.messages import shorten
from keras_gan_translate.support.untrusted import (
    MIB,
    check_regular,
    explained,
    read_bytes,
)

GRAPH = "saved_model.pb"
MAX_GRAPH = 64 * MIB  # bytes; weights lie beside it
# Of numbers that lie in the graph; one number can stand for as many as wanted.
MAX_CONSTANTS = 256 * MIB
COMPUTING = frozenset(
    """
    Abs Acos Acosh Add AddN AddV2 All Any ArgMax ArgMin Asin Asinh Assert
    AssignVariableOp Atan Atan2 Atanh AvgPool AvgPool3D BatchMatMul
    BatchMatMulV2 BatchMatMulV3 BatchToSpace BatchToSpaceND BiasAdd BitwiseAnd
    BitwiseOr BitwiseXor BroadcastArgs BroadcastTo Bucketize Cast Ceil
    CheckNumerics ClipByValue Concat ConcatV2 Const Conv2D
    Conv2DBackpropInput Conv3D Conv3DBackpropInputV2 Cos Cosh
    CropAndResize Cumprod Cumsum DecodeImage DecodeJpeg DecodePng DecodeRaw
    DepthToSpace DepthwiseConv2dNative DepthwiseConv2dNativeBackpropInput
    DivNoNan Einsum Elu EncodeJpeg EncodePng EnsureShape Equal Erf Erfc Exp
    ExpandDims Expm1 ExtractImagePatches ExtractJpegShape
    FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVars
    FakeQuantWithMinMaxVarsPerChannel Fill Floor FloorDiv FloorMod
    FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 Gather GatherNd GatherV2
    Greater GreaterEqual Identity IdentityN If InvertPermutation IsFinite IsInf
    IsNan L2Loss LRN LeakyRelu LeftShift Less LessEqual LinSpace Log Log1p
    LogSoftmax LogicalAnd LogicalNot LogicalOr LowerBound MatMul MatrixBandPart
    MatrixDiag MatrixDiagPart MatrixDiagPartV3 MatrixDiagV3 Max MaxPool
    MaxPoolV2 Maximum Mean Min Minimum MirrorPad Mod Mul MulNoNan Neg NoOp
    NotEqual OneHot OnesLike Pack Pad PadV2 PartitionedCall Placeholder
    PlaceholderWithDefault Pow Prod RandomStandardNormal RandomUniform
    RandomUniformInt Range Rank ReadVariableOp RealDiv Reciprocal Relu Relu6
    Reshape ResizeArea ResizeBicubic ResizeBilinear ResizeNearestNeighbor
    Reverse ReverseV2 RightShift Rint Roll Round Rsqrt ScaleAndTranslate
    ScatterNd SegmentSum Select SelectV2 Selu Shape ShapeN Sigmoid Sign Sin
    Sinh Size Slice Softmax Softplus Softsign SpaceToBatch SpaceToBatchND
    SpaceToDepth Split SplitV Sqrt Square SquaredDifference Squeeze
    StatefulPartitionedCall StatelessIf StatelessRandomGetKeyCounter
    StatelessRandomNormalV2 StatelessRandomUniformV2 StatelessTruncatedNormalV2
    StatelessWhile StopGradient StridedSlice StringFormat StringJoin
    StringLength StringToHashBucketFast Sub Substr Sum Tan Tanh
    TensorListConcatV2 TensorListElementShape TensorListFromTensor
    TensorListGetItem TensorListLength TensorListPushBack TensorListReserve
    TensorListSetItem TensorListStack TensorScatterAdd TensorScatterUpdate Tile
    TopKV2 Transpose TruncateDiv TruncateMod TruncatedNormal Unique Unpack
    UnsortedSegmentMax UnsortedSegmentSum UpperBound VarHandleOp
    VarIsInitializedOp VariableShape Where While Xdivy Xlogy ZerosLike
    """.split()
)
RESTORER = {
    "PartitionedCall",
    "Placeholder",
    "StatefulPartitionedCall",
    "VarHandleOp",
}
RESTORING = COMPUTING | {"DisableCopyOnRead", "RestoreV2"}
SAVING = RESTORING | {
    "MergeV2Checkpoints",
    "SaveV2",
    "ShardedFilename",
    "StaticRegexFullMatch",
}
# What TensorFlow makes of the objects of a model while it loads it. A
# resource or an asset would run functions or open files then.
OBJECTS = {
    "bare_concrete_function",
    "captured_tensor",
    "constant",
    "function",
    "user_object",
    "variable",
}


def check_harmless(folder):
    """Raises unless a SavedModel computes and does nothing else.

    Args:
        folder: the folder of its saved_model.pb, which is not loaded.

    Raises:
        ValueError: it may do something else, is damaged, or declares more
            than it holds; says what it was.
        ImportError: TensorFlow is missing.
    """
    folder = pathlib.Path(folder)
    saved = read_graph(folder)
    held = sum(check_regular(file) for file in folder.glob("variables/*"))
    with explained(folder, "SavedModel"):
        found = sorted(
            {what for graph in saved.meta_graphs for what in _strange(graph)}
        )
        declared = sum(
            _bytes_of(node.variable.dtype, node.variable.shape)
            for graph in saved.meta_graphs
            for node in graph.object_graph_def.nodes
            if node.WhichOneof("kind") == "variable"
        )
    if declared > held:
        raise ValueError(
            f"'{folder}' was not loaded: its variables declare {declared} "
            f"bytes, and {held} lie in variables/."
        )
    if found:
        raise ValueError(
            f"'{folder}' was not loaded: a SavedModel is a program, and this "
            "one does more than compute. It has "
            f"{shorten(found, 5)}. If you know who made it and would run "
            "their program, say --trust (in Python: trust=True)."
        )


def read_graph(folder):
    """The `SavedModel` message of a folder; nothing of it is run.

    Raises:
        ValueError: it is damaged, no regular file, or too large for a graph.
        ImportError: TensorFlow is missing.
    """
    try:
        from tensorflow.core.protobuf import saved_model_pb2
    except ImportError as error:
        raise ImportError(
            "Reading a SavedModel needs TensorFlow: run `pip install "
            "tensorflow`."
        ) from error
    saved = saved_model_pb2.SavedModel()
    content = read_bytes(pathlib.Path(folder, GRAPH), MAX_GRAPH)
    with explained(folder, "SavedModel"):
        saved.ParseFromString(content)
        if not saved.meta_graphs:
            raise ValueError("there is no graph in it")
    return saved


def _strange(graph):
    """What a graph has that does not compute, as words."""
    from tensorflow.python.framework import op_def_registry

    nodes = {node.name: node for node in graph.graph_def.node}
    library = {f.signature.name: f for f in graph.graph_def.library.function}
    for name in library:
        if op_def_registry.get(name) is not None:
            yield f"a function that is called as the operator {name}"
    save = _name(graph.saver_def.save_tensor_name)
    restore = _name(graph.saver_def.restore_op_name)
    ends = [*_ends(graph), *(i for node in nodes.values() for i in node.input)]
    if {save, restore} & set(map(_name, ends)):
        yield "a saver that it calls itself"
    others = [n for n in nodes.values() if n.name not in (save, restore)]
    called = _closure(_calls(others, library), library)
    # Objects of the model can be called by whoever loads it.
    called |= _closure(graph.object_graph_def.concrete_functions, library)
    saving, restoring = (
        _closure(_calls([nodes[name]], library), library)
        if name in nodes
        else set()
        for name in (save, restore)
    )
    if len(restoring) > 1:
        yield "a restorer of several functions"
    if restoring and _op_types([restore], nodes) - RESTORER:
        yield "a restorer that chooses what it reads"
    for name, function in library.items():
        allowed = COMPUTING
        if name not in called and name in restoring:
            allowed = RESTORING
            yield from _read_elsewhere(function)
        elif name not in called and name in saving:
            allowed = SAVING
        yield from _operators(function.node_def, allowed, library)
    yield from _operators(graph.graph_def.node, COMPUTING, library)
    for node in graph.object_graph_def.nodes:
        kind = node.WhichOneof("kind") or "user_object"
        if kind not in OBJECTS:
            yield f"an object of the kind {kind}"
        if node.registered_name or node.registered_saver:
            yield f"an object {node.registered_name or node.registered_saver}"
    if graph.asset_file_def:
        yield "files that it opens (assets)"
    declared = sum(
        _bytes_of(tensor.dtype, tensor.tensor_shape)
        for tensor in _constants(graph)
    )
    if declared > MAX_CONSTANTS:
        yield f"numbers of {declared} bytes in its graph"


def _name(tensor):
    """The node of "node:0", "^node" or "node"."""
    return tensor.removeprefix("^").partition(":")[0]


def _op_types(names, nodes):
    """The operators that some nodes' values come from, their own included."""
    waiting, found = list(names), set()
    while waiting:
        name = waiting.pop()
        if name in nodes and name not in found:
            found.add(name)
            waiting += map(_name, nodes[name].input)
    return {nodes[name].op for name in found}


def _ends(graph):
    """The nodes that are asked for when it is loaded or run."""
    for signature in graph.signature_def.values():
        for tensor in (
            *signature.inputs.values(),
            *signature.outputs.values(),
        ):
            yield tensor.name
    for collection in graph.collection_def.values():
        yield from collection.node_list.value


def _closure(names, library):
    waiting, found = [n for n in names if n in library], set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _calls(library[name].node_def, library)
    return found


def _calls(nodes, library):
    """The names of the functions that nodes call."""
    for node in nodes:
        if node.op in library:
            yield node.op
        for value in node.attr.values():
            for function in (value.func, *value.list.func):
                if function.name in library:
                    yield function.name


def _operators(nodes, allowed, library):
    for node in nodes:
        if node.op not in allowed and node.op not in library:
            yield f"the operator {node.op}"


def _read_elsewhere(function):
    """A restorer that reads another checkpoint than the model's own."""
    given = {arg.name for arg in function.signature.input_arg}
    for node in function.node_def:
        if node.op == "RestoreV2" and node.input[0] not in given:
            yield "a checkpoint of its own choice to read (RestoreV2)"


def _constants(graph):
    functions = graph.graph_def.library.function
    for nodes in (graph.graph_def.node, *(f.node_def for f in functions)):
        for node in nodes:
            if node.op == "Const":
                yield node.attr["value"].tensor


def _bytes_of(dtype, shape):
    from tensorflow import dtypes

    size = dtypes.as_dtype(dtype).size or 1
    return size * math.prod(max(0, d.size) for d in shape.dim)
