"""`models` and `info`: what there is."""

import inspect
import os

import click

from keras_gan_translate.cli.console import console, print_json
from keras_gan_translate.cli.model_options import argument_help, arguments


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def models(as_json):
    """List the models."""
    from keras_gan_translate import zoo

    rows = [
        {
            "name": info.name,
            "task": info.task,
            "data": info.data,
            "paper": info.paper,
            "description": info.description,
        }
        for info in zoo.list_models()
    ]
    if as_json:
        print_json(rows)
        return
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 1, 0))
    for name in ("name", "task", "data", "description and paper"):
        table.add_column(name, no_wrap=name == "name")
    table.columns[0].style = "bold"
    for row in rows:
        text = f"{row['description']}\n[dim]{row['paper']}[/dim]"
        table.add_row(row["name"], row["task"], row["data"], text)
    console().print(table)


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def info(name, as_json):
    """Explain a model, or say how a run went.

    NAME is the name of a model, or a run folder.
    """
    from keras_gan_translate import zoo

    known = {info.name: info for info in zoo.list_models()}
    if name.lower() in known:
        _describe_model(known[name.lower()], as_json)
    elif os.path.exists(name) or os.path.dirname(name):
        _describe_run(name, as_json)
    else:
        zoo.find_model(name)  # raises, with the nearest names


def _describe_model(entry, as_json):
    model = entry.model_class()
    networks = {
        name: getattr(model, name).count_params()
        for networks in model.players.values()
        for name in networks
    }
    if as_json:
        print_json(
            {
                "name": entry.name,
                "task": entry.task,
                "data": entry.data,
                "paper": entry.paper,
                "description": entry.description,
                "directions": list(model.directions),
                "parameters": networks,
                "arguments": arguments(entry.model_class),
                "loss_weights": model.loss_weights,
            }
        )
        return
    out = console()
    out.print(inspect.getdoc(entry.model_class), markup=False)
    table = _table("network", "parameters")
    for name, count in networks.items():
        table.add_row(name, f"{count:,}")
    out.print(table)
    table = _table("option", "default", "meaning")
    texts = argument_help(entry.model_class)
    for name, default in arguments(entry.model_class).items():
        flag = "--" + name.replace("_", "-")
        if name == "loss_weights":
            flag, default = "--loss-weight", model.loss_weights
        table.add_row(flag, str(default), texts.get(name, ""))
    out.print(table)


def _describe_run(folder, as_json):
    from keras_gan_translate.callbacks import Resume
    from keras_gan_translate.runs.diagnosis import diagnose
    from keras_gan_translate.runs.run import Run

    run = Run(folder)
    results = run.results
    epochs = Resume.epoch_of(run.folder) or 0
    files = sorted(path.name for path in run.folder.iterdir())
    lights = diagnose(results)
    if as_json:
        print_json(
            {
                "folder": os.path.abspath(folder),
                "epochs": epochs,
                "config": run.config,
                "losses": results[-1] if results else {},
                "diagnosis": [vars(light) for light in lights],
                "files": files,
            }
        )
        return
    out = console()
    total = run.config.get("epochs", "?")
    out.print(f"{os.path.abspath(folder)}: {epochs} of {total} epochs done")
    table = _table("setting", "value")
    for name, value in run.config.items():
        if value is not None:
            table.add_row(name, str(value))
    out.print(table)
    if results:
        table = _table("loss", "first epoch", "last epoch")
        for name, value in results[-1].items():
            if name != "epoch":
                first = results[0].get(name)
                first = "" if first is None else f"{first:.4g}"
                table.add_row(name, first, f"{value:.4g}")
        out.print(table)
    colors = {"good": "green", "watch": "yellow", "trouble": "red"}
    for light in lights:
        out.print(f"{light.title}: ", style=colors[light.level], end="")
        out.print(light.text, markup=False)
    out.print(f"Files: {', '.join(files)}", markup=False)


def _table(*columns):
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
