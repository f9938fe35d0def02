"""The pages that nobody writes, and what is checked of all that is built.

MkDocs calls the functions that are named `on_...`.
"""

import ast
import json
import re
import subprocess
import sys

import built
import documents
import model_pages
import source
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

# What the API's pages are about, with the modules that are no room's front.
ROOMS = {
    "data": (),
    "models": (),
    "callbacks": (),
    "checkpoints": (),
    "export": ("export.exporting.export_translator",)
    + ("export.artefacts.open_artefact", "export.artefacts.Artefact"),
    "metrics": (),
    "fields": (),
    "layers": (),
    "losses": (),
    "networks": (),
    "inference": ("inference.translating.Translating",)
    + ("inference.faces.translate_faces",)
    + ("inference.smoothing.Smoother",)
    + ("inference.video.translate_video",),
    "presets": ("presets.preset.Presets",),
    "runs": ("runs.run.Run",),
}


def on_config(config):
    """Adds the pages that are made here to the navigation."""
    source.forget()  # `mkdocs serve` builds again and again
    documents.sections.cache_clear()
    nav = {
        title: pages for entry in config.nav for title, pages in entry.items()
    }
    written = {path.name for path in documents.DOCS.glob("*.md")}
    named = {
        path
        for pages in nav.values()
        for entry in (pages if isinstance(pages, list) else [pages])
        for path in (entry.values() if isinstance(entry, dict) else [entry])
    }
    # A document that nobody has put anywhere is a guide.
    nav["Guides"] += sorted(written - named)
    nav["Models"] = ["models/index.md"] + [
        {model.title[0]: f"models/{model.name}.md"} for model in source.models()
    ]
    nav["API"] = ["api/index.md", "commands.md"]
    nav["API"] += [f"api/{room}.md" for room in ROOMS]
    nav["More"] += [
        {"Examples": [f"examples/{name}.md" for name in _examples()]}
    ]
    config.nav = [{title: pages} for title, pages in nav.items()]
    return config


def on_files(files, config):
    """Adds the pages themselves."""
    pages = {
        "models/index.md": _models(),
        "gallery.md": _gallery(),
        "commands.md": _commands(),
        "changelog.md": _read("CHANGELOG.md"),
        "contributing.md": _contributing(),
        "api/index.md": _api(),
    }
    for model in source.models():
        pages[f"models/{model.name}.md"] = model_pages.page(model)
    for room, further in ROOMS.items():
        pages[f"api/{room}.md"] = _room(room, further)
    for name, path in _examples().items():
        pages[f"examples/{name}.md"] = _example(path)
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown, page, config, files):
    """Fills in what is told by the code; leads to pages of this site."""
    for name, make in FILLED.items():
        markdown = markdown.replace(f"<!-- {name} -->", make(page))
    up = "../" * page.file.src_uri.count("/")
    return re.sub(
        r"\]\((?:\.\./)?examples/(\w+)(?:\.py|\.ipynb|/)?\)",
        rf"]({up}examples/\1.md)",
        markdown,
    )


def on_post_build(config):
    """Refuses what is broken, or asks for something that is elsewhere."""
    problems = built.problems(config.site_dir)
    if problems:
        raise PluginError("\n".join(problems))


def _read(name):
    return (source.ROOT / name).read_text(encoding="utf-8")


def _contributing():
    text = re.sub("^#", "##", _read("CONTRIBUTING.md"), flags=re.MULTILINE)
    return f"# Contributing\n\n{text}"


def _models():
    def page_of(model):
        return f"{model.name}.md"

    by_task = {}
    for model in source.models():
        by_task.setdefault(model.attributes["task"], []).append(model)
    rows = [("model", "what it does", "task"), ("---",) * 3]
    rows += [
        (f"[{model.title[0]}]({model.name}.md)", model.title[1], task)
        for task, models in sorted(by_task.items())
        for model in models
    ]
    return "\n\n".join(
        [
            "# All models",
            f"{len(source.models())} models, each as in its paper. With which "
            "data each one trains: [kinds of data](../train.md#kinds-of-data).",
            "\n".join(map(model_pages.row, rows)),
            "## In numbers",
            "*Data* is the kind of data. *Reproduces* says what was compared "
            "with the authors' code, number by number.",
            "\n".join(model_pages.table(page_of)),
        ]
    )


def _gallery():
    parts = [
        "# Gallery",
        "Every picture of these pages; captions say what made it.",
    ]
    made = {
        picture.path
        for model in source.models()
        for picture in documents.pictures_of(model)
    }
    # What models made comes first.
    pictures = sorted(documents.pictures(), key=lambda p: p.path not in made)
    for picture in pictures:
        parts += [
            f"## {picture.alt}",
            f"![{picture.alt}]({picture.path})",
        ]
        if picture.caption:
            parts.append(f"*{model_pages.relinked(picture, '')}*")
        if picture.section.page:
            where = f"{picture.section.page}#{picture.section.anchor}"
            parts.append(f"From [{picture.section.told}]({where}).")
    parts += [
        "## Kinds of data, drawn",
        "What models train on where there is no folder: drawn by code, with "
        "the truth beside it. No model made these (`python "
        "examples/drawn_kinds.py`).",
    ]
    for kind in source.kinds().values():
        path = f"kinds/{kind.name}.png"
        if (documents.DOCS / path).exists():
            parts += [
                f"**[{kind.name}](train.md#{kind.name})**: {kind.about}.",
                f"![Drawn {kind.name} data]({path})",
            ]
    return "\n\n".join(parts)


def _commands():
    """What `--help` says of every verb, by asking it."""
    code = (
        "import sys; sys.argv[0] = 'kgt'; import click; "
        "from keras_gan_translate.cli import main; import json; "
        "context = click.Context(main, info_name='kgt'); "
        "verbs = [pair for name, verb in main.commands.items() for pair in "
        "[(name, verb), *((f'{name} {below}', other) for below, other in "
        "getattr(verb, 'commands', {}).items())]]; "
        "helps = {name: verb.get_help(click.Context(verb, "
        "parent=context, info_name=name)) for name, verb in "
        "verbs if not verb.hidden}; "
        "print(json.dumps({'kgt': main.get_help(context)} | helps))"
    )
    asked = subprocess.run(
        [sys.executable, "-c", code],
        cwd=source.ROOT,
        capture_output=True,
        text=True,
    )
    if asked.returncode:
        raise PluginError(f"The command line says nothing: {asked.stderr}")
    parts = ["# Command line", "What `kgt VERB --help` says."]
    for name, text in json.loads(asked.stdout).items():
        parts += [f"## {name}", model_pages.fenced("text", text)]
    return "\n\n".join(parts)


def _api():
    # What stands at the front door and is no room, and no model.
    front = [
        f"{module}.{name}"
        for module, name in source.imported("__init__.py")
        if module != "keras_gan_translate" and name[0] not in "_*"
    ]
    rooms = "\n".join(
        f"- [`{room}`]({room}.md): {_about(room)}" for room in ROOMS
    )
    parts = [
        "# API",
        "From the docstrings. `import keras_gan_translate as kgt`.",
    ]
    parts += [rooms]
    # Of the engine last: what one seldom asks for.
    front.sort(key=lambda path: ".engine." in path)
    parts += [f"::: {path}" for path in front]
    return "\n\n".join(parts)


def _about(room):
    doc = ast.get_docstring(source.tree(f"{room}/__init__.py"))
    return doc.splitlines()[0] if doc else ""


def _room(room, further):
    own = [f"keras_gan_translate.{room}.{name}" for name in source.public(room)]
    paths = own + [f"keras_gan_translate.{path}" for path in further]
    return "\n\n".join(
        [f"# {room}", _about(room), *(f"::: {path}" for path in paths)]
    )


def _examples():
    """Name of the page -> file: scripts, notebooks, folders with a README."""
    folder = source.ROOT / "examples"
    found = {path.parent.name: path for path in folder.glob("*/README.md")}
    for pattern in ("*.py", "*.ipynb"):
        found |= {path.stem: path for path in folder.glob(pattern)}
    return dict(sorted(found.items()))


def _example(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        # Files that lie beside it are no pages.
        text = re.sub(r"\[([^]]+)\]\([\w.-]+\)", r"`\1`", text)
        return text.replace("](../../docs/", "](../")
    if path.suffix == ".ipynb":
        return _notebook(path, text)
    doc = ast.get_docstring(ast.parse(text)) or ""
    first, _, rest = doc.partition("\n\n")
    if re.match(r"python \S+\.py", first):  # the command comes first
        first, rest = "", doc
    told = rest and model_pages.fenced("text", rest)
    code = model_pages.fenced("python", text)
    return "\n\n".join([f"# {path.name}", first, told, code])


def _notebook(path, text):
    parts = []
    for cell in json.loads(text)["cells"]:
        told = "".join(cell["source"])
        code = cell["cell_type"] == "code"
        parts.append(model_pages.fenced("python", told) if code else told)
    if not parts[0].startswith("# "):
        parts.insert(0, f"# {path.name}")
    return "\n\n".join(parts)


def _kinds(page):
    """Every kind of data: its folders, its options, who trains on it."""
    parts = []
    for kind in source.kinds().values():
        trained = [m for m in source.models() if kind in m.kinds]
        models = ", ".join(
            f"[{m.title[0]}](models/{m.name}.md)" for m in trained
        )
        drawn = ", ".join(f"`drawn:{world}`" for world in kind.worlds)
        parts += [
            f"### {kind.name}",
            f"{model_pages.capitalized(kind.about)}.",
            f"- **Folders**: {model_pages.escaped(kind.layouts)}.\n"
            f"- **Without a folder**: {drawn}.\n"
            + "".join(
                f"- **`--{name.replace('_', '-')}`**: "
                f"{model_pages.escaped(text)}\n"
                for name, text in kind.options.items()
            )
            + f"- **Models**: {models}.",
        ]
        picture = documents.DOCS / "kinds" / f"{kind.name}.png"
        if picture.exists():
            parts.append(f"![{kind.name} data, drawn](kinds/{picture.name})")
    return "\n\n".join(parts)


def _importable(page):
    """Whose files are known, a row a model."""
    lines = [
        model_pages.row(["model", "names of"]),
        model_pages.row(["---"] * 2),
    ]
    for model in source.models():
        told = model_pages.imported_from(model)
        if told:
            name = f"[`{model.name}`](models/{model.name}.md)"
            lines.append(model_pages.row([name, told]))
    return "\n".join(lines)


def _count(page):
    return str(len(source.models()))


FILLED = {"count": _count, "kinds": _kinds, "importable": _importable}
