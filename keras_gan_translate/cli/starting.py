"""Starts a training as `train` was told, or goes on, and says so."""

import itertools
import os
import pathlib
import shlex
import sys

import click

from keras_gan_translate.cli import outlines
from keras_gan_translate.cli.console import (
    console,
    format_bytes,
    format_seconds,
    print_json,
)
from keras_gan_translate.cli.data_options import data_options, swallowed
from keras_gan_translate.cli.glance import glance
from keras_gan_translate.cli.model_options import arguments
from keras_gan_translate.presets.folders import is_name
from keras_gan_translate.support import locks


def start(options, out=None, plan=False, as_json=False):
    """Trains as the options say, or goes on.

    Args:
        options: dict of all that `train` takes, and of the model's own.
        out: the run folder; None for one of the model's and the data's name.
        plan: whether to say only what it will cost.
        as_json: with `plan`, whether as JSON.
    """
    from keras_gan_translate.data import images
    from keras_gan_translate.runs import configs

    spread = _spread(options, plan)
    model_class = outlines.find_model(options["model"])
    images.limit_pixels(options["max_pixels"] or images.MAX_PIXELS)
    config = configs.complete(_resolve(options, model_class), model_class)
    # Keras takes seconds: what is mistyped or missing was told before.
    from keras_gan_translate.engine.devices import check_batch, devices

    with devices(**spread) as names:
        if names:
            check_batch(model_class, config["batch_size"], len(names))
            console().print(
                f"Each batch of {config['batch_size']} is shared among "
                f"{len(names)} devices: {', '.join(names)}.",
                markup=False,
            )
        _start(options, config, model_class, out, plan, as_json)


def _spread(options, plan):
    """Takes out of the options where the training is to run.

    It is no part of the config: the same training goes on anywhere.
    """
    from keras_gan_translate.support.shares import check_hosts

    spread = {
        "count": options.pop("devices", None),
        "hosts": options.pop("hosts", None) or 1,
        "host_index": options.pop("host_index", None) or 0,
        "coordinator": options.pop("coordinator", None),
    }
    check_hosts(**spread)
    if plan and (spread["hosts"] > 1 or (spread["count"] or 1) > 1):
        raise click.UsageError(
            "--plan times one device: leave out --devices and --hosts."
        )
    return spread


def _start(options, config, model_class, out, plan, as_json):
    """As `start`, on the devices that the training is to run on."""
    from keras_gan_translate import backend
    from keras_gan_translate.callbacks import FollowTeacher, Resume
    from keras_gan_translate.loading import load, load_teacher
    from keras_gan_translate.runs import evaluating, remembering, training
    from keras_gan_translate.runs.run import CONFIG, SKIPPED, Run

    say, writes = console(), backend.host_index() == 0
    default = {"batch_size"} if options["batch_size"] is None else set()
    given = {key: config[key] for key in config if key not in default}
    folder = pathlib.Path(out) if out else _default_folder(given)
    if (folder / CONFIG).exists():
        # Its own default: that of runs of before was another.
        config = config | {key: Run(folder).config[key] for key in default}
    if not plan:
        _print_folder(folder)
    if writes:
        locks.look(folder)
    if writes and not as_json:
        glance(config, model_class, options)
    found = Resume.find_together(folder)
    given = {}
    if config.get("teacher"):
        online = config.get("online")
        which = "last" if online else "best"
        given["teacher"], digest = load_teacher(config["teacher"], which)
        if not online:
            config = config | {"teacher_sha256": digest}
    # All that may be refused is known before anything is written.
    model = training.build_model(config, **given)
    if config["weights"] and found is None:
        training.start_from(model, config["weights"])
    run, trained_on = None, config
    if config.get("remember") and given:
        run = Run.create(folder, config)
        say.print(f"The teacher's pictures are kept in {run.folder}.")
        trained_on = remembering.remember(model, config, folder, say.print)
    training_data = training.open_data(trained_on, model)
    training.compile_model(config, model, training_data.steps)
    if plan:
        costs = training.plan(config, model, training_data)
        _print_plan(costs, training_data.summary, as_json)
        return
    if not writes:
        say.print(f"Host {backend.host_index()} trains along; host 0 writes.")
        if found is None or found.epoch < config["epochs"]:
            training.train_along(folder, config, model, training_data)
        return
    further = []
    if found is None or found.epoch < config["epochs"]:
        further = evaluating.scores_while_training(trained_on, model)
    if config.get("online"):
        further += [FollowTeacher(lambda: load(config["teacher"], "last"))]
    say.print(f"Data: {training_data.summary}", markup=False)
    run = run or Run.create(folder, config)
    run.note_skipped(training_data.skipped)
    if training_data.skipped:
        say.print(
            f"{len(training_data.skipped)} files cannot be used: "
            f"{folder / SKIPPED} says which, and why.",
            markup=False,
            soft_wrap=True,
        )
    _train(run, model, training_data, found, further)
    say.print(
        f"Look at {folder / 'index.html'}, or translate: kgt "
        f"translate {shlex.quote(str(folder))} IMAGE",
        markup=False,
        soft_wrap=True,
    )
    _print_folder(folder)


def _train(run, model, training_data, found, further):
    """Trains, or says why there is nothing to train.

    Args:
        run: a `Run`.
        model: its model, compiled.
        training_data: its data.
        found: the `Checkpoint` to go on from, or None.
        further: callbacks, of which the run keeps what they log.
    """
    say, config = console(), run.config
    done = found.epoch if found else 0
    if done >= config["epochs"]:
        for damage in found.damaged:
            say.print(damage, markup=False)
        say.print(f"All {done} epochs are done. To train longer:")
        say.print(_longer(2 * done), markup=False, soft_wrap=True)
    else:
        if found:
            say.print(f"Going on {found.place}.")
        elif config["weights"]:
            say.print(f"Starting from {config['weights']}.", markup=False)
        verbose = 1 if sys.stdout.isatty() else 2
        train_run(run, model, training_data, verbose, further)


def train_run(run, model, training_data, verbose, callbacks):
    """Trains; whoever stops it is told where the same command goes on.

    Args:
        run: as of `training.train`.
        model: likewise, as are the others.
        training_data: its data.
        verbose: as in `fit`.
        callbacks: further ones.
    """
    from keras_gan_translate.callbacks import Resume
    from keras_gan_translate.runs import training

    try:
        training.train(run, model, training_data, verbose, callbacks)
    except (KeyboardInterrupt, SystemExit) as stop:
        found = Resume.find(run.folder)
        where = found.place if found else "at the start"
        console().print(f"Stopped. The same command goes on {where}.")
        code = stop.code if isinstance(stop, SystemExit) else 130
        raise click.exceptions.Exit(code) from None


def _resolve(options, model_class):
    """The flat config of a run, every default filled in but the data's."""
    from keras_gan_translate.data.kinds import kind_of, origin_of

    if bool(options["data"]) == bool(options["data_a"] and options["data_b"]):
        raise click.UsageError(
            "Give the images once: as DATA, one folder, or as --data-a and "
            "--data-b." + swallowed(options)
        )
    first = {"model": model_class.__name__.lower(), "data": None}
    config = first | options | first | {"data": options["data"]}
    kind = kind_of(model_class, options)
    for option in data_options(model_class, options.get("kind")):
        name = option.name
        if config[name] is None and name not in kind.options:
            del config[name]  # not even a word for this kind
    for name in ("weights", "teacher"):
        if config.get(name) and not is_name(config[name]):
            config[name] = os.path.abspath(config[name])
    for name in ("data", "data_a", "data_b"):
        source = config[name]
        if source and origin_of(source)[0] == "folders":
            config[name] = os.path.abspath(source)
    defaults = arguments(model_class)
    if config["image_size"] is None:
        config["image_size"] = defaults["image_size"]
    if config["jit_compile"] is None:
        config["jit_compile"] = "auto"
    return config


def _default_folder(config):
    """runs/MODEL-DATA; with a number if that is a run of another config."""
    from keras_gan_translate.runs.run import CONFIG, Run

    source = config["data"] or config["data_b"]
    name = os.path.basename(source).replace(":", "-").replace(",", "-")
    for number in itertools.count(1):
        suffix = f"-{number}" if number > 1 else ""
        folder = pathlib.Path("runs", f"{config['model']}-{name}{suffix}")
        if not folder.exists():
            return folder
        if (folder / CONFIG).exists() and not Run(folder).differences(config):
            return folder


def _longer(epochs):
    """This command with another number of epochs."""
    words, skip = [], False
    for word in sys.argv[1:]:
        if not skip and not word.startswith("--epochs="):
            skip = word == "--epochs"
            words += [] if skip else [word]
        else:
            skip = False
    return shlex.join(["kgt", *words, "--epochs", str(epochs)])


def _print_folder(folder):
    console().print(
        f"Run folder: {folder.resolve()}", markup=False, soft_wrap=True
    )


def _print_plan(costs, summary, as_json):
    if as_json:
        print_json(costs)
        return
    say = console()
    say.print(f"Data: {summary}", markup=False)
    say.print(
        f"{costs['epochs']} epochs of {costs['steps_per_epoch']} steps of "
        f"{costs['seconds_per_step']:.3g} s: "
        f"[bold]{format_seconds(3600 * costs['hours'])}[/bold]"
    )
    say.print(f"Peak memory: {format_bytes(costs['peak_memory'])}")
    say.print(f"Checkpoint: {format_bytes(costs['checkpoint'])}")
    say.print(f"Exported generator: {format_bytes(costs['translator'])}")
    say.print("Nothing was written.")
