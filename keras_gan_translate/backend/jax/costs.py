"""What a step costs, as XLA counts it."""

import jax


def operations(function, *arguments):
    """As on TensorFlow."""
    lowered = jax.jit(function).lower(*arguments)
    return lowered.cost_analysis()["flops"]


def step_operations(model, batch):
    """As on TensorFlow."""
    state = tuple([v.value for v in group] for group in model.state())
    return operations(model.train_step, state, batch)


def accelerator_memory():
    """As on TensorFlow."""
    # None on a CPU.
    statistics = jax.local_devices()[0].memory_stats()
    return statistics["peak_bytes_in_use"] if statistics else None
