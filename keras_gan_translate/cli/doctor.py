"""`doctor`: what is wrong with training data, and what repairs it."""

import pathlib
import warnings

import click

from keras_gan_translate.cli.console import (
    console,
    format_bytes,
    format_seconds,
    print_json,
)
from keras_gan_translate.cli.data_options import Words, data_options, gather

PAGE = "doctor.html"
COLOURS = {"trouble": "red", "watch": "yellow", "note": "cyan"}


class DoctorCommand(click.Command):
    """Takes the options of all kinds of data."""

    def parse_args(self, ctx, args):
        flags = {
            option.opts[0]
            for option in data_options()
            if isinstance(option.type, Words)
        }
        return super().parse_args(ctx, gather(args, flags))

    def get_params(self, ctx):
        *params, help_ = super().get_params(ctx)
        return [*params, *data_options(), help_]


@click.command(cls=DoctorCommand)
@click.argument("data", nargs=-1, required=True)
@click.option(
    "--kind",
    metavar="NAME",
    help="As which kind of data they are read: unpaired, paired, domains, "
    "semantic and so on.  [default: what the folder looks like]",
)
@click.option(
    "--model",
    metavar="NAME",
    help="The model to be trained: its kind of data and its image size are "
    "taken, and three steps are timed, with all images decoded as for "
    "training.",
)
@click.option(
    "--image-size",
    type=click.IntRange(min=1),
    help="In pixels, at which will be trained.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    help="With --model.  [default: the model's]",
)
@click.option(
    "--split",
    type=click.Choice(["train", "val", "test"]),
    help="Only that one.  [default: all]",
)
@click.option("--quick", is_flag=True, help="Some of the files, in seconds.")
@click.option(
    "--out",
    default=PAGE,
    show_default=True,
    help="The page, with the pictures that are meant, and a contact sheet.",
)
@click.option("--no-page", is_flag=True, help="Write no page.")
@click.option(
    "--files",
    metavar="FINDING",
    help="Print only the files of a finding, one a line, for scripts.",
)
@click.option(
    "--strict", is_flag=True, help="Exit code 1 for what is to watch, too."
)
@click.option(
    "--max-pixels",
    type=click.IntRange(min=1),
    metavar="COUNT",
    help="Pictures of more pixels are not read.  [default: 50 million]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, no page.")
def doctor(
    data,
    kind,
    model,
    image_size,
    batch_size,
    split,
    quick,
    out,
    no_page,
    files,
    strict,
    max_pixels,
    as_json,
    **options,
):
    r"""Look at training data, and say what is wrong and what repairs it.

    \b
        kgt doctor selfie2anime
        kgt doctor selfies anime --image-size 128
        kgt doctor cityscapes --model spade

    DATA is a folder in any layout that `train` reads, or two folders. Every
    file is opened once, and none is changed. What training refuses, passes
    over or is misled by is trouble, and the exit code 1; results suffer from
    what is to watch.
    """
    from keras_gan_translate.data import images
    from keras_gan_translate.data.doctor import diagnose

    if not (as_json or files or no_page):
        _check_page(out)
    images.limit_pixels(max_pixels or images.MAX_PIXELS)
    source = data if len(data) > 1 else data[0]
    model_class = None
    if model is not None:
        model_class, kind, image_size = _of_model(model, kind, image_size)
    diagnosis = diagnose(
        source, kind, image_size=image_size, split=split, quick=quick, **options
    )
    if files:
        _print_files(diagnosis, files)
        return
    if model_class is not None and not diagnosis.material.error:
        given = {
            "image_size": image_size,
            "batch_size": batch_size,
            "split": split or diagnosis.material.first,
            **options,
        }
        diagnosis.costs = _costs(model, data, given)
    if as_json:
        print_json(diagnosis.to_dict())
    else:
        _show(diagnosis)
        if not no_page:
            diagnosis.write_page(out)
            click.echo(pathlib.Path(out).resolve())
    if diagnosis.worst == "trouble" or (strict and diagnosis.worst == "watch"):
        raise click.exceptions.Exit(1)


def _check_page(path):
    """Refuses to replace a file that is no such page."""
    from keras_gan_translate.data.doctor.page import is_ours

    path = pathlib.Path(path)
    if path.is_dir() or (path.exists() and not is_ours(path)):
        raise ValueError(
            f"'{path}' exists and is no page of `kgt doctor`: nothing was "
            "written. Choose another place with --out."
        )


def _of_model(name, kind, image_size):
    """(class, its kind of data, the size at which it is trained)."""
    from keras_gan_translate import zoo
    from keras_gan_translate.cli.model_options import arguments
    from keras_gan_translate.data.kinds import kind_of

    model_class = zoo.find_model(name)
    own = kind_of(model_class, {"kind": kind}).name
    if kind not in (None, own):
        raise click.UsageError(
            f"{name} trains on {own} data, and --kind is {kind}: leave it out."
        )
    size = image_size or arguments(model_class)["image_size"]
    return model_class, own, size


def _costs(model, data, given):
    """What an epoch costs, with the words for it."""
    from keras_gan_translate import zoo
    from keras_gan_translate.runs import configs, training

    sources = {"data": data[0], "data_a": None, "data_b": None}
    if len(data) > 1:
        sources = {"data": None, "data_a": data[0], "data_b": data[1]}
    config = {"model": model, "epochs": 1, "seed": 0, "how": "cover"}
    config |= sources | {k: v for k, v in given.items() if v is not None}
    with warnings.catch_warnings():
        # Of files that are no use the findings have told.
        warnings.simplefilter("ignore", UserWarning)
        config = configs.complete(config, zoo.find_model(model))
        network = training.build_model(config)
        training_data = training.open_data(config, network)
    training.compile_model(config, network, training_data.steps)
    costs = training.plan(config, network, training_data)
    seconds = costs["seconds_per_step"] * costs["steps_per_epoch"]
    words = {
        "model": f"{model}, batches of {config['batch_size']}",
        "an epoch": f"{format_seconds(seconds)}: {costs['steps_per_epoch']} "
        f"steps of {costs['seconds_per_step']:.3g} s, three of which were "
        "timed",
        "memory at its peak": format_bytes(costs["peak_memory"]),
        "a checkpoint": format_bytes(costs["checkpoint"]),
    }
    return costs | {"seconds_per_epoch": seconds, "words": words}


def _print_files(diagnosis, name):
    from keras_gan_translate.support.messages import check_choice

    found = {finding.name: finding for finding in diagnosis.findings}
    if not found:
        return
    check_choice("finding", name, tuple(found))
    for path in found[name].files:
        click.echo(path)


def _show(diagnosis):
    """Prints a `Diagnosis` for people."""
    say = console()
    for split, text in diagnosis.summary.items():
        say.print(f"{split}: {text}", markup=False, soft_wrap=True)
    say.print(
        f"{diagnosis.looked:,} of {diagnosis.files:,} files looked at in "
        f"{format_seconds(diagnosis.seconds)}"
    )
    for finding in diagnosis.findings:
        say.print()
        say.print(
            f"{finding.level}: {finding.name}",
            style=f"bold {COLOURS[finding.level]}",
        )
        say.print(finding.what, markup=False, soft_wrap=True)
        if finding.advice:
            say.print(finding.advice, markup=False, soft_wrap=True)
        if finding.command:
            say.print(f"    {finding.command}", markup=False, soft_wrap=True)
    if not diagnosis.findings:
        say.print("Nothing to find fault with.", style="green")
    if diagnosis.costs:
        say.print()
        for name, value in diagnosis.costs["words"].items():
            say.print(f"{name}: {value}", markup=False, soft_wrap=True)
    say.print()
