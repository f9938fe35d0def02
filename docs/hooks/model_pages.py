"""A page for every model of the zoo, and the table of them all.

All of it comes from the model's own file: a further model has its page and
its row by being there.
"""

import ast
import re

import documents
import source

HEAD = ("name", "class", "data", "paper", "parameters of a generator")
HEAD += ("reproduces",)
# What stands for a value on the command line, by how a page asks for it.
VALUES = {
    "menu": "NAME",
    "checks": "NAME,...",
    "changes": "+NAME,-NAME",
    "seed": "SEED",
}
# What is translated, by the kind of field.
FILES = {"LabelMap": "labels.png", "Sketch": "drawing.png"}


def table(address=None):
    """The table of all models, a list of lines.

    Args:
        address: function of a `source.Model` that gives its page's address,
            where the class stands; None for a table without links to pages.
    """
    head = [title for title in HEAD if not (address and title == "class")]
    lines = [row(head), row(["---"] * len(head))]
    for model in source.models():
        authors, _, year, link, called = model.paper
        name = f"`{model.name}`"
        cells = [f"[{name}]({address(model)})"] if address else [name]
        cells += [] if address else [f"`{model.class_name}`"]
        cells += [
            ", ".join(kind.name for kind in model.kinds),
            f"{authors} {year}, [{called}]({link})",
            section(model, "Parameters of a generator"),
            uncapitalized(section(model, "Reproduces").rstrip(".")),
        ]
        lines.append(row(cells))
    return lines


def page(model):
    """The page of a model, in Markdown."""
    first, method = model.about
    parts = [
        f"# {model.title[0]}",
        f"**{first}**",
        f"`kgt train {model.name}` · `kgt.{model.class_name}` · "
        f"{model.attributes['task']}",
        *_pictures(model),
        *method,
        "## Paper",
        linked(source.one_line(model.sections["Reference"])),
        "## Use it",
        fenced("sh", _commands(model)),
        "In Python:",
        fenced("python", _example(model)),
        f"More: [training](../train.md), [translating](../translate.md), "
        f"[exporting](../export.md), "
        f"[the class](../api/models.md#keras_gan_translate.models."
        f"{model.class_name}).",
        "## Result",
        *_result(model),
        "## Data",
        *_data(model),
        "## Recipe",
        *_recipe(model),
        "## Options",
        "On the command line `--image-size 128`, in Python `image_size=128`.",
        *_options(model),
        "## Limits",
        *_limits(model),
        "## Weights",
        *_weights(model),
    ]
    return "\n\n".join(parts) + "\n"


def section(model, name):
    """A section of the docstring in one line; a word if it lacks."""
    return source.one_line(model.sections.get(name, "not said"))


def row(cells):
    """A line of a Markdown table."""
    texts = [str(cell).replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(texts)} |"


def fenced(language, text):
    """A block of code."""
    return f"```{language}\n{text.strip()}\n```"


def escaped(text):
    """A text whose angle brackets are no tags."""
    return text.replace("<", "&lt;")


def uncapitalized(text):
    """A sentence within another; names keep their capitals."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def linked(text):
    """A text with addresses for arXiv numbers, DOIs and documents."""
    text = re.sub(
        r"arXiv:(\d+\.\d+)", r"[\g<0>](https://arxiv.org/abs/\1)", text
    )
    text = re.sub(r"doi:(\S+\w)", r"[\g<0>](https://doi.org/\1)", text)
    return re.sub(r"docs/(\w+)\.md", r"[\1](../\1.md)", text)


def _pictures(model):
    """What it made, where there are pictures of it."""
    parts = []
    for picture in documents.pictures_of(model)[:2]:
        parts.append(f"![{picture.alt}](../{picture.path})")
        if picture.caption:
            parts.append(f"*{relinked(picture)}*")
    return parts


def relinked(picture, up="../"):
    """A picture's caption on another page."""
    prefix = "" if picture.section.page else "docs/"
    return re.sub(rf"\]\({prefix}(?=[\w-]+\.md)", f"]({up}", picture.caption)


def _commands(model):
    """The commands from data to files for a phone."""
    run = f"runs/{model.name}"
    stages = model.attributes["stages"]
    lines = [f"kgt train {model.name} drawn --out {run}    # or a folder"]
    if stages:
        run = f"{run}-{stages[-1]}"
        lines = [
            f"kgt train {model.name} drawn --stage {stage} --out "
            f"runs/{model.name}-{stage}"
            + (f" --weights runs/{model.name}-{before}" if before else "")
            for before, stage in zip(("", *stages), stages)
        ]
    for fields in list(model.inputs.values())[:1]:
        given = [field for field in fields if field.option is None]
        words = [
            f"--{field.option} {VALUES.get(field.control, 'FILE')}"
            for field in fields
            if field.option
        ]
        words += [
            f"--{field.scaled_by} 0.5" for field in fields if field.scaled_by
        ]
        if given:
            file = FILES.get(given[0].kind, "photo.jpg")
            lines.append(" ".join([f"kgt translate {run} {file}", *words]))
        else:
            lines.append(f"kgt generate {run} --count 16 --grid")
    lines.append(
        f"kgt export {run} --to saved_model,litert --out "
        f"saved_models/{model.name}"
    )
    return "\n".join(lines)


def _example(model):
    """The docstring's example, with the imports that it needs."""
    code = model.sections["Example"]
    made, used = set(), set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            stored = isinstance(node.ctx, ast.Store)
            (made if stored else used).add(node.id)
    known = sorted((used - made) & {model.class_name, "data"})
    return f"from keras_gan_translate import {', '.join(known)}\n\n{code}"


def _split_recipe(model):
    """(how it is trained, what came of it there and here)."""
    text = source.one_line(model.sections["Recipe"])
    about = r"(Cited|Ours|[^.]*\bcited?\b|The paper (?:states|compares)|ours)"
    sentences = re.split(r"(?<=[a-z)%\d\"])\. (?=[A-Z])", text)
    for i, sentence in enumerate(sentences):
        if re.match(about, sentence):
            return ". ".join(sentences[:i]) + ".", ". ".join(sentences[i:])
    return text, ""


def _result(model):
    """What was published, what was measured here, what is reproduced."""
    _, result = _split_recipe(model)
    ours = re.search(r"\b[Oo]urs(?: on it)?: (.*)", result)
    cited = result[: ours.start()] if ours else result
    cited = re.sub("^Cited", "", cited).strip(" ;,:")
    lines = [
        row(["", ""]),
        row(["---", "---"]),
        row(["published", linked(cited) or "no figure cited"]),
        row(["ours", linked(ours[1]) if ours else "not measured"]),
        row(["reproduces", section(model, "Reproduces")]),
        row(
            [
                "parameters of a generator",
                section(model, "Parameters of a generator"),
            ]
        ),
    ]
    found = [
        f"- [{each.told}](../{each.page}#{each.anchor})"
        for each in documents.mentions(model)
    ]
    parts = ["\n".join(lines)]
    if found:
        parts += ["Where else these pages speak of it:", "\n".join(found)]
    return parts


def _weights(model):
    """Whose weights can be imported."""
    told = imported_from(model)
    if not told:
        return ["No published weights can be imported."]
    return [told, "How: [published weights](../weights.md)."]


def imported_from(model):
    """Which published files are known, in words; "" if none are."""
    path = source.PACKAGE / "checkpoints" / f"{model.name}.py"
    if not path.exists():
        return ""
    doc = ast.get_docstring(source.tree(f"checkpoints/{model.name}.py"))
    return source.one_line(re.sub("^Sources?: ", "", doc.partition("\n\n")[2]))


def capitalized(text):
    """A sentence of its own."""
    return text[:1].upper() + text[1:]


def _data(model):
    """Which data it trains on, and how they lie in folders."""
    parts = []
    for kind in model.kinds:
        also = f"`--kind {kind.name}`: " if kind is not model.kinds[0] else ""
        drawn = ", ".join(f"`drawn:{world}`" for world in kind.worlds)
        parts += [
            f"{also}**[{kind.name}](../train.md#{kind.name})**, {kind.about}.",
            f"- Folders: {escaped(kind.layouts)}.\n- Without a "
            f"folder: {drawn}.",
        ]
        picture = documents.DOCS / "kinds" / f"{kind.name}.png"
        if picture.exists():
            parts.append(f"![Drawn {kind.name} data](../kinds/{kind.name}.png)")
            parts.append("*Drawn data to train on; no model made them.*")
    return parts


def _recipe(model):
    """How it is trained unless one says otherwise."""
    recipe, _ = _split_recipe(model)
    own = source.assignments(model.node.body)
    told = model.attributes
    weights = ", ".join(f"{k} {v:.4g}" for k, v in told["loss_weights"].items())
    turns = ", ".join(
        f"{player} in {told['turns'].get(player, 1)} of "
        f"{max(told['turns'].values())} steps"
        for player in ast.literal_eval(own["players"])
        if told["turns"]
    )
    facts = {
        "batch size": told["batch_size"],
        "steps": f"{told['total_steps']:,}" if "total_steps" in own else "",
        "stages": ", ".join(told["stages"]),
        "turns": turns,
        "augmentation": ", ".join(told["augmentation"]) or "none",
        "weights of the losses": weights,
    }
    lines = [row(["", ""]), row(["---", "---"])]
    lines += [row(fact) for fact in facts.items() if fact[1]]
    return [
        linked(recipe),
        "`compile()` without arguments is this recipe:",
        "\n".join(lines),
    ]


def _options(model):
    """The constructor's arguments."""
    lines = [row(["option", "default", "meaning"]), row(["---"] * 3)]
    for name, (default, meaning) in model.arguments.items():
        lines.append(row([f"`{name}`", f"`{default}`", meaning]))
    return ["\n".join(lines)]


def _limits(model):
    """What sizes it takes, and where it is not the paper's."""
    told = model.attributes
    lines = [
        f"- Trains on images of {told['smallest_size']} pixels or more, in "
        f"multiples of {told['size_step']}."
    ]
    if told["smallest_batch"] > 1:
        lines.append(
            f"- A batch has {told['smallest_batch']} examples or more."
        )
    if "vgg_weights" in model.arguments:
        lines.append(
            "- Its perceptual loss needs weights of VGG, which are downloaded "
            "when a training begins, or brought as a file."
        )
    parts = ["\n".join(lines)]
    if model.deviations:
        parts.append("Where it differs from the paper or the authors' code:")
        parts.append(
            "\n".join(f"- {capitalized(text)}" for text in model.deviations)
        )
    return parts
