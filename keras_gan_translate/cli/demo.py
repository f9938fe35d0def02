"""`demo`: trains a small U-GAT-IT on drawn faces and says what it learned."""

import contextlib
import io
import json
import pathlib
import time
import warnings

import click

from keras_gan_translate.cli.console import console, progress

# The recipe: what six minutes on two cores are best spent on.
IMAGE_SIZE = 64
MODEL = {"filters": 16, "num_blocks": 2, "light": True}
LEARNING_RATE = 1e-3  # constant for half of the time, then linear to zero
L2 = 1e-4
BATCH_SIZE = 1
EMA_MOMENTUM = 0.99
# The paper's 10, 10 and 1000 are for a million steps. In two thousand the
# classifiers of CAM must not outshout the images, and colours are kept by the
# identity loss long before the cycle has learned to carry them.
LOSS_WEIGHTS = {"cycle": 10.0, "identity": 40.0, "cam": 1.0}
NUM_FACES = 1000  # photos, and as many toons of other faces
NUM_HELD_OUT = 64
STEPS_PER_EPOCH = 20  # how often the learning rate is set
CLEAR_MARGIN = 1.0  # dB by which trained must beat everything else

REPORT = "demo.json"
FILES = (
    REPORT,
    "before_after.png",
    "attention.png",
    "losses.png",
    "model.keras",
    "generator_ab.keras",
)
# --fast: shows that everything works, and nothing more.
FAST = {"IMAGE_SIZE": 32, "NUM_FACES": 8, "NUM_HELD_OUT": 4}
FAST_MODEL = {"filters": 4, "num_blocks": 1, "light": True}


@click.command()
@click.option("--out", default="demo", show_default=True)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=6.0,
    show_default=True,
    help="Time for training, at most.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0)
@click.option("--fast", is_flag=True, help="Tiny: only a test that it works.")
@click.option("--force", is_flag=True, help="Replace files that exist already.")
def demo(out, minutes, seed, fast, force):
    """Train a small U-GAT-IT on faces drawn by code, in a few minutes.

    Photos become toons without one pair of both to learn from. Writes
    pictures, the model, a SavedModel and a .tflite file, and compares with
    the true toons of faces it has never seen.
    """
    import keras
    import numpy as np

    from keras_gan_translate import data
    from keras_gan_translate.callbacks import sample_grid
    from keras_gan_translate.engine.optimizers import Adam
    from keras_gan_translate.metrics import psnr
    from keras_gan_translate.models import UGATIT
    from keras_gan_translate.support.outputs import check_outputs

    folder = pathlib.Path(out)
    # Another demo may take the place of an earlier one.
    force = force or (folder / REPORT).is_file()
    check_outputs([folder / name for name in FILES], folder, force)
    size = FAST["IMAGE_SIZE"] if fast else IMAGE_SIZE
    num_faces = FAST["NUM_FACES"] if fast else NUM_FACES
    num_held_out = FAST["NUM_HELD_OUT"] if fast else NUM_HELD_OUT
    folder.mkdir(parents=True, exist_ok=True)
    say = console()
    say.print(f"Demo folder: {folder.resolve()}", markup=False, soft_wrap=True)
    say.print(f"Drawing {2 * num_faces} faces ...")
    # Unpaired: the toons are of other faces than the photos.
    (photos,) = data.synthetic_faces(num_faces, size, seed, 0, ("photo",))
    (toons,) = data.synthetic_faces(num_faces, size, seed, num_faces, ("toon",))
    held_out, truth = data.synthetic_faces(
        num_held_out, size, seed, 2 * num_faces
    )
    keras.utils.set_random_seed(seed)
    model = UGATIT(
        size, loss_weights=LOSS_WEIGHTS, **(FAST_MODEL if fast else MODEL)
    )
    model.compile(
        Adam(LEARNING_RATE, l2=L2),
        ema_momentum=EMA_MOMENTUM,
    )
    untrained = model.translate(held_out)
    seconds, rows = train(model, photos, toons, 60 * minutes, seed)
    trained = model.translate(held_out)
    mean = np.rint(toons.mean(axis=0)).astype("uint8")
    scores = {
        name: float(psnr(images, truth).mean())
        for name, images in {
            "doing nothing": held_out,
            "mean image of the toons": np.broadcast_to(mean, truth.shape),
            "untrained": untrained,
            "trained": trained,
        }.items()
    }
    write_pictures(folder, held_out, untrained, trained, truth, rows)
    grid = sample_grid(model, held_out[:4], truth[:4])
    data.write_image(folder / "attention.png", grid)
    say.print("Saving and exporting ...")
    exports = save_and_export(model, folder, held_out)
    others = [value for name, value in scores.items() if name != "trained"]
    margin = scores["trained"] - max(others)
    report = {
        "psnr": scores,
        "margin": margin,
        "clear": margin >= CLEAR_MARGIN,
        "steps": len(rows) * STEPS_PER_EPOCH,
        "seconds": seconds,
        "image_size": size,
        "batch_size": BATCH_SIZE,
        "seed": seed,
        "exports": exports,
    }
    from keras_gan_translate.support.files import write_text

    write_text(folder / REPORT, json.dumps(report, indent=2) + "\n")
    print_report(report, num_held_out)
    say.print(f"Demo folder: {folder.resolve()}", markup=False, soft_wrap=True)


def train(model, photos, toons, seconds, seed):
    """Trains for a given time under a progress bar.

    Args:
        model: a compiled `GAN`.
        photos: uint8 array (N, H, W, 3).
        toons: the same, of other faces.
        seconds: wall-clock time.
        seed: of the order of the images.

    Returns:
        (seconds it took, losses as `Run.results` has them)
    """
    import keras
    import numpy as np

    from keras_gan_translate.callbacks import TimeLimit

    random = np.random.default_rng(seed)

    def batches():
        while True:
            a, b = (
                images[random.integers(len(images), size=BATCH_SIZE)]
                for images in (photos, toons)
            )
            yield ({"a": a, "b": b},)

    limit = TimeLimit(seconds)
    bar, task = progress("Training", total=100)
    rows = []

    def show(batch, logs):
        note = (
            f"cycle {logs['generator_cycle']:.3f}  adversarial "
            f"{logs['generator_adversarial']:.2f}"
        )
        bar.update(task, completed=int(100 * limit.elapsed), note=note)

    start = time.monotonic()
    with bar:
        model.fit(
            batches(),
            steps_per_epoch=STEPS_PER_EPOCH,
            epochs=10**6,
            verbose=0,
            shuffle=False,  # the batches are drawn at random
            callbacks=[
                limit,
                keras.callbacks.LambdaCallback(
                    on_train_batch_end=show,
                    on_epoch_end=lambda epoch, logs: rows.append(
                        {"epoch": epoch + 1, **logs}
                    ),
                ),
            ],
        )
    return time.monotonic() - start, rows


def write_pictures(folder, photos, untrained, trained, truth, rows):
    """Writes before_after.png and losses.png."""
    from keras_gan_translate import data
    from keras_gan_translate.runs import report
    from keras_gan_translate.support.pictures import draw_grid

    columns = [
        (title, images[first : first + 4])
        for first in range(0, min(8, len(photos)), 4)
        for title, images in (
            ("photo", photos),
            ("untrained", untrained),
            ("trained", trained),
            ("true toon", truth),
        )
    ]
    data.write_image(folder / "before_after.png", draw_grid(columns))
    report.draw_losses(rows, folder / "losses.png", "U-GAT-IT on drawn faces")


def save_and_export(model, folder, images):
    """Saves the model, and exports its generator for servers and phones.

    Args:
        model: the trained `GAN`.
        folder: gets model.keras, generator_ab.keras and export/.
        images: uint8 array (N, H, W, 3); what is exported is compared on it.

    Returns:
        Dict from what was written to a remark.
    """
    from keras_gan_translate.support.files import written_aside

    with written_aside(folder / "model.keras") as aside:
        model.save(aside)
    with (
        model.averaged_weights(),
        written_aside(folder / "generator_ab.keras") as aside,
    ):
        model.generator_ab.save(aside)
    remarks = {
        "model.keras": "everything, training goes on from it",
        "generator_ab.keras": "the translator alone",
    }
    try:
        with quiet():
            rows = model.export_translator(
                folder / "export",
                name="ugatit-faces",
                images=images,
                origin="drawn faces",
                licence="none: drawn by code",
                threads=(),
            )
    except (ImportError, ValueError) as error:
        return remarks | {"export": f"failed: {error}"}
    return remarks | {
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
    """Prints the comparison and an honest verdict."""
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
    trained = f"{report['steps']} steps in {report['seconds']:.0f} s"
    margin = report["margin"]
    if report["clear"]:
        say.print(
            f"After {trained} it beats all of them by {margin:.1f} dB.",
            style="green",
        )
    else:
        say.print(
            f"After {trained} it does not beat all of them clearly: "
            f"{margin:+.1f} dB, {CLEAR_MARGIN:g} dB would be clear. Give it "
            "more --minutes.",
            style="yellow",
        )
