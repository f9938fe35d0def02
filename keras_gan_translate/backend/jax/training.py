"""Training on JAX: pure, jitted functions around stateful steps."""

import jax
import keras
import numpy as np

from keras_gan_translate.backend.jax.hosts import num_hosts


def gradients(loss, variables, xla=True):
    """As on TensorFlow; updates of other variables are carried through."""
    return _differentiate(
        lambda _: loss(),
        [v.value for v in variables],
        lambda values: list(zip(variables, values)),
    )


def input_gradients(function, inputs):
    """As on TensorFlow."""
    inputs = keras.ops.convert_to_tensor(inputs)
    _, grads = _differentiate(
        lambda x: (keras.ops.sum(function(x)), None), inputs, lambda _: []
    )
    return grads


def apply_gradients(optimizer, grads, variables):
    """One optimizer step of one player, in whichever state is current."""
    if hasattr(optimizer, "inner_optimizer"):
        _apply_scaled(optimizer, grads, variables)
        return
    # As `stateless_apply`, which does not know the variables of a schedule.
    factor = getattr(optimizer._learning_rate, "factor", None)
    known = [*variables, *optimizer.variables]
    read = known if factor is None else [*known, factor]
    values = [(variable, variable.value) for variable in read]
    with keras.StatelessScope(state_mapping=values) as scope:
        optimizer.apply(grads)
    for variable in known:
        variable.assign(scope.get_current_value(variable))


def _apply_scaled(optimizer, grads, variables):
    """A step of a `LossScaleOptimizer`: Keras' own assigns within a cond."""
    ops, scale = keras.ops, optimizer.dynamic_scale
    finite = optimizer.check_finite(grads)
    unscaled = [grad / scale.value for grad in grads]
    only_if(
        finite,
        lambda: apply_gradients(optimizer.inner_optimizer, unscaled, variables),
    )
    count = ops.where(finite, optimizer.step_counter.value + 1, 0)
    grows = count == optimizer.dynamic_growth_steps
    factor = ops.where(finite, ops.where(grows, 2.0, 1.0), 0.5)
    scale.assign(scale.value * factor)
    optimizer.step_counter.assign(ops.where(grows, 0, count))


def fused_adam(variable, m, v, gradient, rate, betas, powers, epsilon):
    """False: XLA fuses the formula by itself."""
    return False


def repeat(times, step):
    """As on TensorFlow: the compiled program holds the step once."""
    if times == 1:
        return step()
    variables, pure, nothing = _as_pure(step)
    values, result = jax.lax.fori_loop(
        0,
        times,
        lambda _, carried: pure(carried[0]),
        ([v.value for v in variables], nothing()),
    )
    _assign(variables, values)
    return result


def after(steps, tensors):
    """As they are: XLA itself orders what it computes by the memory."""
    return tensors


def only_if(condition, step):
    """As on TensorFlow."""
    variables, pure, nothing = _as_pure(step)
    values, result = jax.lax.cond(
        condition,
        pure,
        lambda values: (values, nothing()),
        [v.value for v in variables],
    )
    _assign(variables, values)
    return result


def trainer_step(step, variables, values, data):
    """Runs a stateful step as the pure function that Keras' trainer jits.

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


def stepping(train_function, model):
    """As on TensorFlow; and a first step that fails leaves the state whole.

    Keras' JAX trainer takes the variables' values away before it: an error
    in the data would leave a model without weights.
    """
    variables = model.state()

    def step(values, iterator):
        if model.passes():
            for _ in range(model.steps_per_execution):
                next(iterator)
            return {}, values
        try:
            logs, state = train_function(values, iterator)
        except Exception:
            for group, kept in zip(variables, values):
                for variable, value in zip(group, kept):
                    if not value.is_deleted():
                        variable.assign(value)
            raise
        return model.note(logs), state

    return step


def assign(variable, value):
    """As on TensorFlow."""
    if num_hosts() > 1:
        # Keras would compare it with the other hosts', who may be elsewhere.
        value = np.asarray(value, variable.value.dtype)
        value = jax.make_array_from_process_local_data(
            variable.value.sharding, value, value.shape
        )
    variable.assign(value)


def copies(model, variables):
    """As on TensorFlow; `fit` itself holds the values while it trains."""
    model.jax_state_sync()
    # The step after this gives the buffers away.
    return [np.array(variable.value) for variable in variables]


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


def _as_pure(step):
    """A stateful step as (variables, pure function, what makes zeros).

    The variables are those that it assigns; the function is from their values
    to (new values, what the step returned).
    """
    variables = []

    def probe():
        with _Scope() as scope:
            result = step()
        variables.extend(variable for variable, _ in scope.updates.values())
        return result

    shapes = jax.eval_shape(probe)

    def pure(values):
        with _Scope(list(zip(variables, values))) as scope:
            result = step()
        new = [
            # Not weakly typed, which a loop would take for another type.
            jax.lax.convert_element_type(scope.get_current_value(v), v.dtype)
            for v in variables
        ]
        return new, result

    def nothing():
        return jax.tree.map(lambda x: jax.numpy.zeros(x.shape, x.dtype), shapes)

    return variables, pure, nothing


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _differentiate(function, argument, mapping):
    """Value-and-gradient of a stateful function; its updates are kept.

    `function(argument)` returns (scalar, extra); `mapping(argument)` lists
    (variable, value) pairs that hold while it runs.
    """
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
