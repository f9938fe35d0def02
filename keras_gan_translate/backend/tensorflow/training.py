"""Training on TensorFlow: stateful steps, and a tape."""

import keras
import numpy as np
import tensorflow as tf

from keras_gan_translate.backend.tensorflow import convolutions
from keras_gan_translate.backend.tensorflow.devices import num_replicas


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
    if plain and convolutions.pay():
        with convolutions.own_gradients():
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


def after(steps, tensors):
    """Tensors of which nothing is made before steps are over.

    What the graph's order leaves open may else be computed at once, and lie
    in memory meanwhile.

    Args:
        steps: what `repeat` returned.
        tensors: any structure of them.

    Returns:
        The same structure.
    """
    with tf.control_dependencies(tf.nest.flatten(steps)):
        return tf.nest.map_structure(tf.identity, tensors)


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
