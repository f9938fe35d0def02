"""The one network that every export format is made from."""

import keras
from keras import ops

from keras_gan_translate.networks import image_of
from keras_gan_translate.support.messages import check_choice

DTYPES = ("uint8", "float32")


def translator_network(
    model, direction="ab", dtype="uint8", image_size=None, batch_size=None
):
    """A translator with what surrounds it: one image in, one image out.

    The conversion of pixels to [-1, 1] and back is inside, so that nobody who
    runs an export has to know of it. It shares its weights with the model and
    holds nothing else of it; wrap it in `model.averaged_weights()` where
    these are to be used.

    Args:
        model: a `GAN`.
        direction: one of `model.translators`.
        dtype: "uint8", 0..255 in and out, rounded to the nearest (of two, to
            the even one) and clipped; or "float32", [-1, 1] in and out.
        image_size: the one height and width of the input, in pixels; None
            where any multiple of `model.size_multiple` will do.
        batch_size: the one number of images, or None for any.

    Returns:
        A `keras.Model` from RGB images (N, H, W, 3) to images (N, H * scale,
        W * scale, 3) of the same dtype, `scale` being the model's.

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
    images = keras.Input(
        (size, size, 3), batch_size=batch_size, dtype=dtype, name="images"
    )
    if dtype == "float32":
        translated = image_of(generator(images, training=False))
    else:
        # The arithmetic of `Translating.translate`, to the last bit.
        x = ops.cast(images, "float32") / 127.5 - 1.0
        x = image_of(generator(x, training=False))
        x = ops.clip(ops.round(x * 127.5 + 127.5), 0.0, 255.0)
        translated = ops.cast(x, "uint8")
    return keras.Model(images, translated, name="translator")


def changed_copy(network, change):
    """A network of other layers, with the weights of another.

    Args:
        network: functional `keras.Model`.
        change: what makes the new layer of a layer, with weights of the same
            shapes.

    Returns:
        A new functional `keras.Model`; its weights are copies.
    """
    copy = keras.models.clone_model(network, clone_function=change)
    copy.set_weights(network.get_weights())
    return copy


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
