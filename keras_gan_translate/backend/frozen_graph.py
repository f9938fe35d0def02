"""Graphs with their weights in them, as TensorFlow 1 stored networks."""

# What networks of images consist of; whatever else a graph does is not run.
COMPUTING = frozenset(
    "Add AddV2 AvgPool BatchNormWithGlobalNormalization BiasAdd Cast "
    "CheckNumerics Concat ConcatV2 Const Conv2D ExpandDims Identity MatMul "
    "MaxPool Mean Mul Placeholder Relu Reshape ResizeBilinear Squeeze "
    "Sub".split()
)


def read_frozen_graph(content, start, end):
    """A part of a stored graph as a function of images.

    Args:
        content: bytes of the .pb file.
        start: name of the node that the images take the place of.
        end: name of the node whose output is wanted.

    Returns:
        Function from float32 (N, H, W, 3) to a NumPy array.

    Raises:
        ImportError: TensorFlow is missing.
        ValueError: it is no graph, lacks one of the nodes, or does more than
            compute; nothing of it has been run then.
    """
    try:
        import tensorflow as tf
    except ImportError as error:
        raise ImportError(
            "A frozen graph is a TensorFlow file: it needs tensorflow."
        ) from error
    graph = tf.compat.v1.GraphDef()
    try:
        graph.ParseFromString(content)
    except Exception as error:  # protobuf's own
        raise ValueError(f"it cannot be parsed, {error}") from error
    missing = sorted({start, end} - {node.name for node in graph.node})
    if missing:
        raise ValueError(f"it has no nodes {' and '.join(missing)}")
    strange = sorted({node.op for node in _between(graph, start, end)})
    strange = [name for name in strange if name not in COMPUTING]
    if strange:
        raise ValueError(
            "it does more than compute and was not run: it has "
            f"{', '.join(strange)}"
        )
    kept = tf.compat.v1.GraphDef()
    kept.node.extend(_between(graph, start, end))

    def imported(images):
        placed = {f"{start}:0": images}
        (output,) = tf.graph_util.import_graph_def(
            kept, input_map=placed, return_elements=[f"{end}:0"]
        )
        return output

    run = tf.compat.v1.wrap_function(
        imported, [tf.TensorSpec((None, None, None, 3), tf.float32)]
    )
    return lambda images: run(tf.constant(images)).numpy()


def _between(graph, start, end):
    """The nodes that an output is made of, up to where images come in."""
    nodes = {node.name: node for node in graph.node}
    found, waiting = {}, [end]
    while waiting:
        name = waiting.pop().lstrip("^").partition(":")[0]
        if name in found or name == start or name not in nodes:
            continue
        found[name] = nodes[name]
        waiting += nodes[name].input
    return list(found.values())
