"""Every model on two devices, and on one with the same batches.

    python -m tests.long.devices --out build/devices.json
    KERAS_BACKEND=jax python -m tests.long.devices --out build/devices.json

At smallest size and width, 20 steps. The figure is the largest difference of
a loss, relative to the loss (to 0.001 where it is smaller). Beside it stands
how far rounding alone drifts: one device, weights that differ by 1e-7. Where
a model draws at random, TensorFlow's replicas draw each its own. Each model is
a process of its own; what is in the file is not trained again.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import numpy as np

STEPS, SMALL = 20, 1e-3
ALLOWED, OF_ROUNDING = 1e-5, 10.0


def as_two():
    """Makes two devices of a CPU."""
    flag = "--xla_force_host_platform_device_count=2"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flag}"
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.set_logical_device_configuration(
            tf.config.list_physical_devices("CPU")[0],
            [tf.config.LogicalDeviceConfiguration()] * 2,
        )


def train(name, count, moved=False):
    """Trains on a number of devices.

    Returns:
        (a dict of losses for every step, whether the model draws at random)
    """
    import keras

    from keras_gan_translate import devices
    from tests.test_all_models import batch, tiny

    with devices(count):
        model = tiny(name)
        size = 2 * max(2, model.smallest_batch)
        model.compile(total_steps=STEPS)
        if moved:
            rng = np.random.default_rng(7)
            for weight in model.trainable_variables:
                value = keras.ops.convert_to_numpy(weight)
                weight.assign(
                    value * (1 + 1e-7 * rng.choice([-1, 1], value.shape))
                )
        data, seen = batch(model, STEPS * size), []
        for step in range(STEPS):
            part = {
                key: values[step * size :][:size]
                for key, values in data.items()
            }
            told = model.fit(part, batch_size=size, shuffle=False, verbose=0)
            seen.append({key: one[0] for key, one in told.history.items()})
        return seen, draws(model)


def draws(model):
    """Whether a model has drawn at random, its pools aside."""
    import keras

    from keras_gan_translate.layers import ImagePool

    pools = [
        layer.seed_generator.state
        for layer in model._flatten_layers()
        if isinstance(layer, ImagePool) and layer.size
    ]
    return any(
        variable.name == "seed_generator_state"
        and int(keras.ops.convert_to_numpy(variable)[1]) > 0
        and not any(variable is pool for pool in pools)
        for variable in model.variables
    )


def apart(one, other):
    """The largest relative difference of a loss."""
    return max(
        abs(logs[key] - theirs[key]) / max(abs(logs[key]), SMALL)
        for logs, theirs in zip(one, other, strict=True)
        for key in logs
    )


def compare(name):
    """What was seen of a model: a dict."""
    as_two()
    try:
        two, random = train(name, 2)
    except ValueError as error:
        return {"refused": str(error)}
    one, _ = train(name, 1)
    moved, _ = train(name, 1, moved=True)
    return {
        "apart": apart(one, two),
        "rounding": apart(one, moved),
        "draws": random,
    }


def words_of(result):
    """A cell of the table."""
    if result is None:
        return "not measured"
    if "refused" in result:
        return f"refused: {result['refused']}"
    words = f"{result['apart']:.1e} (rounding {result['rounding']:.1e})"
    return f"{words}, draws" if result["draws"] else words


def is_equal(key, result):
    """Whether two devices are one, or need not be."""
    if "refused" in result:
        return True
    if result["draws"] and key.endswith("tensorflow"):
        return True
    return result["apart"] <= max(ALLOWED, OF_ROUNDING * result["rounding"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+")
    parser.add_argument(
        "--out", default="build/devices.json", type=pathlib.Path
    )
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(compare(options.one)))
        return 0
    from keras_gan_translate.backend import BACKEND
    from keras_gan_translate.support.files import write_text
    from keras_gan_translate.zoo import list_models

    results = {}
    if options.out.exists():
        results = json.loads(options.out.read_text("utf-8"))
    for name in options.models or [info.name for info in list_models()]:
        key = f"{name} {BACKEND}"
        if key in results:
            continue
        module = [sys.executable, "-W", "ignore", "-m", "tests.long.devices"]
        done = subprocess.run(
            [*module, "--one", name], capture_output=True, text=True
        )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no words"]
            print(f"{key}: failed, {lines[-1]}", flush=True)
            continue
        results[key] = json.loads(done.stdout.splitlines()[-1])
        options.out.parent.mkdir(parents=True, exist_ok=True)
        write_text(options.out, json.dumps(results, indent=2) + "\n")
        print(key, results[key], flush=True)
    print("\n| model | TensorFlow | JAX |\n|---|---|---|")
    for name in dict.fromkeys(key.split()[0] for key in results):
        cells = [
            words_of(results.get(f"{name} {backend}"))
            for backend in ("tensorflow", "jax")
        ]
        print(f"| {name} | {' | '.join(cells)} |")
    bad = [key for key, one in results.items() if not is_equal(key, one)]
    print(f"{len(results) - len(bad)} of {len(results)} as promised.", *bad)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
