"""What a served translator answers: the graphs of its two signatures.

    serving_default  images (N, H, W, 3) -> translated (N, H, W, 3)
    serving_bytes    image_bytes (N,), JPEG or PNG -> translated_bytes (N,), PNG

TensorFlow Serving encodes an output as base64 in its JSON if the name ends in
_bytes, and takes {"b64": ...} for any input of strings.
"""

import keras
import tensorflow as tf

from keras_gan_translate.export.decoding import checked, decode_image

DEFAULT, BYTES = "serving_default", "serving_bytes"  # names of the signatures
IMAGES, TRANSLATED = "images", "translated"
IMAGE_BYTES, TRANSLATED_BYTES = "image_bytes", "translated_bytes"
# Who turns photos upright by their EXIF orientation: the graph of BYTES does;
# images, which are pixels already, come upright from the client.
UPRIGHT_BY = {DEFAULT: "client", BYTES: "server"}
# Of what is translated at once: a network of 64 filters takes 1 GB for every
# layer of that size, and a server has to survive any request.
MAX_PIXELS = 2048 * 2048


def signatures(network, spec, max_pixels=MAX_PIXELS):
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
        max_pixels: what is translated at once, a file's image or a batch of
            images, may have at most, counted in the translation.

    Returns:
        Dict of `tf.function`s with one input signature each. They return
        dicts with one tensor.
    """
    size, smallest = spec.image_size, smallest_size(network, spec)
    max_input_pixels = max_pixels // spec.scale**2

    def translate(images, index=None):
        shape = tf.shape(images)
        height, width = shape[1], shape[2]
        images = _check_size(images, index, spec, smallest, max_input_pixels)
        images = _pad(images, spec.size_multiple)
        images.set_shape((None, size, size, 3))
        translated = network(images, training=False)
        return translated[:, : height * spec.scale, : width * spec.scale]

    @tf.function(
        autograph=False,
        input_signature=[
            tf.TensorSpec((None, size, size, 3), spec.dtype, name=IMAGES)
        ],
    )
    def serve_images(images):
        # The server does not check shapes: the graph, which must not assume
        # the signature's, does.
        images = tf.raw_ops.PlaceholderWithDefault(input=images, shape=None)
        return {TRANSLATED: translate(_check_rank(images))}

    @tf.function(
        autograph=False,
        input_signature=[tf.TensorSpec((None,), tf.string, name=IMAGE_BYTES)],
    )
    def serve_bytes(image_bytes):
        def translate_file(numbered):
            index, contents = numbered
            image = decode_image(contents, index, max_input_pixels)
            images = _from_uint8(image, spec.dtype)[None]
            translated = translate(images, index)
            return tf.io.encode_png(_to_uint8(translated[0]))

        numbers = tf.range(tf.size(image_bytes))
        translated = tf.map_fn(
            translate_file,
            (numbers, image_bytes),
            fn_output_signature=tf.TensorSpec((), tf.string),
            parallel_iterations=1,  # the memory of one image at a time
        )
        return {TRANSLATED_BYTES: translated}

    return {DEFAULT: serve_images, BYTES: serve_bytes}


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
            network.compute_output_spec(
                keras.KerasTensor((1, size, size, 3), spec.dtype)
            )
            return size
        except ValueError:
            if size >= 64 * spec.size_multiple:  # it has another reason
                raise
            size += spec.size_multiple


def _check_rank(images):
    """The images, which are a batch and have three channels."""
    shape = tf.shape(images)
    is_batch = (tf.size(shape) == 4) & tf.reduce_all(shape[3:] == 3)
    message = (
        "The images of the request have the shape {}; this model takes "
        "(number, height, width, 3)."
    )
    images = checked(images, is_batch, message, shape)
    images.set_shape((None, None, None, 3))
    return images


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
