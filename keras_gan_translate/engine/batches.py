"""Whatever `fit` was given -> the dict of tensors that losses read."""

import keras
import numpy as np
from keras import ops


def as_batch(model, data):
    """A batch as Keras hands it over, in the form that losses expect.

    Args:
        model: a `GAN`, for the fields of its `batch` and its `image_size`.
        data: dict with the names of the fields, or tuple in their order; raw
            or prepared.

    Returns:
        Dict of tensors, prepared.

    Raises:
        ValueError: a field is missing or has another shape.
    """
    data = _named(model, data)
    batch = {}
    for name, value in data.items():
        field = model.batch.get(name)
        if field is None:
            batch[name] = ops.convert_to_tensor(value)
            continue
        _check_shape(model, name, field, tuple(value.shape))
        batch[name] = field.prepare(value)
    return batch


def check_data(model, data, batch_size=None):
    """Says at once what the data of `fit` lack, before the first step.

    Arrays are looked through; of a data set the first batch is, unless it is
    one of this library's own, which are right.

    Args:
        model: a `GAN`.
        data: as `fit` gets it.
        batch_size: as `fit` gets it.

    Raises:
        ValueError: a field is missing, has another shape, or values that are
            none of its; or a batch has too few examples.
    """
    if data is None:
        return
    _check_count(model, examples_of(data, batch_size))
    if source_of(data) is not None:
        return
    if hasattr(data, "element_spec"):  # tf.data
        data = next(iter(data.take(1)), None)
    elif hasattr(data, "__getitem__") and not isinstance(
        data, (dict, list, tuple, np.ndarray)
    ):
        data = data[0]
    elif not isinstance(data, (dict, list, tuple, np.ndarray)):
        return  # what cannot be looked at without being used up
    if data is None:
        return
    for name, value in _named(model, data).items():
        field = model.batch.get(name)
        if field is None:
            continue
        value = np.asarray(value)
        _check_shape(model, name, field, value.shape)
        fault = field.problem(value)
        if fault:
            raise ValueError(f"batch[{name!r}]: {fault}")


def examples_of(data, batch_size=None):
    """How many examples a batch has, None where that is not known.

    Args:
        data: as `fit` gets it.
        batch_size: as `fit` gets it.
    """
    source = source_of(data)
    if source is not None:
        return min(source.batch_size, source.length)
    if isinstance(data, (dict, list, tuple, np.ndarray)):
        arrays = keras.tree.flatten(data)
        return min(len(arrays[0]), batch_size or 32) if arrays else None
    if hasattr(data, "element_spec"):
        return keras.tree.flatten(data.element_spec)[0].shape[0]
    return getattr(data, "batch_size", None)


def _check_count(model, count):
    if count is not None and count < model.smallest_batch:
        raise ValueError(
            f"{type(model).__name__} trains on batches of "
            f"{model.smallest_batch} or more: it learns from how the examples "
            f"of one batch differ. Received: {count}."
        )


def source_of(data):
    """The `BatchSource` that a data set was made from, or None."""
    for name in ("kgt_source", "source"):
        if hasattr(getattr(data, name, None), "files_of"):
            return getattr(data, name)
    inputs = getattr(data, "_inputs", None)  # what `take` was called on
    found = [source_of(one) for one in inputs()] if callable(inputs) else []
    return next((source for source in found if source is not None), None)


def _named(model, data):
    names = tuple(model.batch)
    if isinstance(data, (tuple, list)):
        data = [part for part in data if part is not None]
        if len(data) == 1 and isinstance(data[0], dict):
            data = data[0]
        elif len(data) == len(names):
            data = dict(zip(names, data))
    if not isinstance(data, dict) or set(names) - set(data):
        raise ValueError(
            f"{type(model).__name__} trains on batches with "
            f"{', '.join(names)}: dicts with these keys, or tuples in this "
            f"order. Received{_describe(data)}."
        )
    return data


def _check_shape(model, name, field, shape):
    if not field.fits(shape, model.image_size):
        raise ValueError(
            f"{type(model).__name__}(image_size={model.image_size}) trains on "
            f"{field.describe(model.image_size)}; batch[{name!r}] has "
            f"shape {shape}. Resize the images, or build the model for theirs."
        )


def _describe(data):
    if isinstance(data, dict):
        return f" keys: {sorted(data)}"
    if isinstance(data, (tuple, list)):
        return f" a {type(data).__name__} of {len(data)}"
    return f" {type(data).__name__} of shape {getattr(data, 'shape', '?')}"
