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
        batch_size: examples in a training step.
        image_size: height and width in pixels of a model that takes any.
        steps: timed repetitions, after one that compiles; medians count.

    Returns:
        Dict: `peak_gflops` (of a matrix product in the model's compute
        dtype), `training` and `translation` (each with `seconds`,
        `images_per_second`, `gflop` counted from the graph and `share` of the
        peak; of training steps in which every player plays),
        `compile_seconds` (of the training step), `peak_memory` in
        bytes.
    """
    rng = np.random.default_rng(0)

    size = model.image_size or image_size
    batch = {
        name: ops.convert_to_numpy(
            field.prepare(field.example(batch_size, size, rng))
        )
        if field.reads == "image"
        else field.example(batch_size, size, rng)
        for name, field in model.batch.items()
    }
    peak = matrix_peak(model.compute_dtype)
    first, seconds = _times(
        lambda: model.train_on_batch(batch),
        steps,
        max(model.turns.values(), default=1),
    )
    network = model.translator()
    source = [
        ops.convert_to_numpy(field.prepare(field.example(1, size, rng)))
        for field in model.inputs().values()
    ]
    source = source[0] if len(source) == 1 else source
    _, image_seconds = _times(lambda: backend.predict(network, source), steps)
    memory = measuring.peak_memory()
    training_flop = backend.step_operations(model, batch)
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


def _times(function, steps, period=1):
    """(seconds of the first call, median seconds of some of the others).

    Of the others the last of each period count: then every player plays.
    """
    elapsed = []
    for _ in range(max(steps * period, steps + 1)):
        start = time.perf_counter()
        function()
        elapsed.append(time.perf_counter() - start)
    counted = elapsed[period - 1 :: period] if period > 1 else elapsed[1:]
    return elapsed[0], statistics.median(counted)


def _rates(seconds, images, flop, peak):
    return {
        "seconds": seconds,
        "images_per_second": images / seconds,
        "gflop": flop / 1e9,
        "share": flop / seconds / peak,
    }
