"""Encoded photos inside a TensorFlow graph: checked, decoded, turned upright.

A graph cannot catch what a decoder raises, so that what can be wrong with a
file is looked up in its structure first: errors then name the image.
"""

import tensorflow as tf

JPEG_START, PNG_START = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
EXIF = [int.from_bytes(b"Exif"), 0]  # how a JPEG marks it, 4 and 2 bytes
PNG_EXIF, PNG_END = int.from_bytes(b"eXIf"), int.from_bytes(b"IEND")
ORIENTATION = 0x0112  # EXIF tag; 1 to 8, 1 is upright
# Of a file's structure; the largest that are allowed have some thousands.
MAX_PARTS = 8192


def decode_image(contents, index, max_pixels):
    """Decodes a JPEG or PNG, upright, as 8-bit RGB.

    The EXIF orientation is applied, transparency is composited on white, and
    the decoder is the accurate one: all as `data.read_image` does. No pixel
    is decoded before the file's own size has been found to be allowed.

    Args:
        contents: the file, scalar string tensor.
        index: which of a request's images it is, scalar; errors name it.
        max_pixels: height times width, at most.

    Returns:
        uint8 tensor (H, W, 3). Its graph raises an `InvalidArgumentError`
        if the file is of another format, damaged, cut off or too large.
    """
    is_jpeg = tf.strings.substr(contents, 0, 3) == JPEG_START
    is_png = tf.strings.substr(contents, 0, 8) == PNG_START
    contents = checked(
        contents,
        is_jpeg | is_png,
        "Image {} of the request is neither JPEG nor PNG ({} bytes).",
        index,
        tf.strings.length(contents),
    )

    def decode(inspect, decode_pixels):
        file = _Bytes(contents)
        height, width, exif, whole = inspect(file)
        data = checked(
            contents,
            whole & (height > 0) & (width > 0),
            "Image {} of the request is damaged or cut off ({} bytes).",
            index,
            tf.strings.length(contents),
        )
        data = checked(
            data,
            height * width <= max_pixels,
            "Image {} of the request has {} by {} pixels; this model takes "
            f"{max_pixels} in all at most.",
            index,
            width,
            height,
        )
        pixels = decode_pixels(data, file)
        return turn_upright(pixels, _orientation(file, exif))

    return tf.cond(
        is_jpeg,
        lambda: decode(_inspect_jpeg, _jpeg_pixels),
        lambda: decode(_inspect_png, _png_pixels),
    )


def decode_map(contents, index, what, max_pixels):
    """Decodes a gray PNG whose values are numbers, of 8 or 16 bits.

    Args:
        contents: the file, scalar string tensor.
        index: of which image of a request it is, scalar; errors name it.
        what: it is, such as "mask".
        max_pixels: height times width, at most.

    Returns:
        int32 tensor (H, W, 1). Its graph raises an `InvalidArgumentError` if
        the file is none of these, damaged, cut off or too large.
    """
    size = tf.strings.length(contents)
    contents = checked(
        contents,
        tf.strings.substr(contents, 0, 8) == PNG_START,
        f"The {what} of image {{}} of the request is no PNG ({{}} bytes).",
        index,
        size,
    )
    file = _Bytes(contents)
    height, width, _, whole = _inspect_png(file)
    data = checked(
        contents,
        whole & (height > 0) & (width > 0),
        f"The {what} of image {{}} of the request is damaged or cut off ({{}} "
        "bytes).",
        index,
        size,
    )
    depth = file.number(24, 1)
    data = checked(
        data,
        (file.number(25, 1) == 0) & (depth >= 8),
        f"The {what} of image {{}} of the request has colours or fewer than 8 "
        "bits; this model takes a gray PNG of 8 or 16 bits.",
        index,
    )
    data = checked(
        data,
        height * width <= max_pixels,
        f"The {what} of image {{}} of the request has {{}} by {{}} pixels; "
        f"this model takes {max_pixels} in all at most.",
        index,
        width,
        height,
    )

    def decode(dtype):
        pixels = tf.io.decode_png(data, channels=1, dtype=dtype)
        return tf.cast(pixels, tf.int32)

    return tf.cond(
        depth == 16, lambda: decode(tf.uint16), lambda: decode(tf.uint8)
    )


def turn_upright(image, orientation):
    """Undoes the rotation and mirroring that an EXIF orientation tells of.

    Args:
        image: tensor (H, W, C).
        orientation: scalar from 1 to 8.

    Returns:
        Tensor (H, W, C), or (W, H, C) from orientation 5 on.
    """

    def where(orientations, turn, image):
        is_one = tf.reduce_any(orientation == orientations)
        return tf.cond(is_one, lambda: turn(image), lambda: image)

    image = where([5, 6, 7, 8], tf.image.transpose, image)
    image = where([2, 3, 6, 7], tf.image.flip_left_right, image)
    return where([3, 4, 7, 8], tf.image.flip_up_down, image)


def checked(value, condition, message, *details):
    """The tensor, once a condition is known to hold.

    Args:
        value: tensor.
        condition: scalar bool tensor.
        message: what the graph's `InvalidArgumentError` says if it does not
            hold, with {} for every detail.
        *details: scalar tensors.

    Returns:
        `value`, on which the check of the condition now hangs.
    """
    message = tf.strings.format(message, details)
    with tf.control_dependencies([tf.debugging.Assert(condition, [message])]):
        return tf.identity(value)


class _Bytes:
    """A file's bytes as numbers; behind its end all are zero."""

    def __init__(self, contents):
        data = tf.io.decode_raw(contents, tf.uint8)
        self.size = tf.size(data, out_type=tf.int64)
        self.data = tf.concat([data, tf.zeros([1], tf.uint8)], axis=0)

    def number(self, position, size, little_endian=False):
        """The unsigned number of `size` bytes at int64 positions."""
        places = tf.range(size, dtype=tf.int64)
        weights = 256 ** tf.where(little_endian, places, size - 1 - places)
        positions = tf.expand_dims(tf.cast(position, tf.int64), -1) + places
        values = tf.gather(self.data, tf.minimum(positions, self.size))
        return tf.reduce_sum(tf.cast(values, tf.int64) * weights, axis=-1)


def _inspect_jpeg(file):
    """Height, width, where EXIF's TIFF header is or 0, whether it is whole."""

    def marker(at):
        return file.number(at + 1, 1)

    def is_segment(at, frame, exif):
        # Up to the scan or the end of the image; behind the file all is zero.
        is_last = tf.reduce_any(marker(at) == [0xDA, 0xD9])
        return (file.number(at, 1) == 0xFF) & ~is_last

    def next_segment(at, frame, exif):
        kind = marker(at)
        # 0xC0 to 0xCF, but for tables and what is reserved.
        is_frame = (kind // 16 == 0xC) & tf.reduce_all(
            kind != [0xC4, 0xC8, 0xCC]
        )
        name = [file.number(at + 4, 4), file.number(at + 8, 2)]
        is_exif = (kind == 0xE1) & tf.reduce_all(tf.equal(name, EXIF))
        frame = tf.where(is_frame, at, frame)
        exif = tf.where(is_exif & (exif == 0), at + 10, exif)
        return at + 2 + file.number(at + 2, 2), frame, exif

    start = [tf.constant(n, tf.int64) for n in (2, 0, 0)]
    at, frame, exif = tf.while_loop(
        is_segment, next_segment, start, maximum_iterations=MAX_PARTS
    )
    # In a scan the end's two bytes have no other meaning.
    scan = file.data[at:]
    ends = tf.reduce_any((scan[:-1] == 0xFF) & (scan[1:] == 0xD9))
    whole = (marker(at) == 0xDA) & (frame > 0) & ends
    return file.number(frame + 5, 2), file.number(frame + 7, 2), exif, whole


def _inspect_png(file):
    """Height, width, where EXIF's TIFF header is or 0, whether it is whole."""

    def is_chunk(at, exif):
        return (at < file.size) & (file.number(at + 4, 4) != PNG_END)

    def next_chunk(at, exif):
        is_exif = file.number(at + 4, 4) == PNG_EXIF
        return (
            at + 12 + file.number(at, 4),
            tf.where(is_exif, at + 8, exif),
        )

    start = [tf.constant(n, tf.int64) for n in (8, 0)]
    at, exif = tf.while_loop(
        is_chunk, next_chunk, start, maximum_iterations=MAX_PARTS
    )
    whole = (file.number(at + 4, 4) == PNG_END) & (at + 12 <= file.size)
    return file.number(20, 4), file.number(16, 4), exif, whole


def _orientation(file, exif):
    """The EXIF orientation, 1 where there is none or it is damaged."""
    little = file.number(exif, 1) == ord("I")
    directory = exif + file.number(exif + 4, 4, little)
    count = tf.minimum(file.number(directory, 2, little), MAX_PARTS)
    entries = directory + 2 + 12 * tf.range(count)
    is_orientation = file.number(entries, 2, little) == ORIENTATION
    values = file.number(entries + 8, 2, little)
    found = tf.reduce_max(
        tf.concat([tf.where(is_orientation, values, 0), [0]], axis=0)
    )
    is_valid = (exif > 0) & (1 <= found) & (found <= 8)
    return tf.where(is_valid, found, 1)


def _jpeg_pixels(data, file):
    # The faster default is not what Pillow, and so training, decodes with.
    return tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE")


def _png_pixels(data, file):
    pixels = tf.cast(tf.io.decode_png(data, channels=4), tf.int64)
    rgb, alpha = pixels[..., :3], pixels[..., 3:]
    # TensorFlow's opaque is not 255 but 2^bits - 1 in grays of 1, 2, 4 bits.
    depth, is_gray = file.number(24, 1), file.number(25, 1) == 0
    is_opaque = is_gray & (alpha == 2 ** tf.minimum(depth, 8) - 1)
    alpha = tf.maximum(alpha, 255 * tf.cast(is_opaque, tf.int64))
    on_white = (rgb * alpha + 255 * (255 - alpha) + 127) // 255
    return tf.cast(on_white, tf.uint8)
