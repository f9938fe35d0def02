"""Devices, and the shares of a batch that they compute."""

import contextlib
import functools

import keras
import tensorflow as tf

APART = 1_000_003  # from one replica's random seeds to the next one's


def use_xla():
    """Whether compiled steps pay here: always on JAX, else on accelerators.

    On a CPU XLA makes TensorFlow's training step slower (measured: 1.97 s
    against 1.64 s for a ResNet-9 generator at 256 pixels) and compiles long.
    """
    devices = tf.config.list_logical_devices()
    return any(device.device_type != "CPU" for device in devices)


def num_replicas():
    """Number of devices among which `tf.distribute` splits a batch."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def several_devices(count):
    """A scope: what is built within it trains on several devices.

    Args:
        count: number of devices, 2 or more; None takes all there are.

    Returns:
        (names of the devices, context manager)

    Raises:
        ValueError: there are not so many.
    """
    devices = tf.config.list_logical_devices()
    accelerators = [d.name for d in devices if d.device_type != "CPU"]
    names = accelerators or [d.name for d in devices]
    if count is not None and count > len(names):
        raise ValueError(
            f"{count} devices were asked for, and TensorFlow sees {len(names)} "
            f"here: {', '.join(names)}. Ask for as many, or make the others "
            "visible (CUDA_VISIBLE_DEVICES); a CPU is one device, however many "
            "cores it has."
        )
    names = names[:count]
    return names, _mirrored(tuple(names)).scope()


@functools.cache
def _mirrored(names):
    """The strategy of some devices: a second one would take its messages."""
    return tf.distribute.MirroredStrategy(list(names))


def devices_of(model):
    """Among how many devices a model's batches are dealt out."""
    return model.distribute_strategy.num_replicas_in_sync


def own_batches(count):
    """How many batches a step computes that is dealt out to devices."""
    return count


@contextlib.contextmanager
def one_batch(model):
    """Within it, replicas' shares of a batch count as one batch.

    Batch normalization takes the statistics of all shares, and what is drawn
    at random differs from replica to replica.
    """
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        yield
        return
    norms = [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    seeds = [
        variable
        for variable in model.non_trainable_variables
        if variable.name == "seed_generator_state"
    ]
    offset = APART * context.replica_id_in_sync_group
    for seed in seeds:
        # Each replica has its own copy, and checkpoints the first one's.
        seed.assign_add([offset, 0])
    # Not for good: JAX refuses files of layers that are synchronized.
    for norm in norms:
        norm.synchronized = True
    try:
        yield
    finally:
        for norm in norms:
            norm.synchronized = False
    for seed in seeds:
        seed.assign_sub([offset, 0])


def gathered(values):
    """All replicas' values, the first one's first; one's own without any.

    Args:
        values: tensor with the batch first, as long in every replica.
    """
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return values
    count = context.num_replicas_in_sync
    own = tf.one_hot(context.replica_id_in_sync_group, count, True, False)
    own = tf.reshape(own, [count] + [1] * values.shape.rank)
    placed = tf.where(own, values[None], tf.zeros_like(values)[None])
    # Not `all_gather`, which XLA cannot compile.
    whole = context.all_reduce(tf.distribute.ReduceOp.SUM, placed)
    return tf.reshape(whole, tf.concat([[-1], tf.shape(values)[1:]], 0))


def dealt(values):
    """A replica's share of what the first replica has; `gathered` undone."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return values
    replica = context.replica_id_in_sync_group
    own = tf.where(tf.equal(replica, 0), values, tf.zeros_like(values))
    whole = context.all_reduce(tf.distribute.ReduceOp.SUM, own)
    share = tf.shape(whole)[0] // context.num_replicas_in_sync
    return whole[replica * share : (replica + 1) * share]


def predict_on_one(network, inputs):
    """A network's output as NumPy arrays, on one device."""
    network.jit_compile = use_xla()
    if devices_of(network) > 1 and network.predict_function is None:
        # Keras would have every replica translate all images.
        network.predict_function = tf.function(
            lambda data: network.predict_step(*data),
            autograph=False,
            jit_compile=network.jit_compile,
            reduce_retracing=True,
        )
    return network.predict_on_batch(inputs)
