"""Whatever `fit` was given -> the dict of tensors that losses read."""

import keras
from keras import ops


def as_batch(model, data):
    """A batch as Keras hands it over, in the form that losses expect.

    Args:
        model: a `GAN`, for its `batch_keys`, `image_keys`, `image_size`.
        data: dict with the model's batch keys, or tuple in their order;
            images (N, H, W, C), uint8 or float in [-1, 1].

    Returns:
        Dict of tensors, images float32 in [-1, 1].

    Raises:
        ValueError: a key is missing, or images have another size.
    """
    keys = model.batch_keys
    if isinstance(data, (tuple, list)):
        data = [part for part in data if part is not None]
        if len(data) == 1 and isinstance(data[0], dict):
            data = data[0]
        elif len(data) == len(keys):
            data = dict(zip(keys, data))
    if not isinstance(data, dict) or set(keys) - set(data):
        raise ValueError(
            f"{type(model).__name__} trains on batches with {', '.join(keys)}: "
            "dicts with these keys, or tuples in this order. Received"
            f"{_describe(data)}."
        )
    return {
        key: _as_images(model, key, value)
        if key in model.image_keys
        else ops.convert_to_tensor(value)
        for key, value in data.items()
    }


def _as_images(model, key, images):
    shape = tuple(images.shape)
    size = model.image_size_of(key)
    if len(shape) != 4 or (size is not None and shape[1:3] != (size, size)):
        raise ValueError(
            f"{type(model).__name__}(image_size={model.image_size}) trains on "
            f"images (batch, {size}, {size}, channels); batch[{key!r}] has "
            f"shape {shape}. Resize the images, or build the model for theirs."
        )
    if keras.backend.standardize_dtype(images.dtype) == "uint8":
        return ops.cast(images, "float32") / 127.5 - 1.0
    return ops.cast(images, "float32")


def _describe(data):
    if isinstance(data, dict):
        return f" keys: {sorted(data)}"
    if isinstance(data, (tuple, list)):
        return f" a {type(data).__name__} of {len(data)}"
    return f" {type(data).__name__} of shape {getattr(data, 'shape', '?')}"
