"""What a step costs, as TensorFlow's profiler counts it."""

import keras
import tensorflow as tf


def operations(function, *arguments):
    """Floating-point operations of a function, counted from its graph.

    Args:
        function: of tensors; it is traced and not run.
        arguments: arrays, in any structure.
    """
    arguments = keras.tree.map_structure(tf.convert_to_tensor, arguments)
    return _in_graph(
        tf.function(function).get_concrete_function(*arguments).graph
    )


def step_operations(model, batch):
    """Those of a training step in which every player plays.

    Args:
        model: a compiled `GAN`.
        batch: dict of arrays.
    """
    return operations(model.train_step, batch)


def accelerator_memory():
    """Largest memory that an accelerator held, in bytes; None without one."""
    if tf.config.list_logical_devices("GPU"):
        return tf.config.experimental.get_memory_info("GPU:0")["peak"]
    return None


def _in_graph(graph):
    """Operations of a graph and of the functions it calls."""
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    profile = tf.compat.v1.profiler.profile(graph, options=options)
    total = profile.total_float_ops
    for op in graph.get_operations():
        # The profiler does not look into functions: players' steps are such.
        if op.type in ("PartitionedCall", "StatefulPartitionedCall"):
            name = op.get_attr("f").name
        elif op.type in ("If", "StatelessIf"):
            name = op.get_attr("then_branch").name
        else:
            continue
        total += _in_graph(graph._get_function(name).graph)
    return total
