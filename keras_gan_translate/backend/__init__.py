"""What differs between TensorFlow and JAX in training; nothing else does.

The rest of the package speaks `keras.ops`. A function here exists once per
backend, under one name; the backend that is not in use is never imported.
"""

import sys

import keras

BACKEND = keras.backend.backend()


def use_xla():
    """Whether compiled steps pay here: always on JAX, else on accelerators.

    On a CPU XLA makes TensorFlow's training step slower (measured: 1.97 s
    against 1.64 s for a ResNet-9 generator at 256 pixels) and compiles long.
    """
    if BACKEND == "jax":
        return True
    return any(
        d.device_type != "CPU" for d in _tf().config.list_logical_devices()
    )


def num_replicas():
    """Number of devices among which `tf.distribute` splits a batch."""
    if BACKEND == "jax":
        return 1
    return _tf().distribute.get_strategy().num_replicas_in_sync


def gradients(loss, variables):
    """Gradients of a loss with respect to one player's variables only.

    Nothing is differentiated, and on TensorFlow nothing recorded, that does
    not depend on `variables`: networks of other players cost a forward pass.

    Args:
        loss: function without arguments that returns (scalar, anything). It
            may assign variables (running means, power iterations, pools).
        variables: list of `keras.Variable`.

    Returns:
        (anything, list of gradients, in the order of `variables`)
    """
    if BACKEND == "jax":
        return _jax_gradients(loss, variables)
    tf = _tf()
    values = [variable.value for variable in variables]
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
    if BACKEND == "jax":
        return _jax_input_gradients(function, inputs)
    tf = _tf()
    inputs = tf.convert_to_tensor(inputs)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        total = tf.reduce_sum(function(inputs))
    return tape.gradient(total, inputs)


def apply_gradients(optimizer, grads, variables):
    """One optimizer step of one player, in whichever state is current."""
    if BACKEND == "tensorflow":
        optimizer.apply(grads, variables)
        return
    new_variables, new_state = optimizer.stateless_apply(
        [v.value for v in optimizer.variables],
        grads,
        [v.value for v in variables],
    )
    for variable, value in zip(variables, new_variables):
        variable.assign(value)
    for variable, value in zip(optimizer.variables, new_state):
        variable.assign(value)


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
    if BACKEND != "tensorflow" or variable.dtype != "float32":
        return False
    handles = [
        (x.value if isinstance(x, keras.Variable) else x).handle
        for x in (variable, m, v)
    ]
    _tf().raw_ops.ResourceApplyAdam(
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


def predict(network, images, training=False):
    """A network's output as NumPy arrays, compiled once per shape.

    Args:
        network: `keras.Model` of one image input.
        images: float32 array (N, H, W, C).
        training: passed on to the network, whose state stays as it is.

    Returns:
        Array, or dict of arrays, as the network returns.
    """
    if training:
        # The scope throws away what training would update.
        with keras.StatelessScope():
            output = network(images, training=True)
    else:
        network.jit_compile = use_xla()
        output = network.predict_on_batch(images)
    return keras.tree.map_structure(keras.ops.convert_to_numpy, output)


def stateless_step(step, variables, values, data):
    """Runs a stateful step as the pure function that Keras' JAX trainer jits.

    Args:
        step: function of `data` that reads and assigns Keras variables.
        variables: sequence of lists of variables, all the state there is.
        values: their values, in the same structure.
        data: a batch.

    Returns:
        (what `step` returned, tuple of lists of new values)

    Raises:
        ValueError: the step assigned a variable that the state lacks; its
            new value would be lost without a word.
    """
    known = [pair for pairs in zip(variables, values) for pair in zip(*pairs)]
    with _Scope(known) as scope:
        result = step(data)
    known = {id(variable) for variable, _ in known}
    lost = [v.path for v, _ in scope.updates.values() if id(v) not in known]
    if lost:
        raise ValueError(
            f"The training step assigned {lost}, which the model does not "
            "track: keep variables in layers that are attributes of the model."
        )
    return result, tuple(
        [scope.get_current_value(v) for v in group] for group in variables
    )


def keep_state(train_function, variables):
    """Gives the variables their values back if a first step fails.

    Keras' JAX trainer takes them away before it: an error in the data would
    leave a model without weights.
    """
    if BACKEND == "tensorflow":
        return train_function

    def guarded(values, data):
        try:
            return train_function(values, data)
        except Exception:
            for group, kept in zip(variables, values):
                for variable, value in zip(group, kept):
                    if not value.is_deleted():
                        variable.assign(value)
            raise

    return guarded


def image_writer(folder):
    """A function (name, uint8 image, step) that writes for TensorBoard.

    Raises:
        ImportError: TensorFlow or TensorBoard is absent.
    """
    try:
        import tensorboard  # noqa: F401, `tf.summary.image` needs it
        import tensorflow as tf
    except ImportError as error:
        raise ImportError(
            "Writing images for TensorBoard needs TensorFlow and TensorBoard: "
            "run `pip install tensorflow tensorboard`, or leave out "
            "`tensorboard`; PNG files in `folder` need nothing."
        ) from error
    writer = tf.summary.create_file_writer(str(folder))

    def write(name, image, step):
        with writer.as_default():
            tf.summary.image(name, image[None], step=step)
        writer.flush()

    return write


def wait_for(tensor):
    """Returns when a tensor has been computed, not just asked for."""
    keras.ops.convert_to_numpy(keras.ops.ravel(tensor)[:1])


def training_operations(model, batch):
    """Floating-point operations of a training step, counted from its graph."""
    if BACKEND == "jax":
        state = tuple([v.value for v in group] for group in model.state())
        return _count_operations(model.train_step, state, batch)
    return _count_operations(model.train_step, batch)


def forward_operations(network, images):
    """Floating-point operations of a network, counted from its graph."""
    return _count_operations(lambda x: network(x, training=False), images)


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
    elif _tf().config.list_logical_devices("GPU"):
        return _tf().config.experimental.get_memory_info("GPU:0")["peak"]
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
    tf = _tf()
    arguments = keras.tree.map_structure(tf.convert_to_tensor, arguments)
    graph = tf.function(function).get_concrete_function(*arguments).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    profile = tf.compat.v1.profiler.profile(graph, options=options)
    return profile.total_float_ops


def _tf():
    import tensorflow as tf

    return tf


class _Scope(keras.StatelessScope):
    """A stateless scope that inherits its parent's values.

    Keras' own starts empty: a variable that it does not map reads its
    initial value during `fit`.
    """

    current = None

    def __init__(self, state_mapping=()):
        super().__init__(state_mapping=state_mapping)
        self.updates = {}  # id -> (variable, value)
        self.parent = _Scope.current
        if self.parent is not None:
            self.state_mapping = self.parent.state_mapping | self.state_mapping

    def __enter__(self):
        _Scope.current = self
        return super().__enter__()

    def __exit__(self, *args):
        _Scope.current = self.parent
        return super().__exit__(*args)

    def add_update(self, update):
        super().add_update(update)
        variable, value = update
        self.updates[id(variable)] = (variable, value)


def _jax_differentiate(function, argument, mapping):
    """Value-and-gradient of a stateful function; its updates are kept.

    `function(argument)` returns (scalar, extra); `mapping(argument)` lists
    (variable, value) pairs that hold while it runs.
    """
    import jax

    assigned = {}

    def pure(argument):
        with _Scope(mapping(argument)) as scope:
            total, extra = function(argument)
        assigned.update({k: v for k, (v, _) in scope.updates.items()})
        return total, (extra, {k: x for k, (_, x) in scope.updates.items()})

    grads, (extra, values) = jax.grad(pure, has_aux=True)(argument)
    for key, value in values.items():
        assigned[key].assign(value)
    return extra, grads


def _jax_gradients(loss, variables):
    return _jax_differentiate(
        lambda _: loss(),
        [v.value for v in variables],
        lambda values: list(zip(variables, values)),
    )


def _jax_input_gradients(function, inputs):
    inputs = keras.ops.convert_to_tensor(inputs)
    _, grads = _jax_differentiate(
        lambda x: (keras.ops.sum(function(x)), None), inputs, lambda _: []
    )
    return grads
