"""What a served translator answers: the graphs of its two signatures.

    serving_default  images (N, H, W, 3) -> translated (N, H, W, 3)
    serving_bytes    image_bytes (N,), JPEG or PNG -> translated_bytes (N,), PNG

What else the translator takes is called by the user's word for it, one value
for each image: `domain` (N,), the number of a class; `style` (N, size). What
lies on the image pixel by pixel is an array in the one signature, `mask`
(N, H, W, 1), and a file in the other, `mask_bytes` (N,): a gray PNG for a map
or a mask, a JPEG or PNG for a picture.

TensorFlow Serving encodes an output as base64 in its JSON if the name ends in
_bytes, and takes {"b64": ...} for any input of strings.
"""

import keras
import tensorflow as tf

from keras_gan_translate.export.decoding import (
    checked,
    decode_image,
    decode_map,
)
from keras_gan_translate.export.spec import IMAGES, TRANSLATED, is_picture

DEFAULT, BYTES = "serving_default", "serving_bytes"  # names of the signatures
IMAGE_BYTES, TRANSLATED_BYTES = "image_bytes", "translated_bytes"
ROUNDING = 1e-3  # of a client that computes with few digits
# Who turns photos upright by their EXIF orientation: the graph of BYTES does;
# images, which are pixels already, come upright from the client.
UPRIGHT_BY = {DEFAULT: "client", BYTES: "server"}


def signatures(network, spec):
    """The functions that a server calls, by the names of their signatures.

    Images may have any size: sides that are no multiple of the network's are
    padded by reflection and cropped back, as `GAN.translate` does. Of a batch
    of files every image may have another size.

    What is wrong with a request is said by the `InvalidArgumentError` of its
    graph: images that are too small, too large or not of the one size that the
    network takes; files that are no image, damaged or cut off, by their index.
    Only where the decoder itself finds the damage, it is TensorFlow that
    speaks, and gives the file's size instead of its index.

    Args:
        network: what `translator_network` returns.
        spec: its `TranslatorSpec`.

    Returns:
        Dict of `tf.function`s with one input signature each. They return
        dicts with one tensor.
    """
    size, smallest = spec.image_size, smallest_size(network, spec)
    # A file's image or a batch of images, counted in the translation.
    max_input_pixels = spec.max_pixels // spec.scale**2
    fields = spec.fields
    others = [name for name in fields if name != IMAGES]

    def translate(values, index=None):
        images = values[IMAGES]
        shape = tf.shape(images)
        height, width = shape[1], shape[2]
        images = _check_size(images, index, spec, smallest, max_input_pixels)
        values = {
            name: _check_values(
                name, fields[name], value, images, values[IMAGES], index
            )
            for name, value in values.items()
        }
        for name, field in fields.items():
            if field.per_pixel:
                channels = field.shape()[-1]
                values[name] = _pad(values[name], spec.size_multiple)
                values[name].set_shape((None, size, size, channels))
            else:
                values[name].set_shape((None, *field.shape()))
        inputs = [values[name] for name in fields]
        translated = network(inputs if others else inputs[0], training=False)
        return translated[:, : height * spec.scale, : width * spec.scale]

    @tf.function(
        autograph=False,
        input_signature=[
            tf.TensorSpec(
                _shape(field, size), _dtype(field, spec.dtype), name=name
            )
            for name, field in fields.items()
        ],
    )
    def serve_images(*values):
        # The server does not check shapes: the graph, which must not assume
        # the signature's, does.
        values = {
            name: tf.raw_ops.PlaceholderWithDefault(input=value, shape=None)
            for name, value in zip(fields, values)
        }
        channels = fields[IMAGES].shape()[-1]
        images = _check_rank(values[IMAGES], channels)
        beside = {
            name: _check_shape(name, fields[name], values[name], images)
            for name in others
        }
        return {TRANSLATED: translate({IMAGES: images} | beside)}

    @tf.function(
        autograph=False,
        input_signature=[
            tf.TensorSpec((None,), tf.string, name=bytes_name(name))
            if field.per_pixel
            else tf.TensorSpec(_shape(field), field.dtype, name=name)
            for name, field in fields.items()
        ],
    )
    def serve_bytes(*values):
        values = dict(zip(fields, values))
        image_bytes = values[IMAGES]
        for name in others:
            values[name] = _check_count(
                name, fields[name], values[name], image_bytes
            )

        def translate_file(numbered):
            index, *parts = numbered
            values = {
                name: _decode(
                    name, field, part, index, spec.dtype, max_input_pixels
                )[None]
                for (name, field), part in zip(fields.items(), parts)
            }
            translated = translate(values, index)
            return tf.io.encode_png(_to_uint8(translated[0]))

        numbers = tf.range(tf.size(image_bytes))
        translated = tf.map_fn(
            translate_file,
            (numbers, *values.values()),
            fn_output_signature=tf.TensorSpec((), tf.string),
            parallel_iterations=1,  # the memory of one image at a time
        )
        return {TRANSLATED_BYTES: translated}

    return {DEFAULT: serve_images, BYTES: serve_bytes}


def bytes_name(name):
    """What the files of an input are called in the signature of files."""
    return IMAGE_BYTES if name == IMAGES else f"{name}_bytes"


def smallest_size(network, spec):
    """The shortest side that a network takes, in pixels, once padded.

    Padding by reflection inside a network needs something to reflect.

    Args:
        network: what `translator_network` returns.
        spec: its `TranslatorSpec`.

    Returns:
        A multiple of `spec.size_multiple`.
    """
    size = spec.image_size or spec.size_multiple
    while True:
        try:
            tensors = [
                keras.KerasTensor((1, *_shape(field, size)[1:]), tensor.dtype)
                for field, tensor in zip(spec.fields.values(), network.inputs)
            ]
            network.compute_output_spec(
                tensors if len(tensors) > 1 else tensors[0]
            )
            return size
        except ValueError:
            if size >= 64 * spec.size_multiple:  # it has another reason
                raise
            size += spec.size_multiple


def _shape(field, size=None):
    """Shape of a batch of a field's raw values, None where any."""
    if field.per_pixel:
        return (None, size, size, field.shape()[-1])
    return (None, *field.shape())


def _dtype(field, dtype):
    return dtype if is_picture(field) else field.dtype


def _decode(name, field, part, index, dtype, max_pixels):
    """A raw value, the batch left out: a file's, or as it came."""
    if not field.per_pixel:
        return part
    if is_picture(field) and field.channels == 3:
        return _from_uint8(decode_image(part, index, max_pixels), dtype)
    what = "file" if name == IMAGES else name
    values = decode_map(part, index, what, max_pixels)
    if is_picture(field):
        return _from_uint8(tf.saturate_cast(values, tf.uint8), dtype)
    # Classes are checked before they are cast.
    return values if hasattr(field, "classes") else _cast(values, field)


def _cast(values, field):
    return tf.saturate_cast(values, tf.as_dtype(field.dtype))


def _check_rank(images, channels):
    """The images, which are a batch and have so many channels."""
    shape = tf.shape(images)
    is_batch = (tf.size(shape) == 4) & tf.reduce_all(shape[3:] == channels)
    message = (
        "The images of the request have the shape {}; this model takes "
        f"(number, height, width, {channels})."
    )
    images = checked(images, is_batch, message, shape)
    images.set_shape((None, None, None, channels))
    return images


def _check_shape(name, field, value, images):
    """A further input, of which every image has one."""
    shape, size = tf.shape(value), tf.shape(images)
    along, rest = size[:3], field.shape()[-1:]
    if not field.per_pixel:
        along, rest = size[:1], field.shape()
    wanted = tf.concat([along, tf.constant(rest, tf.int32, [len(rest)])], 0)
    # Of another rank they cannot be compared, so their texts are.
    is_so = tf.strings.format("{}", shape) == tf.strings.format("{}", wanted)
    message = (
        f"The {name} of the request has the shape {{}}; with these images "
        "this model takes {}."
    )
    value = checked(value, is_so, message, shape, wanted)
    value.set_shape(_shape(field))
    return value


def _check_count(name, field, value, image_bytes):
    """A further input in the signature of files, one for every image."""
    count, found = tf.size(image_bytes), tf.shape(value)[0]
    known_as = bytes_name(name) if field.per_pixel else name
    message = f"The request has {{}} {known_as} for {{}} images."
    return checked(value, count == found, message, found, count)


def _check_values(name, field, value, images, received, index):
    """Raw values that are classes, or lie on an image, if they do."""
    if hasattr(field, "classes"):
        last = len(field.classes) - 1
        value = checked(
            value,
            tf.reduce_all((value >= 0) & (tf.cast(value, tf.int32) <= last)),
            f"The {name} of the request holds classes from {{}} to {{}}; this "
            f"model takes 0 to {last}: {', '.join(field.classes)}.",
            tf.reduce_min(value),
            tf.reduce_max(value),
        )
        value = tf.cast(value, field.dtype)
    if is_picture(field) and value.dtype.is_floating:
        # Of bytes nothing is out of range once they are here.
        value = checked(
            value,
            tf.reduce_all(tf.abs(value) <= 1 + ROUNDING),  # no NaN is
            f"The {name} of the request {'hold' if name == IMAGES else 'holds'}"
            " values from {} to {}; this model takes -1 to 1.",
            tf.reduce_min(value),
            tf.reduce_max(value),
        )
    if name == IMAGES:
        with tf.control_dependencies([images]):
            return tf.identity(value)
    if field.per_pixel and index is not None:
        found, size = tf.shape(value), tf.shape(received)
        value = checked(
            value,
            tf.reduce_all(found[1:3] == size[1:3]),
            f"The {name} of image {{}} has {{}} by {{}} pixels, the image {{}} "
            "by {}: they lie one upon the other.",
            index,
            found[2],
            found[1],
            size[2],
            size[1],
        )
    return value


def _check_size(images, index, spec, smallest, max_pixels):
    """The images, of a size that the network takes once they are padded."""
    shape = tf.shape(images)
    count, height, width = shape[0], shape[1], shape[2]
    received, number = "The {} images of the request have", count
    if index is not None:
        received, number = "Image {} of the request has", index

    def check(images, condition, wanted):
        message = f"{received} {{}} by {{}} pixels; this model takes {wanted}."
        return checked(images, condition, message, number, width, height)

    images = checked(images, count > 0, "The request has no images.")
    if spec.image_size:
        size = spec.image_size
        is_size = (height == size) & (width == size)
        return check(images, is_size, f"{size} by {size} only")
    least = smallest - spec.size_multiple + 1
    is_large = tf.minimum(height, width) >= least
    images = check(images, is_large, f"{least} by {least} at least")
    pixels = tf.reduce_prod(tf.cast(shape[:3], tf.int64))
    return check(images, pixels <= max_pixels, f"{max_pixels} in all at most")


def _pad(images, multiple):
    """Lengthens height and width to multiples by repeated reflection."""
    for axis in (1, 2):
        size = tf.shape(images)[axis]
        places = tf.range(-(-size // multiple) * multiple) % (2 * size)
        mirrored = tf.minimum(places, 2 * size - 1 - places)
        images = tf.gather(images, mirrored, axis=axis)
    return images


def _from_uint8(image, dtype):
    if dtype == "uint8":
        return image
    return tf.cast(image, tf.float32) / 127.5 - 1.0


def _to_uint8(image):
    if image.dtype == tf.uint8:
        return image
    pixels = tf.clip_by_value(tf.round(image * 127.5 + 127.5), 0.0, 255.0)
    return tf.cast(pixels, tf.uint8)
