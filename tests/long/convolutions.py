"""What gradients of convolutions take here, TensorFlow's and ours.

    TF_ENABLE_ONEDNN_OPTS=0 python -m tests.long.convolutions
    python -m tests.long.convolutions --names residual last --repeats 10

Milliseconds, the least of some repetitions in turn: of the forward pass, of
the gradient to the input (TensorFlow's, as a turned convolution) and of the
one to the kernel (TensorFlow's, as a product for each place of the kernel, as
one product with windows of the outputs). The constants of
`backend/tensorflow/convolutions.py` come from such tables with oneDNN off.
"""

import argparse
import time

import tensorflow as tf

from keras_gan_translate.backend.tensorflow import convolutions as own

# Name -> size of the kernel, inputs, outputs, pixels; all "same".
SHAPES = {
    "first": (7, 3, 64, 256),
    "last": (7, 64, 3, 256),
    "residual": (3, 256, 256, 64),
    "half": (3, 128, 128, 128),
    "up": (3, 128, 64, 256),
    "narrow": (3, 16, 16, 256),
    "small": (3, 256, 256, 32),
    "deep": (3, 512, 512, 16),
    "patch": (4, 256, 512, 31),
    "judged": (4, 512, 1, 30),
}


def ways(size, inputs, outputs, pixels):
    """Name of a way -> function without arguments."""
    kernel_shape = (size, size, inputs, outputs)
    images = tf.random.normal((1, pixels, pixels, inputs))
    gradient = tf.random.normal((1, pixels, pixels, outputs))
    kernel = tf.random.normal(kernel_shape)
    native = {"strides": [1, 1, 1, 1], "padding": "SAME"}
    native["out_backprop"] = gradient
    functions = {
        "forward": lambda: tf.nn.conv2d(images, kernel, 1, "SAME"),
        "input, TensorFlow": lambda: tf.raw_ops.Conv2DBackpropInput(
            input_sizes=images.shape, filter=kernel, **native
        ),
        "turned": lambda: own.turned_convolution(kernel, gradient, True),
        "kernel, TensorFlow": lambda: tf.raw_ops.Conv2DBackpropFilter(
            input=images, filter_sizes=kernel_shape, **native
        ),
        "places": lambda: own._from_windows_of_inputs(
            images, kernel.shape, gradient, True
        ),
    }
    if outputs <= inputs:
        functions["windows of outputs"] = lambda: own._from_windows_of_outputs(
            images, kernel.shape, gradient, True
        )
    return {name: tf.function(f) for name, f in functions.items()}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--names", nargs="+", choices=SHAPES, default=SHAPES)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print(f"oneDNN {'on' if own.uses_onednn() else 'off'}, ms")
    for name in options.names:
        functions = ways(*SHAPES[name])
        for function in functions.values():
            function().numpy()
        least = dict.fromkeys(functions, float("inf"))
        for _ in range(options.repeats):
            for way, function in functions.items():
                start = time.perf_counter()
                function().numpy()
                took = 1000 * (time.perf_counter() - start)
                least[way] = min(least[way], took)
        figures = "; ".join(f"{way} {ms:.0f}" for way, ms in least.items())
        print(name, *SHAPES[name], figures, flush=True)


if __name__ == "__main__":
    main()
