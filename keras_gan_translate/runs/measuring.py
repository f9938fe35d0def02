"""What a training step costs: operations counted, memory, waiting."""

import sys

import keras

from keras_gan_translate.backend import BACKEND


def wait_for(tensor):
    """Returns when a tensor has been computed, not just asked for."""
    keras.ops.convert_to_numpy(keras.ops.ravel(tensor)[:1])


def training_operations(model, batch):
    """Floating-point operations of a training step, counted from its graph.

    Of a step in which every player plays.
    """
    if BACKEND == "jax":
        state = tuple([v.value for v in group] for group in model.state())
        return _count_operations(model.train_step, state, batch)
    return _count_operations(model.train_step, batch)


def forward_operations(network, inputs):
    """Floating-point operations of a network, counted from its graph."""
    return _count_operations(lambda x: network(x, training=False), inputs)


def peak_memory():
    """Largest memory in bytes: the accelerator's, else the process's.

    None where the system does not tell.
    """
    if BACKEND == "jax":
        import jax

        # None on a CPU.
        statistics = jax.local_devices()[0].memory_stats()
        if statistics:
            return statistics["peak_bytes_in_use"]
    else:
        import tensorflow as tf

        if tf.config.list_logical_devices("GPU"):
            return tf.config.experimental.get_memory_info("GPU:0")["peak"]
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def _count_operations(function, *arguments):
    if BACKEND == "jax":
        import jax

        lowered = jax.jit(function).lower(*arguments)
        return lowered.cost_analysis()["flops"]
    import tensorflow as tf

    arguments = keras.tree.map_structure(tf.convert_to_tensor, arguments)
    return _in_graph(
        tf.function(function).get_concrete_function(*arguments).graph
    )


def _in_graph(graph):
    """Operations of a TensorFlow graph and of the functions it calls."""
    import tensorflow as tf

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
