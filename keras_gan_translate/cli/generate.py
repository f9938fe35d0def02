"""`generate`: images of models that take none."""

import pathlib

import click

from keras_gan_translate.cli import common
from keras_gan_translate.cli.console import print_json
from keras_gan_translate.cli.translator_options import TranslatorCommand

SHEET = "grid.png"
GRID_ROWS = 8


@click.command(cls=TranslatorCommand)
@click.argument("run", metavar="RUN")
@click.option(
    "--count",
    type=click.IntRange(min=1),
    default=16,
    show_default=True,
    help="Number of images.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of the first image; the next has the next number.",
)
@click.option(
    "--out", default="out", show_default=True, help="Folder for the images."
)
@common.direction
@common.which
@click.option("--grid", is_flag=True, help="Also write them side by side.")
@click.option("--force", is_flag=True, help="Replace files that exist already.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def generate(
    run, count, seed, out, direction, which, grid, force, as_json, **given
):
    """Make images with a trained run that needs no image to make them of.

    `generate RUN --help` lists what else the model may be told, with the
    choices. The same seed gives the same image. Files that exist are not
    overwritten without --force.
    """
    from keras_gan_translate import data
    from keras_gan_translate.support.outputs import check_outputs
    from keras_gan_translate.support.pictures import draw_grid

    folder = pathlib.Path(out).resolve()
    paths = [folder / f"{seed + i:06d}.png" for i in range(count)]
    sheet = [folder / SHEET] if grid else []
    check_outputs([*paths, *sheet], folder, force)
    translator = click.get_current_context().meta["translator"]
    given = {word: value for word, value in given.items() if value is not None}
    images = translator.model.generate(
        count, translator.direction, seed, **given
    )
    jobs = []
    for i, (path, image) in enumerate(zip(paths, images)):
        data.write_image(path, image)
        jobs.append({"output": str(path), "seed": seed + i})
    if grid:
        columns = [
            ("", images[first : first + GRID_ROWS])
            for first in range(0, count, GRID_ROWS)
        ]
        data.write_image(folder / SHEET, draw_grid(columns))
        jobs.append({"grid": str(folder / SHEET)})
    if as_json:
        print_json(jobs)
        return
    for job in jobs:
        click.echo(job.get("output") or job["grid"])
