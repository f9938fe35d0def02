"""A network's graph, run on strips of one image."""

import functools
import math

import keras
import numpy as np
from keras import ops, tree

from keras_gan_translate.inference.borders import from_float
from keras_gan_translate.inference.tiling.reaches import reach_of
from keras_gan_translate.inference.tiling.rows import (
    Local,
    Normalized,
    Rows,
    Source,
    Vector,
)
from keras_gan_translate.networks import image_of


def translate_strips(network, image, tile, size_multiple=1, on_strip=None):
    """Translates one image that may be larger than memory allows.

    The image is cut into strips of its whole width. Convolutions get as many
    rows more as they reach over; normalizations and global average pooling
    take their mean and variance over the whole image. So there are no seams:
    the result is that of the whole image at once, but for the rounding of
    floats. Features between the layers lie in files without a name in the
    folder that `tempfile.gettempdir` names (TMPDIR), at most a few times the
    size of one layer's.

    Args:
        network: a Functional `keras.Model` from images (N, H, W, C) in
            [-1, 1] to images, or to a dict with an "image".
        image: (H, W, C), uint8 in 0..255 or float in [-1, 1].
        tile: strips are as high as to have the area of a square of this many
            pixels. 512 is a good one; less takes less memory.
        size_multiple: height and width that are no multiples of this are
            padded by reflection and cropped back.
        on_strip: function of (strips done, strips in all), called after each.

    Returns:
        NumPy array of the dtype of `image`, (H * scale, W * scale, C).

    Raises:
        ValueError: a layer's reach is not known; the image, its dtype, its
            range or `tile` is none; the disk is full.

    Example:
        poster = translate_strips(generator, photo, tile=512, size_multiple=4)
    """
    image = np.asarray(image)
    if tile < 1 or image.ndim != 3:
        raise ValueError(
            "Expected are an image (H, W, channels) and a tile of 1 pixel or "
            f"more. Received: shape {image.shape} and tile={tile!r}."
        )
    source = Source(image, size_multiple)
    result, nodes = _build(network, source)
    try:
        return _run(image, source, result, nodes, tile, on_strip)
    finally:
        for node in nodes:
            node.close()


def _run(image, source, result, nodes, tile, on_strip):
    height, width = source.shape[1:3]
    count = min(height, math.ceil(height * width / tile**2))
    kept = [node for node in nodes if node.is_kept]
    heights = [math.ceil(node.shape[1] / count) for node in (*kept, result)]
    total = sum(
        math.ceil(node.shape[1] / height)
        for node, height in zip((*kept, result), heights)
    )
    done = 0

    def advance():
        nonlocal done
        done += 1
        if on_strip:
            on_strip(done, total)

    for node, height in zip(kept, heights):
        for _ in node.store(height):
            advance()
    scale = result.shape[1] // source.shape[1]
    height, width = (side * scale for side in image.shape[:2])
    translated = np.empty((height, width, result.shape[3]), image.dtype)
    for first in range(0, result.shape[1], heights[-1]):
        last = min(first + heights[-1], result.shape[1])
        strip = ops.convert_to_numpy(result.read(first, last))
        rows = translated[first:last]  # fewer where the image was padded
        rows[:] = from_float(strip[0, : len(rows), :width], image.dtype)
        advance()
    return translated


def _build(network, source):
    """The network's nodes as what can be read row by row.

    Returns:
        (`Rows` of the translation, all `Rows` in the order of computation)
    """
    nodes = [source]

    def call(operation, *args, **kwargs):
        outputs = _apply(operation, args, kwargs)
        nodes.extend(x for x in tree.flatten(outputs) if isinstance(x, Rows))
        return outputs

    function = keras.Function(network.inputs, image_of(network.output))
    # The one private name: Keras has no public way to walk through a graph.
    return function._run_through_graph([source], call_fn=call), nodes


def _apply(operation, args, kwargs):
    """An operation's outputs, `Rows` and `Vector`, none computed yet."""

    def fill(function):
        return tree.map_structure(
            lambda x: function(x) if isinstance(x, (Rows, Vector)) else x,
            (args, kwargs),
        )

    def call(*values):
        values = iter(values)
        filled, options = fill(lambda x: next(values))
        return tree.flatten(operation(*filled, **options))

    flat = tree.flatten((args, kwargs))
    operands = [x for x in flat if isinstance(x, (Rows, Vector))]
    images = [x for x in operands if isinstance(x, Rows)]
    if hasattr(operation, "normalize_part"):
        return Normalized(operation, operands)
    specs, options = fill(lambda x: keras.KerasTensor(x.shape))
    specs = operation.compute_output_spec(*specs, **options)
    pooling = isinstance(operation, keras.layers.GlobalAveragePooling2D)
    reach = reach_of(operation, args) if images and not pooling else None

    def output(i, spec):
        if reach is None:
            return Vector(spec.shape, lambda *x: call(*x)[i], operands)
        if len(spec.shape) != 4:  # as CAM's logits; nobody reads them
            return Vector(spec.shape, functools.partial(_refuse, operation), [])
        return Local(
            spec.shape, lambda *x: call(*x)[i], operands, reach, operation.name
        )

    outputs = [output(i, spec) for i, spec in enumerate(tree.flatten(specs))]
    return tree.pack_sequence_as(specs, outputs)


def _refuse(operation):
    raise ValueError(
        f"An output of '{operation.name}' ({type(operation).__name__}) "
        "depends on the whole image; a translation that needs it cannot be "
        "tiled."
    )
