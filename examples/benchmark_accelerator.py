"""CycleGAN and U-GAT-IT light beside plain PyTorch, on whatever there is.

    python examples/benchmark_accelerator.py --json gpu.json
    python examples/benchmark_accelerator.py --cpu --json cpu.json

At 256 pixels and batch 1, 8 and 32: seconds of a training step, images per
second, the share of the processor's own matrix-product peak and memory, on
JAX with XLA in float32 and mixed bfloat16; beside them, in the same call,
PyTorch programs of the same networks, losses and updates (`torch_cyclegan.py`,
`torch_ugatit.py`): eager in float32, channels last with autocast to bfloat16,
and that compiled. The shares of both sides count the same operations, those
of our step's graph before it is compiled, and the peak is that of the dtype.
Both frameworks keep their own settings for float32, which let convolutions
use TF32 where the processor has it.

Every side and model runs in a process of its own, one after the other, and
all are done in `--minutes`; what is not reached by then is said to be missing.
`--models`, `--sides`, `--ways` and `--batches` choose what to do, and
`--profile FOLDER` keeps traces of our steps on JAX. `--tiny` is for a try.

With `--cpu` it is TensorFlow's steps beside eager PyTorch's, at batch 1 in
float32, and memory is the largest that the process has had. Other sides of it
are `eigen`, TensorFlow with oneDNN off, as it is by itself on processors
without AVX-512 or VNNI, and `eigen-native`, the same with TensorFlow's own
gradients of convolutions.
"""

import argparse
import concurrent.futures
import contextlib
import functools
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

try:
    import resource
except ImportError:  # Windows
    resource = None

MODELS = ("cyclegan", "ugatit")
KERAS = ("float32", "mixed_bfloat16")
TORCH = ("eager float32", "channels last, autocast", "compiled")
# Side -> its environment.
TENSORFLOW = {"KERAS_BACKEND": "tensorflow"}
EIGEN = TENSORFLOW | {"TF_ENABLE_ONEDNN_OPTS": "0"}
SIDES = {
    # Of the accelerator's memory, nearly all and not three quarters.
    "jax": {"KERAS_BACKEND": "jax", "XLA_PYTHON_CLIENT_MEM_FRACTION": "0.92"},
    "torch": {},
    "tensorflow": TENSORFLOW,
    "eigen": EIGEN,
    "eigen-native": EIGEN | {"KGT_NATIVE_GRADIENTS": "1"},
}
SMALL = {"image_size": 32, "filters": 4}  # with --tiny
NUM_BLOCKS = {"cyclegan": 2, "ugatit": 1}
WARM_UP, GROUPS = 2, 3  # steps; groups of steps that are timed
COMPILING = 0.6  # share of the time after which what is there is measured
LEFT = 15  # seconds below which nothing more is begun


def main():
    """Runs both sides and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--sides", nargs="+", choices=SIDES)
    parser.add_argument("--ways", nargs="+", choices=(*KERAS, *TORCH))
    parser.add_argument("--batches", nargs="+", type=int)
    parser.add_argument("--image-size", type=int, default=256)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--seconds", type=float, default=1.0, help="timed")
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--profile", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    sides, ways, batches = ("jax", "torch"), (*KERAS, *TORCH), [1, 8, 32]
    if options.cpu:
        sides, ways, batches = (
            ("tensorflow", "torch"),
            (KERAS[0], TORCH[0]),
            [1],
        )
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    options.sides = options.sides or sides
    options.ways = options.ways or ways
    options.batches = options.batches or batches
    if options.worker:
        side, model, end = options.worker
        run = {"jax": run_jax, "torch": run_torch}.get(side, run_tensorflow)
        run(options, model, float(end))
        return
    end = time.time() + 60 * options.minutes
    jobs = [(side, m) for m in options.models for side in options.sides]
    rows, flops, facts = [], {}, {}
    for i, (side, model) in enumerate(jobs):
        # What an earlier job leaves over is a later one's.
        until = time.time() + (end - time.time()) / (len(jobs) - i)
        for said in work(side, model, until):
            # All sides' shares are of the first one's operations and peak.
            facts = said.pop("facts", {}) | facts
            flops = said.pop("flops", {}) | flops
            if said:
                rows.append({"model": model, "side": side} | said)
                print(in_words(rows[-1]), flush=True)
    for row in rows:
        add_share(row, flops, facts)
    print("\n".join(table(rows, facts)))
    if options.json:
        facts = {"facts": facts, "rows": rows, "arguments": sys.argv[1:]}
        options.json.write_text(json.dumps(facts, indent=1))


def work(side, model, until):
    """What a process says of a side and a model, until its time is over."""
    process = subprocess.Popen(
        [sys.executable, __file__, *sys.argv[1:]]
        + ["--worker", side, model, str(until)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | SIDES[side],
    )
    # A step or a compilation may hang; what was said before it stays.
    alarm = concurrent.futures.ThreadPoolExecutor(1)
    alarm.submit(end_late, process, until)
    for line in process.stdout:
        if line.startswith("{"):
            yield json.loads(line)
    if process.wait():
        late = time.time() > until - 1
        reason = "no time left" if late else "it failed, see above"
        yield {"what": "the rest", "missing": reason}
    alarm.shutdown()


def end_late(process, moment):
    """Ends a process that is not done in time."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(max(1, moment - time.time()))
    process.kill()


def say(**facts):
    """Says something to the process that began this one."""
    print(json.dumps(facts), flush=True)


def timed(step, wait, group_seconds):
    """Seconds of a step: the median of three groups.

    Args:
        step: function without arguments; may be done later.
        wait: function without arguments that returns when it is.
        group_seconds: about as long as a group takes.
    """
    for _ in range(WARM_UP):
        start = time.perf_counter()
        step()
        wait()
        once = time.perf_counter() - start
    count = max(1, round(group_seconds / once))
    groups = []
    for _ in range(GROUPS):
        start = time.perf_counter()
        for _ in range(count):
            step()
        wait()
        groups.append((time.perf_counter() - start) / count)
    return statistics.median(groups)


def sizes(options, model):
    """(pixels, arguments of the networks)."""
    if not options.tiny:
        return options.image_size, {}
    small = dict(SMALL, num_blocks=NUM_BLOCKS.get(model))
    return small.pop("image_size"), small


# Ours.


def run_tensorflow(options, model, end):
    """One way and batch size after the other."""
    import keras
    import numpy as np
    import tensorflow as tf

    import keras_gan_translate as kgt
    from keras_gan_translate import backend
    from keras_gan_translate.runs.benchmark import matrix_peak

    ways = [way for way in KERAS if way in options.ways]
    dtypes = [way.removeprefix("mixed_") for way in ways]
    peaks = {dtype: matrix_peak(dtype) / 1e9 for dtype in dtypes}
    versions = f"TensorFlow {tf.__version__}, Keras {keras.__version__}"
    say(
        facts={
            "processor": processor(),
            "peak_gflops": peaks,
            "tensorflow": versions,
        }
    )
    pixels, arguments = sizes(options, model)
    random = np.random.default_rng(0)
    for precision in ways:
        keras.config.set_dtype_policy(precision)
        keras.utils.set_random_seed(0)
        gan = kgt.create_model(model, image_size=pixels, **arguments)
        gan.compile()
        for batch_size in options.batches:
            row = {"what": precision, "batch": batch_size}
            if end - time.time() < LEFT:
                say(**row, missing="no time left")
                continue
            shape = (batch_size, pixels, pixels, 3)
            images = {d: random.uniform(-1, 1, shape).astype("f") for d in "ab"}
            start = time.perf_counter()
            gan.train_on_batch(images)
            first = time.perf_counter() - start
            row["seconds"] = timed(
                lambda images=images: gan.train_on_batch(images),
                lambda: None,
                options.seconds,
            )
            row["compile_seconds"] = first - row["seconds"]
            row["memory"] = peak_memory()
            say(**row)
            flops = backend.step_operations(gan, images)
            say(flops={f"{model} {batch_size}": flops})


def peak_memory():
    """Bytes of the process at its largest; None where nothing tells."""
    if resource is None:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def run_jax(options, model, end):
    """Compiles all steps at the same time, then runs one after the other."""
    import jax
    import keras
    import numpy as np

    import keras_gan_translate as kgt
    from keras_gan_translate.runs.benchmark import matrix_peak

    device = jax.devices()[0]
    peaks = {
        dtype: matrix_peak(dtype) / 1e9 for dtype in ("float32", "bfloat16")
    }
    name = device.device_kind
    if device.platform == "cpu":
        name = processor()
    versions = f"JAX {jax.__version__}, Keras {keras.__version__}"
    say(facts={"processor": name, "peak_gflops": peaks, "jax": versions})
    pixels, arguments = sizes(options, model)
    random = np.random.default_rng(0)

    def begin(precision):
        keras.config.set_dtype_policy(precision)
        keras.utils.set_random_seed(0)
        gan = kgt.create_model(model, image_size=pixels, **arguments)
        gan.compile()
        state = tuple([v.value for v in group] for group in gan.state())
        return gan, state

    def lower(precision, batch_size):
        gan, state = games[precision]
        keras.config.set_dtype_policy(precision)
        shape = (batch_size, pixels, pixels, 3)
        image = jax.ShapeDtypeStruct(shape, "float32")
        step = jax.jit(gan.train_step, donate_argnums=0)
        lowered = step.lower(state, {"a": image, "b": image})
        flops = lowered.cost_analysis()["flops"]
        say(flops={f"{model} {batch_size}": flops})
        return lowered

    ways = [way for way in KERAS if way in options.ways]
    games = {precision: begin(precision) for precision in ways}
    # The state of a model goes from one batch size to the next.
    states = {precision: state for precision, (_, state) in games.items()}
    lowered = {
        (precision, batch_size): lower(precision, batch_size)
        for batch_size in options.batches
        for precision in ways
    }
    started = time.perf_counter()

    def compiled(what):
        program = lowered[what].compile()
        return program, time.perf_counter() - started

    # XLA leaves Python alone: as many at once as there are cores. The seconds
    # are those until a program is there.
    threads = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
    futures = {what: threads.submit(compiled, what) for what in lowered}
    patience = COMPILING * (end - time.time())
    concurrent.futures.wait(futures.values(), patience)
    for (precision, batch_size), future in futures.items():
        row = {"what": precision, "batch": batch_size}
        if not future.done() or end - time.time() < LEFT:
            say(**row, missing="no time left")
            continue
        try:
            program, row["compile_seconds"] = future.result()
            row["memory"] = memory_of(program)
            shape = (batch_size, pixels, pixels, 3)
            images = {
                d: jax.device_put(random.uniform(-1, 1, shape).astype("f"))
                for d in "ab"
            }

            def step(program=program, images=images, of=precision):
                _, states[of] = program(states[of], images)

            def wait(of=precision):
                jax.block_until_ready(states[of])

            row["seconds"] = timed(step, wait, options.seconds)
            if options.profile:
                folder = options.profile / f"{model}-{precision}-{batch_size}"
                with jax.profiler.trace(str(folder)):
                    step()
                    wait()
        except jax.errors.JaxRuntimeError as error:
            if "RESOURCE_EXHAUSTED" not in str(error):
                raise
            row["missing"] = "does not fit into memory"
            # What was donated to the failed step is gone.
            _, states[precision] = begin(precision)
        say(**row)
    os._exit(0)  # whatever still compiles


def memory_of(program):
    """Bytes that a compiled step takes, by the plan of XLA; None if untold."""
    plan = program.memory_analysis()
    if plan is None:
        return None
    return (
        plan.argument_size_in_bytes
        + plan.output_size_in_bytes
        - plan.alias_size_in_bytes
        + plan.temp_size_in_bytes
    )


# Plain PyTorch.


def run_torch(options, model, end):
    """Eager, then channels last with autocast, then compiled."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    say(facts={"torch": f"PyTorch {torch.__version__} on {device}"})
    torch.backends.cudnn.benchmark = True
    for how in [way for way in TORCH if way in options.ways]:
        for batch in options.batches:
            row = {"what": how, "batch": batch}
            if end - time.time() < LEFT:
                say(**row, missing="no time left")
                continue
            try:
                game, cast = torch_game(model, how, options, device)
                row |= time_torch(game, cast, how, batch, options, device)
            except torch.OutOfMemoryError:
                row["missing"] = "does not fit into memory"
            if device == "cuda":
                torch.cuda.empty_cache()
            say(**row)


def time_torch(game, cast, how, batch, options, device):
    """Seconds of a step, compiling and memory, as a dict."""
    import torch

    layout = torch.channels_last if how != TORCH[0] else torch.contiguous_format
    pixels, _ = sizes(options, None)
    torch.manual_seed(0)
    a, b = (
        (2 * torch.rand(batch, 3, pixels, pixels, device=device) - 1).to(
            memory_format=layout
        )
        for _ in range(2)
    )
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    start = time.perf_counter()
    game.step(a, b, cast)
    wait()
    first = time.perf_counter() - start
    seconds = timed(lambda: game.step(a, b, cast), wait, options.seconds)
    row = {"compile_seconds": first - seconds, "seconds": seconds}
    row["memory"] = peak_memory()
    if device == "cuda":
        row["memory"] = torch.cuda.max_memory_allocated()
    return row


def torch_game(model, how, options, device):
    """The `Training` of a model, and what its losses are computed in."""
    import torch
    import torch_cyclegan
    import torch_ugatit

    pixels, arguments = sizes(options, model)
    if model == "cyclegan":
        game = torch_cyclegan.Training(**arguments, device=device)
    else:
        most = pixels.bit_length() - 3  # as our discriminators below 128
        game = torch_ugatit.Training(**arguments, device=device, most=most)
    if how == TORCH[0]:
        return game, contextlib.nullcontext
    for name, network in game.networks.items():
        network.to(memory_format=torch.channels_last)
        if how == TORCH[2]:
            # Inductor takes minutes, which a try has not.
            backend = "eager" if options.tiny else "inductor"
            game.networks[name] = torch.compile(network, backend=backend)
    return game, functools.partial(torch.autocast, device, torch.bfloat16)


# What is told.


def add_share(row, flops, facts):
    """Images per second, and the share of the peak where both are known."""
    if "seconds" not in row:
        return
    row["images_per_second"] = row["batch"] / row["seconds"]
    flop = flops.get(f"{row['model']} {row['batch']}")
    dtype = "float32" if "float32" in row["what"] else "bfloat16"
    peak = facts.get("peak_gflops", {}).get(dtype)
    if flop and peak:
        row["gflop"] = flop / 1e9
        row["share"] = flop / 1e9 / row["seconds"] / peak


def in_words(row):
    """A row, as it comes."""
    name = f"{row['model']}, {row['side']}, {row['what']}"
    if "batch" in row:
        name += f", batch {row['batch']}"
    if "missing" in row:
        return f"{name}: {row['missing']}"
    return f"{name}: {row['seconds']:.4g} s"


def table(rows, facts):
    """Lines of Markdown."""
    peaks = ", ".join(
        f"{dtype} {peak:.4g} GFLOP/s"
        for dtype, peak in facts.get("peak_gflops", {}).items()
    )
    known = ("processor", "jax", "tensorflow", "torch")
    about = [facts.get(k) for k in known]
    yield ""
    yield "; ".join(filter(None, [*about, peaks and f"peaks: {peaks}"]))
    yield ""
    yield (
        "| model | program | batch | s per step | images per s | share | "
        "memory | compiling |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for row in rows:
        cells = [row["model"], f"{row['side']}, {row['what']}"]
        cells.append(str(row.get("batch", "")))
        if "seconds" not in row:
            yield f"| {' | '.join(cells)} | {row['missing']} | | | | |"
            continue
        share, memory = row.get("share"), row.get("memory")
        cells += [
            f"{row['seconds']:.4g}",
            f"{row['images_per_second']:.4g}",
            "" if share is None else f"{share:.0%}",
            "" if memory is None else f"{memory / 2**30:.2f} GiB",
            f"{row['compile_seconds']:.0f} s",
        ]
        yield f"| {' | '.join(cells)} |"


def processor():
    """Name of the CPU, as the system tells it."""
    with contextlib.suppress(OSError):
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
