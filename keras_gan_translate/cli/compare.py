"""`compare`: runs side by side, in a table and on a page."""

import pathlib

import click

from keras_gan_translate.cli.console import console, print_json
from keras_gan_translate.runs.folders import CONFIG


@click.command()
@click.argument("runs", nargs=-1, required=True)
@click.option(
    "--out",
    default="compare.html",
    show_default=True,
    help="The page, with the newest samples of each run.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compare(runs, out, as_json):
    """Show RUNS side by side: what `evaluate` measured, and their samples.

    Folders that are no runs are passed over, so that runs/* may be said.
    """
    folders = [run for run in runs if pathlib.Path(run, CONFIG).exists()]
    if not folders:
        raise ValueError(
            f"There is no run folder among {', '.join(runs)}: `train` writes "
            f"them, with a {CONFIG}."
        )
    from keras_gan_translate.runs import comparing

    rows = comparing.write_comparison(folders, out)
    if as_json:
        print_json(rows)
        return
    show(rows)
    click.echo(pathlib.Path(out).resolve())


def show(rows):
    """Prints the rows of `runs.comparing` for people."""
    from rich.table import Table

    from keras_gan_translate.runs import comparing

    table = Table()
    table.add_column("")
    for row in rows:
        table.add_column(row["run"], justify="right")
    for title in ("model", "image_size", "epochs", "hours"):
        table.add_row(
            title.replace("_", " "),
            *(comparing.shown(row[title]) for row in rows),
        )
    for name in comparing.names_of(rows):
        best, cells = comparing.best_of(rows, name), []
        for row in rows:
            value = row["scores"].get(name, {}).get("value")
            text = comparing.shown(value)
            bold = value is not None and value == best
            cells.append(f"[bold]{text}[/bold]" if bold else text)
        table.add_row(name, *cells)
    say = console()
    say.print(table)
    for note in comparing.different_protocols(rows):
        say.print(note, style="yellow", markup=False)
