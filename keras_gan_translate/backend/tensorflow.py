"""Training on TensorFlow: stateful steps, and a tape."""

import contextlib
import functools

import keras
import numpy as np
import tensorflow as tf

from keras_gan_translate.backend import tensorflow_convolutions

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


def joined_hosts(count, index, coordinator):
    """Refuses several hosts.

    Raises:
        ValueError: always.
    """
    raise ValueError(
        "Several hosts train together on JAX: set KERAS_BACKEND=jax. With "
        "TensorFlow, Keras 3 does not train under "
        "MultiWorkerMirroredStrategy."
    )


def num_hosts():
    """Number of processes that train together, each on its host."""
    return 1


def host_index():
    """Number of this one; 0 writes the run folder."""
    return 0


def told(value):
    """What host 0 has called this with, on all hosts."""
    return value


def ask_to_stop():
    """Asks host 0 to save and to stop, on another one."""


def asked_to_stop():
    """Whether another host has asked host 0 to save and to stop."""
    return False


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


def gradients(loss, variables, xla=False):
    """Gradients of a loss with respect to one player's variables only.

    Nothing is differentiated, and on TensorFlow nothing recorded, that does
    not depend on `variables`: networks of other players cost a forward pass.

    Args:
        loss: function without arguments that returns (scalar, anything). It
            may assign variables (running means, power iterations, pools).
        variables: list of `keras.Variable`.
        xla: whether the step is compiled, which chooses its own kernels.

    Returns:
        (anything, list of gradients, in the order of `variables`)
    """
    values = [variable.value for variable in variables]
    plain = not (xla or tf.executing_eagerly() or tf.distribute.has_strategy())
    if plain and tensorflow_convolutions.pay():
        with tensorflow_convolutions.own_gradients():
            total, extra = loss()
        return extra, tf.gradients(total, values, unconnected_gradients="zero")
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        total, extra = loss()
    # As on JAX, a variable out of the loss's reach has a gradient of zero.
    return extra, tape.gradient(
        total, values, unconnected_gradients=tf.UnconnectedGradients.ZERO
    )


def input_gradients(function, inputs):
    """Gradient of `sum(function(inputs))` with respect to the inputs.

    It can be differentiated again, as WGAN-GP's and R1's penalties need.

    Args:
        function: from a tensor to a tensor, e.g. a discriminator.
        inputs: float tensor of any shape.

    Returns:
        Tensor of the shape of `inputs`.
    """
    inputs = tf.convert_to_tensor(inputs)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        total = tf.reduce_sum(function(inputs))
    return tape.gradient(total, inputs)


def apply_gradients(optimizer, grads, variables):
    """One optimizer step of one player, in whichever state is current."""
    optimizer.apply(grads, variables)


def fused_adam(variable, m, v, gradient, rate, betas, powers, epsilon):
    """Adam's update in one pass over the memory, where the backend has it.

    XLA fuses the formula by itself; TensorFlow without it passes a dozen
    times over variables that are larger than any cache.

    Args:
        variable: float32 variable to update.
        m: its first moments.
        v: its second moments.
        gradient: tensor of the variable's shape.
        rate: scalar learning rate.
        betas: (beta_1, beta_2).
        powers: (beta_1 ** step, beta_2 ** step), scalars.
        epsilon: scalar, added to the root of v as it is.

    Returns:
        Whether the update was made.
    """
    if variable.dtype != "float32":
        return False
    handles = [
        (x.value if isinstance(x, keras.Variable) else x).handle
        for x in (variable, m, v)
    ]
    tf.raw_ops.ResourceApplyAdam(
        var=handles[0],
        m=handles[1],
        v=handles[2],
        beta1_power=powers[0],
        beta2_power=powers[1],
        lr=rate,
        beta1=betas[0],
        beta2=betas[1],
        epsilon=epsilon,
        grad=gradient,
    )
    return True


def repeat(times, step):
    """Runs a stateful step several times; it is traced once.

    Args:
        times: number of times, 1 or more.
        step: function without arguments that returns tensors.

    Returns:
        What the last of them returned.
    """
    if not tf.executing_eagerly() and num_replicas() == 1:
        step = tf.function(step, autograph=False)
    for _ in range(times):
        result = step()
    return result


def only_if(condition, step):
    """Runs a stateful step, or leaves everything as it is.

    Args:
        condition: boolean scalar.
        step: function without arguments that returns tensors.

    Returns:
        What it returned; zeros of that structure if it did not run.
    """
    traced = tf.function(step, autograph=False).get_concrete_function()

    def zeros():
        return tf.nest.map_structure(
            lambda spec: tf.zeros(spec.shape, spec.dtype),
            traced.structured_outputs,
        )

    return tf.cond(condition, traced, zeros)


def trainer_step(step, variables, data):
    """A step as Keras' trainer calls it; here it is stateful.

    Args:
        step: function of `data` that reads and assigns Keras variables.
        variables: sequence of lists of variables, all the state there is.
        data: a batch.

    Returns:
        What `step` returned.
    """
    return step(data)


def stepping(train_function, model):
    """What `fit` calls for every step: it trains, or passes batches over.

    Args:
        train_function: Keras' own.
        model: a `GAN`, whose `passes` says which, and whose `note` takes
            what the step returned and gives what `fit` shall see.

    Returns:
        A function like `train_function`.
    """

    def step(iterator):
        if not model.passes():
            return model.note(train_function(iterator))
        for _ in range(model.steps_per_execution):
            next(iterator)
        return {}

    return step


def assign(variable, value):
    """Gives a variable a value; of several hosts this one need not wait.

    Args:
        variable: `keras.Variable`.
        value: array, the same on all hosts.
    """
    variable.assign(value)


def copies(model, variables):
    """The values of a model's variables, between two steps of `fit`.

    Args:
        model: a `GAN`.
        variables: list of its variables.

    Returns:
        List of arrays, which later steps leave as they are.
    """
    tensors = [keras.ops.convert_to_tensor(variable) for variable in variables]
    return [np.array(tensor.numpy()) for tensor in tensors]
