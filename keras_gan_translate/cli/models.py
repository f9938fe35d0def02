"""`models` and `info`: what there is."""

import inspect
import os

import click

from keras_gan_translate.cli import outlines
from keras_gan_translate.cli.console import console, print_json
from keras_gan_translate.cli.model_options import argument_help, arguments
from keras_gan_translate.presets import folders as presets
from keras_gan_translate.runs.folders import check_run_folder, is_run


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def models(as_json):
    """List the models, and which have trained weights that come with them."""
    from keras_gan_translate.support.references import paper_of

    rows = [
        {
            "name": model.__name__.lower(),
            "task": model.task,
            "data": model.data,
            "paper": paper_of(model),
            "description": inspect.getdoc(model).splitlines()[0],
            "presets": presets.presets_of(model.__name__),
        }
        for model in map(outlines.find_model, outlines.model_names())
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
        if row["presets"]:
            text += f"\n[green]weights: {', '.join(row['presets'])}[/green]"
        table.add_row(row["name"], row["task"], row["data"], text)
    console().print(table)
    for name, folder in presets.shipped().items():
        told = presets.read_metadata(folder)
        first, made = told.get("prepare"), "photo.jpg"
        if first:
            first, made = f"`{first}`, then ", "faces/"
        console().print(
            f"Weights {name}: {told.get('description', '')} {first or ''}"
            f"`kgt translate {name} {made}`",
            markup=False,
            soft_wrap=True,
        )


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def info(name, as_json):
    """Explain a model or a preset, or say how a run went.

    NAME is the name of a model or preset, a preset's folder, or a run folder.
    """
    if name.lower() not in outlines.model_names():
        if not is_run(name) and presets.is_known(name):
            _describe_preset(presets.find_preset(name), as_json)
            return
        if not (os.path.exists(name) or os.path.dirname(name)):
            outlines.find_model(name)  # raises, with the nearest names
        check_run_folder(name)
        _describe_run(name, as_json)
        return
    from keras_gan_translate import zoo

    known = {info.name: info for info in zoo.list_models()}
    _describe_model(known[name.lower()], as_json)


def _describe_preset(folder, as_json):
    metadata = presets.read_metadata(folder)
    if as_json:
        print_json(metadata | {"folder": os.path.abspath(folder)})
        return
    out = console()
    for name, value in metadata.items():
        lines = value if isinstance(value, (list, dict)) else [value]
        if isinstance(value, dict):
            lines = [f"{key}: {number}" for key, number in value.items()]
        text = "\n".join(map(str, lines))
        out.print(f"{name}: {text}", markup=False, soft_wrap=True)
    out.print(f"folder: {os.path.abspath(folder)}", markup=False)


def _describe_model(entry, as_json):
    model = entry.model_class()
    networks = {
        name: getattr(model, name).count_params()
        for networks in model.players.values()
        for name in networks
    }
    recipe = _recipe(model)
    fields = {
        name: field.describe(model.image_size)
        for name, field in model.batch.items()
    }
    translators = {
        direction: {
            "takes": list(model.translators[direction].takes),
            "makes": model.translators[direction].makes,
            "options": {
                word: field.describe(model.image_size)
                for word, field in model.options(direction).items()
            },
        }
        for direction in model.directions
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
                "translators": translators,
                "batch": fields,
                "recipe": recipe,
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
    table = _table("recipe", "")
    for name, value in recipe.items():
        table.add_row(name, str(value))
    out.print(table)
    table = _table("in a batch", "what it is")
    for name, text in fields.items():
        table.add_row(name, text)
    out.print(table)
    table = _table("direction", "translates", "options")
    for direction, told in translators.items():
        way = f"{', '.join(told['takes'])} to {told['makes']}"
        words = [f"--{word}: {text}" for word, text in told["options"].items()]
        table.add_row(direction, way, "; ".join(words) or "none")
    out.print(table)
    table = _table("option", "default", "meaning")
    texts = argument_help(entry.model_class)
    for name, default in arguments(entry.model_class).items():
        flag = "--" + name.replace("_", "-")
        if name == "loss_weights":
            flag, default = "--loss-weight", model.loss_weights
        table.add_row(flag, str(default), texts.get(name, ""))
    out.print(table)


def _recipe(model):
    """What the published training does, in words."""
    most = max(model.turns.values(), default=1)
    turns = {player: model.turns.get(player, 1) for player in model.players}
    step = f" in multiples of {model.size_step}" if model.size_step > 1 else ""
    recipe = {
        "batch size": model.batch_size,
        "steps": f"{model.total_steps:,}",
        "smallest size": f"{model.smallest_size} pixels,{step}",
        "augmentation": ", ".join(model.augmentation) or "none",
        "turns": ", ".join(
            f"{player} in {turn} of {most} steps" if most > 1 else player
            for player, turn in turns.items()
        ),
    }
    for player in model.players:
        optimizer = model.default_optimizer(player, model.total_steps)
        recipe[f"optimizer of {player}"] = _describe_optimizer(optimizer)
    return recipe


def _describe_optimizer(optimizer):
    """An optimizer and its schedule in words, with their numbers."""
    config = optimizer.get_config()
    words = [type(optimizer).__name__]
    for name in ("beta_1", "beta_2", "momentum", "rho", "l2", "weight_decay"):
        if config.get(name):
            words.append(f"{name} {config[name]:g}")
    rate = config["learning_rate"]
    if not isinstance(rate, dict):
        return ", ".join([*words, f"learning rate {rate:g}"])
    rate = rate["config"].get("schedule", rate)  # of a `Factored` one
    told = ", ".join(
        f"{name} {value:,}" if isinstance(value, int) else f"{name} {value}"
        for name, value in rate["config"].items()
        if name != "name" and value is not None
    )
    return ", ".join([*words, f"{rate['class_name']} ({told})"])


def _describe_run(folder, as_json):
    from keras_gan_translate.callbacks import Resume
    from keras_gan_translate.runs.run import Run

    run = Run(folder)
    results = run.results
    epochs = Resume.epoch_of(run.folder) or 0
    files = sorted(path.name for path in run.folder.iterdir())
    lights = run.diagnose()
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
        for value, rule in light.measured:
            out.print(f"    {value} ({rule})", markup=False, style="dim")
    out.print(f"Files: {', '.join(files)}", markup=False)


def _table(*columns):
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
