"""Gradients of convolutions, for CPUs where TensorFlow leaves oneDNN off.

There (AMD with AVX2 only, for example) it copies all windows of an image on
one thread, and then multiplies: the gradients of a 7x7 convolution from 64 to
3 channels at 256 pixels take 20 times as long as the convolution. The same
sums are had from operations that TensorFlow computes on all threads.

The forward pass stays TensorFlow's. `tensorflow.gradients` is the only user:
within `own_gradients` convolutions note these gradients as theirs in the graph
of the training step, and whatever runs outside of it never meets them.
"""

import functools
import os

import numpy as np
import tensorflow as tf

OFF = "KGT_NATIVE_GRADIENTS"  # environment: "1" leaves all to TensorFlow
NAME = "KerasGANTranslateConv2D"  # in the registry of gradients

# From where on the other ways are taken (`docs/benchmarks.md`). It is a rule,
# not a measurement of every shape at the start of a process: that might come
# out otherwise when a training is resumed, and then its weights would not be
# the same to the bit any more.
LEAST_WORK = 50e6  # floating-point operations: below, there is little to gain
LEAST_INPUTS = 16  # channels: of 3, a turned convolution is the slower one
LEAST_POSITIONS = 4  # places in the image per output: kernels are copied
FEW_OUTPUTS = 8  # times more inputs than outputs: windows of the outputs


@functools.cache
def pay():
    """Whether this process has the processor and the kernels they are for."""
    if os.environ.get(OFF, "0") not in ("", "0"):
        return False
    devices = tf.config.list_logical_devices()
    return all(d.device_type == "CPU" for d in devices) and not uses_onednn()


@functools.cache
def uses_onednn():
    """Whether convolutions are oneDNN's, as a graph that has run tells."""
    with tf.Graph().as_default() as graph:
        # Of constants the result would be made without running it.
        images = tf.compat.v1.placeholder(tf.float32, (1, 16, 16, 16))
        result = tf.nn.conv2d(images, tf.ones((3, 3, 16, 16)), 1, "SAME")
    options = tf.compat.v1.RunOptions(output_partition_graphs=True)
    ran = tf.compat.v1.RunMetadata()
    with tf.compat.v1.Session(graph=graph) as session:
        feed = {images: np.ones(images.shape, "float32")}
        session.run(result, feed, options=options, run_metadata=ran)
    return any(
        node.op.startswith("_Mkl")
        for part in ran.partition_graphs
        for node in part.node
    )


def own_gradients():
    """A scope: what `tf.gradients` makes of the convolutions built in it.

    Only for a graph: `tf.GradientTape` does not look at such notes.
    """
    graph = tf.compat.v1.get_default_graph()
    return graph.gradient_override_map({"Conv2D": NAME})


@tf.RegisterGradient(NAME)
def _gradients(op, gradient):
    images, kernel = op.inputs
    if not _suits(op):
        return _native(op, gradient)
    same = op.get_attr("padding") == b"SAME"
    by_kernel = _from_windows_of_inputs
    if kernel.shape[2] >= FEW_OUTPUTS * kernel.shape[3]:
        by_kernel = _from_windows_of_outputs
    return (
        turned_convolution(kernel, gradient, same),
        by_kernel(images, kernel.shape, gradient, same),
    )


def _suits(op):
    """Whether the other ways are taken."""
    images, kernel = op.inputs
    shape, result = kernel.shape, op.outputs[0].shape
    if (
        images.dtype != tf.float32
        or op.get_attr("data_format") != b"NHWC"
        or op.get_attr("padding") not in (b"SAME", b"VALID")
        # Of strides of 2, TensorFlow's take less processor time.
        or {*op.get_attr("strides"), *op.get_attr("dilations")} != {1}
        or not shape.is_fully_defined()
        or not result[1:].is_fully_defined()
        or images.shape[-1] != shape[2]  # groups
        or shape[0] * shape[1] == 1  # a matrix product already
    ):
        return False
    positions = result[1] * result[2] * (result[0] or 1)
    return (
        2 * shape.num_elements() * positions >= LEAST_WORK
        and shape[2] >= LEAST_INPUTS
        and positions >= LEAST_POSITIONS * shape[3]
    )


def _native(op, gradient):
    """TensorFlow's own two gradients."""
    images, kernel = op.inputs
    options = {
        name: op.get_attr(name)
        for name in ("strides", "dilations", "explicit_paddings")
    }
    options |= {
        name: op.get_attr(name).decode() for name in ("padding", "data_format")
    }
    return (
        tf.raw_ops.Conv2DBackpropInput(
            input_sizes=tf.shape(images),
            filter=kernel,
            out_backprop=gradient,
            **options,
        ),
        tf.raw_ops.Conv2DBackpropFilter(
            input=images,
            filter_sizes=tf.shape(kernel),
            out_backprop=gradient,
            **options,
        ),
    )


# The other ways, for strides and dilations of 1.


def _paddings(size, same):
    """Rows of zeros (before, after) that a convolution adds to its input."""
    before = (size - 1) // 2 if same else 0
    return before, size - 1 - before if same else 0


def _turned_paddings(size, same):
    """The same of the convolution that leads back from its outputs."""
    return tuple(size - 1 - rows for rows in _paddings(size, same))


def turned_convolution(kernel, gradient, same):
    """Gradient with respect to the images, a convolution itself.

    Args:
        kernel: (height, width, inputs, outputs).
        gradient: of the outputs, (N, H, W, outputs).
        same: whether the padding is "same", else "valid".

    Returns:
        Tensor of the images' shape.
    """
    height, width = kernel.shape[:2]
    turned = tf.transpose(kernel[::-1, ::-1], (0, 1, 3, 2))
    paddings = [_turned_paddings(size, same) for size in (height, width)]
    return tf.nn.conv2d(gradient, turned, 1, [(0, 0), *paddings, (0, 0)])


def _from_windows_of_inputs(images, shape, gradient, same):
    """Gradient with respect to the kernel: a product for each of its places.

    Args:
        images: (N, H, W, inputs).
        shape: of the kernel, (height, width, inputs, outputs).
        gradient: of the outputs.
        same: whether the padding is "same", else "valid".

    Returns:
        Tensor of the kernel's shape.
    """
    height, width, inputs, outputs = shape
    images = _padded(images, [_paddings(n, same) for n in (height, width)])
    gradient = tf.reshape(gradient, (-1, outputs))
    products = [
        tf.matmul(
            tf.reshape(_window(images, i, j, shape), (-1, inputs)),
            gradient,
            transpose_a=True,
        )
        for i in range(height)
        for j in range(width)
    ]
    return tf.reshape(tf.stack(products), shape)


def _from_windows_of_outputs(images, shape, gradient, same):
    """As `_from_windows_of_inputs`; one product, where outputs are few.

    Then their windows are smaller than those of the inputs.
    """
    height, width, inputs, outputs = shape
    sizes = [_turned_paddings(n, same) for n in (height, width)]
    gradient = _padded(gradient, sizes)
    windows = [
        _window(gradient, height - 1 - i, width - 1 - j, shape)
        for i in range(height)
        for j in range(width)
    ]
    product = tf.matmul(
        tf.reshape(images, (-1, inputs)),
        tf.reshape(tf.concat(windows, -1), (-1, height * width * outputs)),
        transpose_a=True,
    )
    product = tf.reshape(product, (inputs, height, width, outputs))
    return tf.transpose(product, (1, 2, 0, 3))


def _window(images, top, left, shape):
    """What a place of the kernel meets while it is moved over images."""
    bottom, right = top - shape[0] + 1, left - shape[1] + 1
    return images[:, top : bottom or None, left : right or None]


def _padded(images, rows):
    if any(map(any, rows)):
        images = tf.pad(images, [(0, 0), *rows, (0, 0)])
    return images
