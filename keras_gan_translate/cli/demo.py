"""`demo`: what trained weights make of drawn faces, then a training on them."""

import contextlib
import io
import json
import math
import pathlib
import shlex
import sys
import warnings
from time import monotonic

import click

from keras_gan_translate.cli.console import console, format_seconds
from keras_gan_translate.cli.demo_training import (
    CLEAR_MARGIN,
    Training,
    unseen_faces,
)
from keras_gan_translate.cli.starting import train_run
from keras_gan_translate.cli.telling import Telling
from keras_gan_translate.presets.folders import DEFAULT as PRESET
from keras_gan_translate.support import locks

# The recipe: what six minutes on two cores are best spent on.
RECIPE = {
    "model": "ugatit",
    "data": "drawn:1000",  # photos, and as many toons of other faces
    "augment": False,
    "image_size": 64,
    "batch_size": 1,
    "filters": 16,
    "num_blocks": 2,
    "light": True,
    # The paper's 10, 10 and 1000 are for a million steps. In two thousand the
    # classifiers of CAM must not outshout the images, and colours are kept by
    # the identity loss long before the cycle has learned to carry them.
    "loss_weights": {"cycle": 10.0, "identity": 40.0, "cam": 1.0},
    "learning_rate": 1e-3,  # for half of the steps, then linear to zero
    "l2": 1e-4,
    "ema_momentum": 0.99,
}
STEPS = 2600
STEPS_PER_EPOCH = 200  # from one look at the samples to the next
SMALLER = 32  # pixels of faces where steps are slow: a quarter of the work
SLOW = 15 * 60.0  # seconds that a training shall not take
NUM_HELD_OUT = 64
# --fast: shows that everything works, and nothing more.
FAST = {"data": "drawn:8", "image_size": 32, "filters": 4, "num_blocks": 1}
FAST_STEPS, FAST_HELD_OUT = 4, 4

SHIPPED, REPORT = "shipped.png", "demo.json"


@click.command()
@click.option(
    "--out", default="demo", show_default=True, help="The run folder."
)
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    help=f"Of training, those before a resume included.  [default: {STEPS}]",
)
@click.option(
    "--image-size",
    type=click.IntRange(min=32),
    help="Height and width of the faces in pixels.  [default: "
    f"{RECIPE['image_size']}; {SMALLER} where that would take more than "
    f"{SLOW / 60:.0f} minutes]",
)
@click.option("--seed", type=click.IntRange(min=0), default=0)
@click.option("--fast", is_flag=True, help="Tiny: only a test that it works.")
def demo(out, steps, image_size, seed, fast):
    """See trained weights at work, then train a small U-GAT-IT yourself.

    Photos of faces that are drawn by code become toons, without one pair of
    both to learn from. First the weights that come with the library translate
    faces that they have never seen. Then a small model starts from nothing:
    about six minutes on two cores; three steps tell how long it takes here.
    What it makes of faces it has never seen is compared with the true toons.

    The folder is that of a run: index.html shows all of it, `kgt translate
    demo IMAGE` uses it, and the same command goes on where it was stopped, or
    trains longer with more --steps.

    The exit code is 1 where what was trained is not clearly better than doing
    nothing and than the mean toon.
    """
    from keras_gan_translate.runs.folders import check_new_run, is_run

    folder, say = pathlib.Path(out), console()
    known = is_run(folder)
    if not known:
        check_new_run(folder, [SHIPPED])
    locks.look(folder)
    from keras_gan_translate.callbacks import Evaluate, Resume
    from keras_gan_translate.runs.run import Run

    say.print(f"Demo folder: {folder.resolve()}", markup=False, soft_wrap=True)
    steps = steps or (FAST_STEPS if fast else STEPS)
    config = RECIPE | {"seed": seed} | (FAST if fast else {})
    config |= {"image_size": image_size} if image_size else {}
    before = Run(folder).config if known else {}
    if image_size is None:
        config["image_size"] = before.get("image_size", config["image_size"])
    per_epoch = before.get("steps_per_epoch", min(steps, STEPS_PER_EPOCH))
    config["steps_per_epoch"] = per_epoch
    config["epochs"] = math.ceil(steps / per_epoch)
    run = Run.create(folder, config) if known else None
    num_faces = FAST_HELD_OUT if fast else NUM_HELD_OUT
    shipped = show_shipped(folder, seed, num_faces)

    found = Resume.find(folder)
    trains = found is None or found.epoch < config["epochs"]
    training = Training(config, num_faces)
    if trains:
        smaller = training.forecast(found) > SLOW and image_size is None
        if smaller and not known and config["image_size"] > SMALLER:
            say.print(
                f"That is slow: faces of {SMALLER} pixels instead, a quarter "
                f"of the work. --image-size {config['image_size']} insists."
            )
            config["image_size"] = SMALLER
            training = Training(config, num_faces)
            training.forecast(found)
        run = run or Run.create(folder, config, [SHIPPED])
        say.print(
            "Ctrl-C stops it; the same command goes on. After each "
            f"{per_epoch} steps {folder / 'index.html'} is new.",
            markup=False,
            soft_wrap=True,
        )
        scores = Evaluate(training.held_out, aligned=True)
        with Telling(config) as told:
            train_run(
                run,
                training.model,
                training.data,
                verbose=0,
                callbacks=[scores, told.callback()],
            )
    else:
        say.print(f"All {found.epoch * per_epoch} steps are done.")
    report = training.report(run) | {"shipped": shipped, "seed": seed}
    say.print("Exporting ...")
    report["exports"] = export(run, training.held_out["a"])

    from keras_gan_translate.support.files import write_text

    write_text(folder / REPORT, json.dumps(report, indent=2) + "\n")
    print_report(report, num_faces)
    print_verdict(report, _again(out, seed, report["steps"], fast), fast)
    print_next(folder, shipped)
    if not (report["clear"] or fast):
        raise click.exceptions.Exit(1)


def show_shipped(folder, seed, count):
    """Shows what the weights that come with the library make of faces.

    Args:
        folder: gets shipped.png.
        seed: of the faces.
        count: how many faces are measured.

    Returns:
        Dict of `psnr`, of them and of doing nothing, and `seconds`; None
        where there are no such weights.
    """
    from keras_gan_translate import data
    from keras_gan_translate.metrics import psnr
    from keras_gan_translate.models import UGATIT
    from keras_gan_translate.support.pictures import draw_grid

    say = console()
    if PRESET not in UGATIT.presets:
        say.print(
            "No trained weights come with this version: there is nothing to "
            "show before training."
        )
        return None
    start = monotonic()
    model = UGATIT.from_preset(PRESET)
    photos, truth = unseen_faces(count, model.image_size, seed)
    toons = model.translate(photos)
    shown = [
        (title, images[first : first + 4])
        for first in range(0, min(8, count), 4)
        for title, images in (
            ("photo", photos),
            ("translated", toons),
            ("true toon", truth),
        )
    ]
    data.write_image(folder / SHIPPED, draw_grid(shown))
    scores = {
        "doing nothing": float(psnr(photos, truth).mean()),
        PRESET: float(psnr(toons, truth).mean()),
    }
    seconds = monotonic() - start
    say.print(
        f"The weights {PRESET}, which come with this library, made toons of "
        f"{count} photos they have never seen, in {format_seconds(seconds)}: "
        f"{scores[PRESET]:.1f} dB against the true toons, where doing nothing "
        f"has {scores['doing nothing']:.1f}. Look at {folder / SHIPPED}",
        markup=False,
        soft_wrap=True,
    )
    return {"psnr": scores, "seconds": seconds}


def export(run, images):
    """Exports the translator for servers and phones.

    Args:
        run: the trained `Run`; its folder gets export/.
        images: uint8 array (N, H, W, 3); what is exported is compared on it.

    Returns:
        Dict from what was written to a remark.
    """
    try:
        with quiet():
            rows = run.model().export_translator(
                run.folder / "export",
                name="ugatit-faces",
                images=images,
                origin="drawn faces",
                licence="none: drawn by code",
                threads=(),
            )
    except (ImportError, ValueError) as error:
        return {"export": f"failed: {error}"}
    return {
        f"export/{row['artefact']}": "differs from Keras by at most "
        f"{row['max_difference']} of 255"
        for row in rows
    }


@contextlib.contextmanager
def quiet():
    """Silences what the converters print; their errors are exceptions."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


def print_report(report, num_held_out):
    """Prints what was measured, and what was written."""
    from rich.table import Table

    say = console()
    table = Table(
        title=f"{num_held_out} faces it has never seen", title_justify="left"
    )
    table.add_column("against the true toons")
    table.add_column("PSNR", justify="right")
    best = max(report["psnr"].values())
    for name, value in report["psnr"].items():
        style = "bold" if value == best else None
        table.add_row(name, f"{value:.2f} dB", style=style)
    say.print(table)
    for name, remark in report["exports"].items():
        say.print(f"{name}: {remark}", markup=False)


def print_verdict(report, again, fast=False):
    """Says in a sentence whether it has learned anything.

    Args:
        report: dict as of demo.json.
        again: the command that trains longer.
        fast: whether it was not meant to.
    """
    say, scores = console(), report["psnr"]
    others = {name: v for name, v in scores.items() if name != "trained"}
    best = max(others, key=others.get)
    trained = (
        f"After {report['steps']} steps in {format_seconds(report['seconds'])} "
        f"it has {scores['trained']:.1f} dB"
    )
    if fast:
        say.print(
            f"{trained}. Everything works; --fast is a test of that and shows "
            "nothing else.",
            soft_wrap=True,
        )
    elif report["clear"]:
        say.print(
            f"{trained}, {report['margin']:.1f} dB more than the best that "
            f"knows nothing ({best}, {others[best]:.1f} dB).",
            style="green",
            soft_wrap=True,
        )
        say.print(f"More steps do more: {again}", markup=False, soft_wrap=True)
    else:
        say.print(
            f"{trained}: NOT clearly better than what knows nothing ({best}, "
            f"{others[best]:.1f} dB; {CLEAR_MARGIN:g} dB more would be clear). "
            "It has not learned to draw toons yet.",
            style="yellow",
            soft_wrap=True,
        )
        say.print(f"Train on: {again}", markup=False, soft_wrap=True)


def print_next(folder, shipped):
    """Prints the three commands that one would want next.

    Args:
        folder: that of the run.
        shipped: whether weights come with the library.
    """
    opener = {"darwin": "open", "win32": "start"}.get(sys.platform, "xdg-open")
    name, say = shlex.quote(str(folder)), console()
    say.print("Next:")
    for command, what in (
        (f"{opener} {name}/index.html", "samples, curves, what goes wrong"),
        (
            f"kgt translate {'' if shipped else f'{name} '}selfie.jpg",
            "by weights that have seen drawn faces only",
        ),
        (
            "kgt train ugatit --data-a selfies --data-b drawings "
            "--image-size 128 --out runs/mine",
            "on two folders of your own",
        ),
    ):
        say.print(f"  {command}  # {what}", markup=False, soft_wrap=True)


def _again(out, seed, steps, fast):
    """The command that goes on with more steps."""
    words = ["kgt", "demo"]
    words += [] if out == "demo" else ["--out", out]
    words += ["--seed", str(seed)] if seed else []
    words += ["--fast"] if fast else []
    return shlex.join([*words, "--steps", str(max(STEPS, 4 * steps))])
