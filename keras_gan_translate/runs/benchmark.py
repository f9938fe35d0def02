"""How fast a model trains and translates here, beside what the machine can.

Absolute times say little on machines that are shared; the share of the same
machine's own matrix-product peak, measured in the same run, does.
"""

import statistics
import time

import keras
import numpy as np
from keras import ops

from keras_gan_translate import backend
from keras_gan_translate.runs import measuring


def benchmark(model, batch_size=1, image_size=None, steps=3):
    """Times training steps and translations of a compiled model.

    Args:
        model: a compiled `GAN`.
        batch_size: images of each domain in a training step.
        image_size: height and width in pixels of a model that takes any.
        steps: timed repetitions, after one that compiles; medians count.

    Returns:
        Dict: `peak_gflops` (of a matrix product in the model's compute
        dtype), `training` and `translation` (each with `seconds`,
        `images_per_second`, `gflop` counted from the graph and `share` of the
        peak), `compile_seconds` (of the training step), `peak_memory` in
        bytes.
    """
    rng = np.random.default_rng(0)

    def images(key):
        sides = [model.image_size_of(key) or image_size] * 2
        return rng.uniform(-1, 1, (batch_size, *sides, 3)).astype("float32")

    batch = {
        key: images(key)
        if key in model.image_keys
        else np.zeros(batch_size, "int32")
        for key in model.batch_keys
    }
    peak = matrix_peak(model.compute_dtype)
    first, seconds = _times(lambda: model.train_on_batch(batch), steps)
    direction = next(iter(model.directions))
    network, source = model.translator(direction), batch[direction[0]][:1]
    _, image_seconds = _times(lambda: backend.predict(network, source), steps)
    memory = measuring.peak_memory()
    training_flop = measuring.training_operations(model, batch)
    image_flop = measuring.forward_operations(network, source)
    return {
        "peak_gflops": peak / 1e9,
        "compile_seconds": first - seconds,
        "training": _rates(seconds, batch_size, training_flop, peak),
        "translation": _rates(image_seconds, 1, image_flop, peak),
        "peak_memory": memory,
    }


def matrix_peak(dtype):
    """Floating-point operations per second of the best matrix product.

    Args:
        dtype: "float32", "bfloat16" or "float16".
    """
    best, size = 0.0, 1024
    # Doubled until a product takes long enough to be timed.
    while size <= 16384:
        a = ops.cast(keras.random.normal((size, size), seed=1), dtype)
        measuring.wait_for(ops.matmul(a, a))
        elapsed = []
        for _ in range(5):
            start = time.perf_counter()
            measuring.wait_for(ops.matmul(a, a))
            elapsed.append(time.perf_counter() - start)
        best = max(best, 2 * size**3 / min(elapsed))
        if min(elapsed) > 0.05:
            break
        size *= 2
    return best


def _times(function, steps):
    """(seconds of the first call, median seconds of the others)."""
    elapsed = []
    for _ in range(steps + 1):
        start = time.perf_counter()
        function()
        elapsed.append(time.perf_counter() - start)
    return elapsed[0], statistics.median(elapsed[1:])


def _rates(seconds, images, flop, peak):
    return {
        "seconds": seconds,
        "images_per_second": images / seconds,
        "gflop": flop / 1e9,
        "share": flop / seconds / peak,
    }
