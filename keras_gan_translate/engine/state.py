"""All that training needs to go on, as arrays."""

import re

import numpy as np

from keras_gan_translate import backend


def take_state(model, instead=None):
    """A copy of a model's state, which training does not change any more.

    Networks that the model was given, `given_networks`, are left out: whoever
    builds the model again gives them again.

    Args:
        model: a compiled `GAN`.
        instead: dict from a variable's id to the value to take for its own.

    Returns:
        Dict from a name to an array: weights, replay pools, random states,
        all optimizers, and the running means of the epoch.
    """
    variables = _named(model)
    values = backend.copies(model, list(variables.values()))
    return {
        name: (instead or {}).get(id(variable), value)
        for (name, variable), value in zip(variables.items(), values)
    }


def give_state(model, index, read, path):
    """Gives a model the state that a file holds, to the last bit.

    Args:
        model: a compiled `GAN`.
        index: list of dicts with `name`, `shape` and `dtype`, as
            `state_file.opened` yields it.
        read: function from a number in the list to the array.
        path: of the file, for errors.

    Raises:
        ValueError: the file lacks or exceeds the model's state; nothing is
            changed then.
    """
    expected = _named(model)
    if len(index) != len(expected):
        raise ValueError(
            f"{path} holds the state of another model or another compile(): "
            f"{len(index)} variables, this one has {len(expected)}. Build and "
            "compile the model as before, or remove the file."
        )
    for entry, (name, variable) in zip(index, expected.items()):
        ours = [_stem(name), list(variable.shape), str(variable.dtype)]
        theirs = [_stem(entry["name"]), entry["shape"], entry["dtype"]]
        if ours != theirs:
            raise ValueError(
                f"{path} holds the state of another model or another "
                f"compile(): {entry['name']} {entry['shape']} "
                f"{entry['dtype']} there, {name} {ours[1]} {ours[2]} here. "
                "Build and compile the model as before, or remove the file."
            )
    values = [read(number) for number in range(len(index))]
    for variable, value in zip(expected.values(), values):
        backend.assign(variable, value)


def not_finite(state, rest=lambda: None):
    """Names of the arrays in a state that hold infinite values or NaN.

    Running means may: of steps that float16 has skipped.

    Args:
        state: dict from a name to an array.
        rest: called after every array.
    """
    bad = []
    for name, array in state.items():
        if " loss_means/" not in name:
            values = array.astype("float32", copy=False)
            if not np.isfinite(values).all():
                bad.append(name)
            rest()
    return bad


def num_bytes(model):
    """What the state of a compiled model takes."""
    return sum(
        int(np.prod(variable.shape)) * _itemsize(variable)
        for variable in _named(model).values()
    )


def _named(model):
    """Every variable by its number and path."""
    state = model.variables + model.optimizer.variables
    state = {id(v): v for v in state + model.loss_means.variables}
    for name in model.given_networks:
        for variable in getattr(model, name).variables:
            del state[id(variable)]
    return {
        f"{number} {variable.path}": variable
        for number, variable in enumerate(state.values())
    }


def _stem(name):
    """A name without the numbers that Keras gives layers by their order."""
    return re.sub(r"_\d+", "", name)


def _itemsize(variable):
    return {"float64": 8, "int64": 8, "float16": 2, "bfloat16": 2}.get(
        str(variable.dtype), 4
    )
