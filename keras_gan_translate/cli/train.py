"""`train`: from images to a run folder."""

import itertools
import os
import pathlib
import shlex
import sys

import click

from keras_gan_translate.cli.console import (
    console,
    format_bytes,
    format_seconds,
    print_json,
)
from keras_gan_translate.cli.model_options import (
    PRECISIONS,
    ModelCommand,
    arguments,
)


def _parse_weights(ctx, param, values):
    weights = {}
    for value in values:
        name, equals, number = value.partition("=")
        try:
            weights[name] = float(number)
        except ValueError:
            raise click.BadParameter(
                f"{value!r} is not of the form NAME=VALUE, such as cycle=10"
            ) from None
    return weights or None


@click.command(cls=ModelCommand)
@click.argument("model")
@click.argument("data", required=False)
@click.option("--data-a", help="Folder of domain A, instead of DATA.")
@click.option("--data-b", help="Folder of domain B, instead of DATA.")
@click.option(
    "--domains",
    nargs=2,
    help="The two folders in DATA that are A and B, where it has more.",
)
@click.option("--split", default="train", show_default=True)
@click.option(
    "--how",
    type=click.Choice(["cover", "letterbox", "stretch"]),
    default="cover",
    show_default=True,
    help="What happens to images that are not square.",
)
@click.option(
    "--direction",
    type=click.Choice(["ab", "ba"]),
    help="For paired data: which half is translated into which.",
)
@click.option(
    "--image-size",
    type=click.IntRange(min=1),
    help="Height and width in pixels.  [default: the model's]",
)
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="In total, those before a resume included.",
)
@click.option(
    "--batch-size", type=click.IntRange(min=1), default=1, show_default=True
)
@click.option(
    "--steps-per-epoch",
    type=click.IntRange(min=1),
    help="Shorter epochs.  [default: all images]",
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    default="float32",
    show_default=True,
)
@click.option(
    "--jit-compile/--no-jit-compile",
    default=None,
    help="XLA.  [default: with an accelerator, and on JAX]",
)
@click.option("--clipnorm", type=float, help="Largest norm of a gradient.")
@click.option(
    "--ema-momentum",
    type=float,
    help="Translate with a moving average of the weights, e.g. 0.999.",
)
@click.option("--stage", help="For models that are trained in stages.")
@click.option(
    "--weights",
    help="Start with the translators of another run folder: of the stage "
    "before, or imported.",
)
@click.option(
    "--loss-weight",
    "loss_weights",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_parse_weights,
    help="Replaces the weight of a loss; may be given several times.",
)
@click.option(
    "--out",
    help="The run folder.  [default: runs/MODEL-DATA]",
)
@click.option(
    "--plan",
    is_flag=True,
    help="Time three steps, say what the training will cost, and stop.",
)
@click.option("--json", "as_json", is_flag=True, help="With --plan: JSON.")
def train(out, plan, as_json, **options):
    """Train a model and write a run folder.

    DATA is a folder with both domains: trainA/ + trainB/, train/<domain>/,
    pairs side by side in train/, and other layouts people have; for
    super-resolution a folder of photos; or "synthetic" for faces drawn by
    code; or "tfds:cycle_gan/horse2zebra". Two folders are given with --data-a
    and --data-b.

    The same command again goes on where the last finished epoch ended. With
    larger --epochs a finished run is trained on; the learning rate's schedule
    is stretched over the new total.

    A model with stages is trained in one run folder per stage: first with
    --stage pretrain --out runs/pre, then with --stage adversarial --weights
    runs/pre.

    `train MODEL --help` also lists the options of that model.
    """
    from keras_gan_translate import zoo
    from keras_gan_translate.callbacks import Resume
    from keras_gan_translate.runs import training
    from keras_gan_translate.runs.run import Run

    model_class = zoo.find_model(options["model"])
    config = _resolve(options, model_class)
    say = console()
    folder = pathlib.Path(out) if out else _default_folder(config)
    if not plan:
        _print_folder(folder)
    done = Resume.epoch_of(folder) or 0
    # All that may be refused is known before anything is written.
    model = training.build_model(config)
    if config["weights"] and not done:
        training.start_from(model, config["weights"])
    training_data = training.open_data(config, model)
    training.compile_model(config, model, training_data.steps)
    if plan:
        costs = training.plan(config, model, training_data)
        _print_plan(costs, training_data.summary, as_json)
        return
    say.print(f"Data: {training_data.summary}", markup=False)
    run = Run.create(folder, config)
    if done >= config["epochs"]:
        say.print(f"All {done} epochs are done. To train longer:")
        say.print(_longer(2 * done), markup=False, soft_wrap=True)
    else:
        if done:
            say.print(f"Going on after epoch {done}.")
        elif config["weights"]:
            say.print(f"Starting from {config['weights']}.", markup=False)
        verbose = 1 if sys.stdout.isatty() else 2
        try:
            training.train(run, model, training_data, verbose)
        except KeyboardInterrupt:
            done = Resume.epoch_of(folder) or 0
            raise click.ClickException(
                f"Stopped. The same command goes on after epoch {done}."
            ) from None
    say.print(
        f"Look at {folder / 'index.html'}, or translate: keras-gan-translate "
        f"translate {shlex.quote(str(folder))} IMAGE",
        markup=False,
        soft_wrap=True,
    )
    _print_folder(folder)


def _resolve(options, model_class):
    """The flat config of a run, every default filled in."""
    if bool(options["data"]) == bool(options["data_a"] and options["data_b"]):
        raise click.UsageError(
            "Give the images once: as DATA, one folder, or as --data-a and "
            "--data-b."
        )
    first = {"model": model_class.__name__.lower(), "data": None}
    config = first | options | first | {"data": options["data"]}
    if config["weights"]:
        config["weights"] = os.path.abspath(config["weights"])
    for name in ("data", "data_a", "data_b"):
        source = config[name]
        if source and source.partition(":")[0] not in ("synthetic", "tfds"):
            config[name] = os.path.abspath(source)
    defaults = arguments(model_class)
    if config["image_size"] is None:
        config["image_size"] = defaults["image_size"]
    config["domains"] = list(config["domains"] or ()) or None
    if config["jit_compile"] is None:
        config["jit_compile"] = "auto"
    return config


def _default_folder(config):
    """runs/MODEL-DATA; with a number if that is a run of another config."""
    from keras_gan_translate.runs.run import CONFIG, Run

    source = config["data"] or config["data_b"]
    name = os.path.basename(source).replace(":", "-")
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
    return shlex.join(["keras-gan-translate", *words, "--epochs", str(epochs)])


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
