"""`evaluate`: how good translations are, in numbers with a protocol."""

import json

import click

from keras_gan_translate.cli import common
from keras_gan_translate.cli.console import console, print_json
from keras_gan_translate.runs.folders import check_run_folder


@click.command()
@click.argument("run", required=False)
@click.argument("source", required=False, metavar="[DATA]")
@click.option("--real", metavar="FOLDER", help="Real images, without a RUN.")
@click.option("--fake", metavar="FOLDER", help="Images to be measured.")
@click.option(
    "--source",
    "sources",
    metavar="FOLDER",
    help="What the images of --fake were translated from, by file name.",
)
@click.option(
    "--frames",
    is_flag=True,
    help="The folders hold frames: --real those of a clip, --fake their "
    "translations, whose flicker is measured.",
)
@click.option(
    "--split",
    type=click.Choice(["test", "val", "train"]),
    help="Of DATA.  [default: the first that there is]",
)
@click.option(
    "--count",
    type=click.IntRange(min=2),
    default=500,
    show_default=True,
    help="Images of each domain, at most.",
)
@common.which
@click.option(
    "--features",
    default="random",
    show_default=True,
    metavar="NAME[=FILE]",
    help="What sees the images: random, vgg16 (weights are downloaded by "
    "Keras), vgg16=FILE.h5, inception-2015=FILE.pb, NAME=FILE.keras, or none.",
)
@click.option(
    "--feature-size",
    type=click.IntRange(min=32),
    help="Images are resized to this first.  [default: the network's]",
)
@click.option(
    "--lpips",
    nargs=3,
    metavar="NETWORK HEADS TRUNK",
    help="LPIPS: alex or vgg, the file of its heads, and that of "
    "torchvision's network.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(
    run,
    source,
    real,
    fake,
    sources,
    frames,
    split,
    count,
    which,
    features,
    feature_size,
    lpips,
    seed,
    as_json,
):
    r"""Measure the translations of RUN, or the images of a folder.

    \b
        kgt evaluate runs/anime
        kgt evaluate runs/anime other_data --split test
        kgt evaluate --real anime/test --fake out --features vgg16

    Without DATA the run's own data are taken, held out if there are any.
    Beside each number stand its 95% interval and what the sources would get
    if nothing were done to them. What needs a network is named after it; the
    default is one of random weights, good for comparing runs on the same data
    and for nothing else. RUN keeps the result in evaluation.json, which
    `kgt compare` shows.
    """
    if bool(run) == bool(real or fake) or bool(real) != bool(fake):
        raise click.UsageError(
            "Give a RUN folder, or --real FOLDER and --fake FOLDER."
        )
    if run and (sources or frames):
        raise click.UsageError("--source and --frames go with --real, --fake.")
    if run:
        check_run_folder(run)
    from keras_gan_translate.metrics import LPIPS, open_features
    from keras_gan_translate.runs import evaluating

    network = None
    if features != "none":
        network = open_features(features, feature_size)
    distance = None
    if lpips:
        from keras_gan_translate.checkpoints import read_source

        name, heads, trunk = lpips
        distance = LPIPS(name, read_source(heads), read_source(trunk))
    if run:
        result = evaluating.evaluate_run(
            run, source, split, count, which, network, distance, seed
        )
    else:
        result = evaluating.evaluate_folders(
            real, fake, sources, network, distance, count, frames, seed
        )
    if as_json:
        # NaN is no JSON.
        print_json(
            json.loads(json.dumps(result), parse_constant=lambda _: None)
        )
        return
    show(result)


def show(result):
    """Prints a result of `runs.evaluating` for people."""
    from rich.table import Table

    say = console()
    for question in result["questions"]:
        table = Table(
            title=f"{question['name']}: {question['made']} images, "
            f"{question['real']} real ones to compare with",
            title_justify="left",
        )
        for title in ("", "value", "95%", "doing nothing", "better", "how"):
            table.add_column(
                title,
                justify="left" if title in ("", "how", "better") else "right",
            )
        for score in question["scores"]:
            low, high = score["low"], score["high"]
            table.add_row(
                score["name"],
                number(score["value"]),
                "" if low is None else f"{number(low)} to {number(high)}",
                number(score["nothing"]),
                score["better"],
                score["note"],
            )
        say.print(table)
    protocol = result["protocol"]
    if protocol["warning"]:
        say.print(f"Mind: {protocol['warning']}.", style="yellow")
    say.print(
        "Protocol: "
        + "; ".join(
            f"{k} {v}" for k, v in protocol.items() if v and k != "warning"
        ),
        markup=False,
    )


def number(value):
    """A number with four digits, "" for None."""
    return "" if value is None else f"{value:.4g}"
