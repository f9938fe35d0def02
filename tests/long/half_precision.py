"""Every model, thousands of steps in half precision.

    python -m tests.long.half_precision --steps 2000 --out build/half.json

Row 2 of "Numbers one can trust": at tiny width, on drawn data, in bfloat16
and in float16, every loss and every weight stays finite. In float16 a step
whose gradients overflow is skipped, and counted. Each training is a process
of its own; what is in the file is not trained again.
"""

import argparse
import inspect
import json
import math
import pathlib
import subprocess
import sys
import time

import numpy as np

POLICIES = ("mixed_bfloat16", "mixed_float16")
WIDTHS = ("filters", "critic_filters", "discriminator_filters")
SMALL = dict.fromkeys(WIDTHS, 4) | {"num_blocks": 1, "num_downs": 3}


def tiny_config(name, policy):
    """The config of a model at its smallest size and width, on drawn data."""
    from keras_gan_translate.data.kinds import find_kind
    from keras_gan_translate.runs.configs import complete
    from keras_gan_translate.zoo import find_model

    model_class = find_model(name)
    known = inspect.signature(model_class).parameters
    (world, *_) = find_kind(model_class.data).worlds
    config = {
        "model": name,
        "data": f"drawn:{world}:16",
        "image_size": model_class.smallest_size,
        "batch_size": max(min(2, model_class.batch_size), 1),
        "seed": 0,
        "precision": policy,
    }
    smallest = getattr(model_class, "smallest_batch", 1)
    config["batch_size"] = max(config["batch_size"], smallest)
    if model_class.given_networks:
        config["image_size"] = 64  # what the discriminators given can halve
    config |= {key: SMALL[key] for key in SMALL if key in known}
    if "vgg_weights" in known:
        config["vgg_weights"] = None
    return complete(config, model_class)


def train(name, policy, steps):
    """Trains, and returns what was seen: a dict."""
    from keras_gan_translate import load
    from keras_gan_translate.runs.training import build_model, open_data
    from keras_gan_translate.zoo import find_model

    config = tiny_config(name, policy)
    given = find_model(name).given_networks
    model = build_model(config, **{key: load("drawn_toon") for key in given})
    dataset = open_data(config, model).dataset
    model.compile(total_steps=steps)
    began, step, largest = time.monotonic(), 0, 0.0
    infinite = {}
    while step < steps:
        for batch in dataset:
            model.reset_metrics()
            logs = model.train_on_batch(batch, return_dict=True)
            step += 1
            for loss, value in logs.items():
                if math.isfinite(value):
                    largest = max(largest, abs(float(value)))
                else:
                    infinite.setdefault(loss, step)
            if step == steps:
                break
    bad = [
        weight.path
        for weight in model.variables
        if not np.isfinite(np.asarray(weight.value, "float32")).all()
    ]
    moved = {
        player: int(one.iterations)
        for player, one in model.optimizer.players.items()
    }
    return {
        "steps": steps,
        "infinite losses": infinite,
        "infinite weights": bad,
        "moved": moved,
        "largest loss": largest,
        "seconds": round(time.monotonic() - began),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--models", nargs="+")
    parser.add_argument("--out", default="build/half.json", type=pathlib.Path)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(train(*options.one, options.steps)))
        return 0
    from keras_gan_translate.support.files import write_text
    from keras_gan_translate.zoo import list_models

    results = {}
    if options.out.exists():
        results = json.loads(options.out.read_text("utf-8"))
    for name in options.models or [info.name for info in list_models()]:
        for policy in POLICIES:
            key = f"{name} {policy}"
            if key in results:
                continue
            module = [sys.executable, "-m", "tests.long.half_precision"]
            words = ["--steps", str(options.steps), "--one", name, policy]
            done = subprocess.run(
                [*module, *words], capture_output=True, text=True
            )
            if done.returncode:
                lines = done.stderr.strip().splitlines() or ["no words"]
                print(f"{key}: failed, {lines[-1]}", flush=True)
                continue
            results[key] = json.loads(done.stdout.splitlines()[-1])
            write_text(options.out, json.dumps(results, indent=2) + "\n")
            print(key, results[key], flush=True)
    print("\n| model | bfloat16 | float16 |\n|---|---|---|")
    for name in dict.fromkeys(key.split()[0] for key in results):
        both = [results.get(f"{name} {policy}") for policy in POLICIES]
        cells = [words_of(one, both[0]) for one in both]
        print(f"| {name} | {' | '.join(cells)} |")
    bad = [key for key, one in results.items() if not is_finite(one)]
    print(f"{len(results) - len(bad)} of {len(results)} stayed finite.", *bad)
    return 1 if bad else 0


def is_finite(result):
    """Whether no loss and no weight was infinite."""
    return not result["infinite losses"] and not result["infinite weights"]


def words_of(result, reference):
    """A cell of the table; bfloat16, the reference, skips no step."""
    if result is None:
        return "not measured"
    if not is_finite(result):
        first = min(result["infinite losses"].values(), default="the end")
        return f"not finite at step {first}"
    skipped = [
        f"{reference['moved'][player] - moved} of {player}"
        for player, moved in result["moved"].items()
        if reference and moved != reference["moved"][player]
    ]
    return f"finite; skipped {', '.join(skipped)}" if skipped else "finite"


if __name__ == "__main__":
    sys.exit(main())
