"""The one network that every export format is made from."""

import json

import keras
import numpy as np
from keras import ops

from keras_gan_translate.data import resize_image, synthetic_faces
from keras_gan_translate.export.spec import IMAGES, is_picture
from keras_gan_translate.networks import image_of
from keras_gan_translate.support.messages import check_choice

SMALLEST_FACE = 16  # pixels, of those that are drawn
DTYPES = ("uint8", "float32")


def translator_fields(model, direction):
    """What an export of a translator takes.

    Args:
        model: a `GAN`.
        direction: one of `model.translators`.

    Returns:
        Dict from the name of the input to (name in the model, `Field`), in
        the network's order: what is translated is called "images", all else
        by the user's word for it.

    Raises:
        ValueError: an unknown direction, or it translates no image.
    """
    source = model.source(direction)
    if source is None:
        raise ValueError(
            f"{type(model).__name__} makes images of no image; only "
            "translators are exported."
        )
    return {
        IMAGES if name == source else field.option: (name, field)
        for name, field in model.inputs(direction).items()
    }


def input_facts(model, direction):
    """The facts of a translator's inputs, for `TranslatorSpec.inputs`.

    Their types and shapes are those of a network: `TranslatorSpec.described`.

    Args:
        model: a `GAN`.
        direction: one of `model.translators`.

    Returns:
        Tuple of dicts, of what JSON has only.
    """
    facts = [
        field.to_facts(name)
        | {"input": known_as, "control": field.control}
        | ({"scaled_by": field.scaled_by} if field.scaled_by else {})
        for known_as, (name, field) in translator_fields(
            model, direction
        ).items()
    ]
    return tuple(json.loads(json.dumps(facts)))


def translator_network(
    model, direction="ab", dtype="uint8", image_size=None, batch_size=None
):
    """A translator with what surrounds it: from raw fields to raw images.

    What prepares the fields, pixels to [-1, 1] and numbers of classes to
    one-hot, and makes pixels again is inside, so that nobody who runs an
    export has to know of it. It shares its weights with the model and holds
    nothing else of it; wrap it in `model.averaged_weights()` where these are
    to be used.

    Args:
        model: a `GAN`.
        direction: one of `model.translators`.
        dtype: of images: "uint8", 0..255 in and out, rounded to the nearest
            (of two, to the even one) and clipped; or "float32", [-1, 1] in
            and out.
        image_size: the one height and width of the input, in pixels; None
            where any multiple of `model.size_multiple` will do.
        batch_size: the one number of images, or None for any.

    Returns:
        A `keras.Model` from the inputs of `translator_fields`, a list if
        these are several, to images (N, H * scale, W * scale, 3) of `dtype`,
        `scale` being the model's. What is translated has the shape (N, H, W,
        channels), and so have maps and masks beside it; labels (N,).

    Raises:
        ValueError: an unknown direction or dtype, or a size that the model
            does not take.

    Example:
        network = translator_network(model, image_size=256, batch_size=1)
        anime = network(selfies)  # uint8
    """
    check_choice("dtype", dtype, DTYPES)
    generator = model.translator(direction)
    size = check_image_size(model, image_size)
    inputs = [
        keras.Input(
            _shape(field, size),
            batch_size=batch_size,
            dtype=dtype if is_picture(field) else field.dtype,
            name=name,
        )
        for name, (_, field) in translator_fields(model, direction).items()
    ]
    translated = _translate(
        generator, _fields_of(model, direction), inputs, dtype
    )
    return keras.Model(_one_or_list(inputs), translated, name="translator")


def float_network(network, fields, form, batch_size=1):
    """The same with float32 images and layers of another form.

    Args:
        network: what `translator_network` returns.
        fields: dict of its `Field`s by the names of its inputs.
        form: function from the network inside to one with other layers.
        batch_size: of the result.

    Returns:
        A `keras.Model`, images in [-1, 1].
    """
    (generator,) = (
        layer for layer in network.layers if isinstance(layer, keras.Model)
    )
    inputs = [
        keras.Input(
            tensor.shape[1:],
            batch_size=batch_size,
            dtype="float32" if is_picture(field) else tensor.dtype,
            name=name,
        )
        for tensor, (name, field) in zip(network.inputs, fields.items())
    ]
    translated = _translate(
        form(generator), list(fields.values()), inputs, "float32"
    )
    return keras.Model(_one_or_list(inputs), translated)


def signature_of(network, batch_size=None):
    """What Keras' own exports take as a network's `input_signature`.

    Args:
        network: what `translator_network` returns.
        batch_size: the one number of images, or None for any.
    """
    specs = [
        keras.InputSpec(
            tensor.dtype, (batch_size, *tensor.shape[1:]), name=name
        )
        for name, tensor in zip(input_names(network), network.inputs)
    ]
    return specs if len(specs) == 1 else [specs]


def input_names(network):
    """Names of a network's inputs; "images" where it is one alone."""
    if len(network.inputs) == 1:
        return [IMAGES]
    return [tensor.name for tensor in network.inputs]


def describe(spec, network, batch_size=None):
    """A spec with the inputs of a network, see `TranslatorSpec.described`.

    Args:
        spec: a `TranslatorSpec`.
        network: what `translator_network` returns.
        batch_size: the one number of images, or None for any.
    """
    inputs = {
        name: (tensor.dtype, (batch_size, *tensor.shape[1:]))
        for name, tensor in zip(input_names(network), network.inputs)
    }
    return spec.described(inputs)


def _translate(generator, fields, inputs, dtype):
    prepared = [field.prepare(value) for field, value in zip(fields, inputs)]
    x = image_of(generator(_one_or_list(prepared), training=False))
    if dtype == "float32":
        return x
    # The arithmetic of `Translating.translate`, to the last bit.
    return ops.cast(ops.clip(ops.round(x * 127.5 + 127.5), 0.0, 255.0), "uint8")


def _fields_of(model, direction):
    return list(model.inputs(direction).values())


def _shape(field, size):
    # What lies on an image has its size, whatever the model's own is.
    if field.per_pixel:
        return (size, size, field.shape()[-1])
    return field.shape()


def _one_or_list(items):
    return items[0] if len(items) == 1 else items


def changed_copy(network, change):
    """A network of other layers, with the weights of another.

    Args:
        network: functional `keras.Model`.
        change: what makes the new layer of a layer, with weights of the same
            shapes.

    Returns:
        A new functional `keras.Model`; its weights are copies.
    """
    copy = keras.models.clone_model(
        network, clone_function=change, recursive=True
    )
    copy.set_weights(network.get_weights())
    return copy


def made_up(field, count, size):
    """Raw values of a field that nobody gave: drawn faces where it can be.

    Args:
        field: a `Field`.
        count: number of examples.
        size: pixels of the square images; of those that lie on images.

    Returns:
        Array (count, ...).
    """
    if is_picture(field) and field.channels == 3:
        drawn = max(size, SMALLEST_FACE)
        (values,) = synthetic_faces(count, drawn, styles=("photo",))
    else:
        values = field.example(count, size, np.random.default_rng(0))
    if field.per_pixel:
        values = [resize_raw(field, value, size) for value in values]
    return np.stack(values)


def resize_raw(field, value, size, how="cover"):
    """A raw value of a field that lies on images, at another size.

    Pixels are resampled; the numbers of maps stay what they are.

    Args:
        field: a `Field` with `per_pixel`.
        value: array (H, W, channels), or (H, W).
        size: pixels; one number for a square, or (height, width).
        how: "cover", "letterbox" or "stretch", as of `resize_image`.

    Returns:
        Array (*size, channels).
    """
    value = np.asarray(value)
    if is_picture(field) and value.shape[-1] == 3:
        return resize_image(value, size, how)
    value = value[..., None] if value.ndim == 2 else value
    height, width = (size, size) if np.ndim(size) == 0 else size
    if value.shape[:2] == (height, width):
        return value
    # Maps have nothing to fill up with, so a letterbox covers as well.
    across = [value.shape[0] / height, value.shape[1] / width]
    if how != "stretch":
        across = [min(across)] * 2
    rows, columns = (
        np.clip(
            ((np.arange(n) + 0.5 - n / 2) * step + side / 2).astype(int),
            0,
            side - 1,
        )
        for n, step, side in zip((height, width), across, value.shape)
    )
    return value[rows][:, columns]


def check_image_size(model, image_size):
    """The size an export of a model has, given the size that is wanted.

    Args:
        model: a `GAN`.
        image_size: height and width in pixels, or None for any.

    Returns:
        `image_size`; the model's one size where it has one and None is
        wanted.

    Raises:
        ValueError: the model does not take images of that size.
    """
    fixed, multiple = model.fixed_size, model.size_multiple
    if image_size is None:
        return fixed
    if fixed and image_size != fixed:
        raise ValueError(
            f"This {type(model).__name__} translates images of {fixed} by "
            f"{fixed} pixels only. Received: image_size={image_size}."
        )
    if image_size < multiple or image_size % multiple:
        near = max(multiple, round(image_size / multiple) * multiple)
        raise ValueError(
            f"This {type(model).__name__} translates images whose sides are "
            f"multiples of {multiple} pixels. Received: image_size="
            f"{image_size}. The nearest is {near}."
        )
    return image_size


def check_backend(what):
    """Refuses to export unless Keras computes with TensorFlow.

    Args:
        what: the format, as the subject of the error.

    Raises:
        ValueError: it computes with something else.
    """
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            f"{what} is written with TensorFlow; Keras computes with "
            f"{keras.backend.backend()} here. Set KERAS_BACKEND=tensorflow: "
            "the weights of a run are the same on both."
        )
