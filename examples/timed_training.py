"""What the scripts that compare models share: trainings of a fixed time.

Every training is a process of its own on one thread, and its time that of the
processor, not of the clock, so that two may run at once. What is finished is
passed over by the next call; what was killed goes on from its last
checkpoint, a minute old at most.
"""

import json
import os
import signal
import subprocess
import sys
import time

import h5py
import numpy as np

from keras_gan_translate.data import write_image
from keras_gan_translate.support.files import write_text, written_aside
from keras_gan_translate.support.pictures import draw_grid

CHECKPOINT = 60  # seconds of processor time


def say(*words):
    """Prints a line of progress."""
    print(time.strftime("%H:%M:%S"), *words, flush=True)


def write_json(path, content):
    """Writes a file that is there in full or not at all."""
    write_text(path, json.dumps(content, indent=2) + "\n")


def read_json(path):
    """What `write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def measure_all(arguments, judge, models, report):
    """Runs what is missing of some data sets, and reports all of them.

    Args:
        arguments: of the command line: `data`, `out` and `jobs`.
        judge: the task of each data set that comes before its models.
        models: dict from the data set to the names of its models.
        report: function of a data set's folder and name.

    Returns:
        The exit code, 1 if something failed.
    """
    # So that a call that is ended ends its trainings, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    judges = [(name, judge) for name in arguments.data]
    failed = run_all(arguments.out, judges, arguments.jobs)
    tasks = [
        (name, model)
        for name in arguments.data
        for model in models[name]
        if (name, judge) not in failed
    ]
    failed += run_all(arguments.out, tasks, arguments.jobs)
    for name in arguments.data:
        report(arguments.out / name, name)
    return 1 if failed else 0


def run_all(out, tasks, jobs):
    """Runs what is not finished, each task by a call of this script.

    Args:
        out: folder; a task (name, model) is finished once it has written
            `name/model.json`.
        tasks: list of them; the call gets them by `--one name model`.
        jobs: how many run at once.

    Returns:
        List of the tasks that failed.
    """
    waiting = []
    for name, model in tasks:
        if (out / name / f"{model}.json").exists():
            say(name, model, "is finished")
        else:
            waiting.append((name, model))
    running, failed = {}, []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                task = waiting.pop(0)
                running[task] = _start(task)
            time.sleep(0.5)
            for task, process in list(running.items()):
                if process.poll() is not None:
                    del running[task]
                    if process.returncode:
                        failed.append(task)
    finally:
        for process in running.values():
            process.terminate()
    for name, model in failed:
        say(name, model, "failed: its words are above; the same call retries")
    return failed


def _start(task):
    """A process of its own for a task."""
    # One thread each, so that processor time is what a training itself needs.
    threads = {
        "OMP_NUM_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "XLA_FLAGS": os.environ.get("XLA_FLAGS", "")
        + " --xla_cpu_multi_thread_eigen=false",
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
    return subprocess.Popen(
        [sys.executable, *sys.argv, "--one", *task], env=os.environ | threads
    )


def constant_rates(gan):
    """{player: its default optimizer, whose learning rate stays the first}."""
    optimizers = {}
    for player in gan.players:
        optimizer = gan.default_optimizer(player, gan.total_steps)
        config = optimizer.get_config()
        if isinstance(config["learning_rate"], dict):
            schedule = config["learning_rate"]["config"]
            # A piecewise constant one has a list of them.
            first = schedule.get("initial_learning_rate")
            config["learning_rate"] = first or schedule["values"][0]
        optimizers[player] = type(optimizer).from_config(config)
    return optimizers


def train(gan, source, seconds, last, title):
    """Trains for some processor time.

    Learning rates are constant for half of it, and fall to zero in the other.

    Args:
        gan: a compiled `GAN`.
        source: function from the number of steps that are done to endless
            batches.
        seconds: of processor time; the first step, which traces, is not in.
        last: path of the checkpoint, from which it goes on.
        title: what lines of progress begin with.

    Returns:
        Dict of what it took: "seconds" and "steps".
    """
    parent = os.getppid()
    state = {"seconds": 0.0, "steps": 0}
    if last.exists():
        with h5py.File(last) as file:
            state = json.loads(file.attrs["state"])
        gan.load_weights(last)
        say(title, "goes on after", state)
    batches = source(state["steps"])
    rates = {
        player: float(optimizer.learning_rate)
        for player, optimizer in gan.optimizer.players.items()
    }
    if state["seconds"] < seconds:
        say(title, "is traced")
        gan.train_on_batch(next(batches))
    saved = state["seconds"]
    began = time.process_time() - state["seconds"]
    while state["seconds"] < seconds:
        if os.getppid() != parent:
            sys.exit(f"{title}: the call that wanted it is gone.")
        factor = min(1.0, 2.0 * (1.0 - state["seconds"] / seconds))
        for player, rate in rates.items():
            gan.optimizer[player].learning_rate = rate * factor
        logs = gan.train_on_batch(next(batches), return_dict=True)
        state["seconds"] = time.process_time() - began
        state["steps"] += 1
        ended = state["seconds"] >= seconds
        if ended or state["seconds"] - saved > CHECKPOINT:
            saved = state["seconds"]
            _save(gan, last, state)
            gan.reset_metrics()
            began = time.process_time() - saved  # saving does not count
            losses = {key: round(float(x), 3) for key, x in logs.items()}
            say(title, f"{saved:.0f}/{seconds:.0f} s", state, losses)
    return state


def _save(gan, path, state):
    """Weights, optimizers and what was trained, whole or not at all."""
    with written_aside(path) as aside:
        gan.save_weights(aside)
        with h5py.File(aside, "a") as file:
            file.attrs["state"] = json.dumps(state)


def count_parameters(gan):
    """Of the usual translator, and of all networks that are trained."""
    networks = {name for names in gan.players.values() for name in names}
    return {
        "translator": gan.translator().count_params(),
        "all": sum(getattr(gan, name).count_params() for name in networks),
    }


def facts_of(gan, arguments, batch_size, note, state):
    """What a result says about its training."""
    return {
        "arguments": arguments,
        "batch_size": batch_size,
        "note": note,
        "steps": state["steps"],
        "seconds": state["seconds"],
        "seconds_per_step": state["seconds"] / state["steps"],
        "parameters": count_parameters(gan),
    }


def sizes_table(read):
    """Lines of the table of what the models are and how they were trained.

    Args:
        read: dict of results, by model, with what `facts_of` says.
    """
    lines = ["| model | options | batch | parameters of a translator | all | "]
    lines[0] += "steps | processor s | s per step |"
    lines.append("|---|---|--:|--:|--:|--:|--:|--:|")
    for model, result in read.items():
        options = ", ".join(f"{k}={v}" for k, v in result["arguments"].items())
        note = f"; {result['note']}" if result["note"] else ""
        counts = result["parameters"]
        lines.append(
            f"| {model} | {options}{note} | {result['batch_size']} | "
            f"{counts['translator']:,} | {counts['all']:,} | "
            f"{result['steps']} | {result['seconds']:.0f} | "
            f"{result['seconds_per_step']:.3f} |"
        )
    return lines


def scores_table(rows, columns):
    """Lines of a table: a row each, the columns that any row has.

    Args:
        rows: dict of dicts of scores, by title.
        columns: dict of (title, format), by score.
    """
    keys = [key for key in columns if any(key in row for row in rows.values())]
    lines = [f"| | {' | '.join(columns[key][0] for key in keys)} |"]
    lines.append("|---|" + "--:|" * len(keys))
    for title, row in rows.items():
        cells = [columns[k][1].format(row[k]) if k in row else "" for k in keys]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return lines


def read_finished(folder, models):
    """What was measured of the models that are finished, a dict by model."""
    paths = {model: folder / f"{model}.json" for model in models}
    return {m: read_json(path) for m, path in paths.items() if path.exists()}


def shown_rows(count, number):
    """Numbers of `number` examples for the grid, evenly among `count`."""
    return np.linspace(0, count - 1, number).astype(int)


def write_report(folder, lines, columns):
    """Writes table.md, of lines, and grid.png, of columns of `draw_grid`."""
    table, grid = folder / "table.md", folder / "grid.png"
    write_text(table, "\n".join(lines) + "\n")
    write_image(grid, draw_grid(columns))
    say("written:", table, grid)
