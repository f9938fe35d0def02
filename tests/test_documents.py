"""What the documents say is so: models, commands, names, and whole code."""

import ast
import itertools
import pathlib
import re
import shlex
import sys

import pytest

from keras_gan_translate import list_models

ROOT = pathlib.Path(__file__).parents[1]
sys.path.append(str(ROOT / "docs" / "hooks"))

import built  # noqa: E402, found by the line above
import docstrings_text  # noqa: E402
import documents  # noqa: E402
import model_pages  # noqa: E402
import source  # noqa: E402

PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
FACTS = "task data batch_size total_steps turns stages augmentation".split()
FACTS += ["smallest_size", "size_step", "smallest_batch"]
NUMBER = re.compile(r"\b\d{1,3}(?:,\d{3})+\b")


def test_source_that_is_read_says_what_it_does_when_it_is_run():
    known = {info.name: info for info in list_models()}
    assert [model.name for model in source.models()] == list(known)
    for model in source.models():
        told, model_class = model.attributes, known[model.name].model_class
        for name in FACTS:
            running = getattr(model_class, name)
            # What follows from the stage is not told.
            if not isinstance(running, property):
                assert told[name] == running, (model.name, name)
        assert told["loss_weights"] == pytest.approx(model_class.loss_weights)
        taken = {
            direction: tuple(field.name for field in fields)
            for direction, fields in model.inputs.items()
        }
        translators = model_class.translators
        assert taken == {name: translators[name].takes for name in translators}


@pytest.mark.parametrize("model", source.models(), ids=lambda m: m.name)
def test_a_model_says_what_its_page_shows(model):
    for name in ("Reference", "Recipe", "Args", "Example"):
        assert name in model.sections
    for name in ("Parameters of a generator", "Reproduces"):
        assert name in model.sections, f"its row of README lacks `{name}:`"
    assert re.search("not measured|ours", model.sections["Recipe"], re.I)
    arguments = model.arguments
    assert all(meaning for _, meaning in arguments.values()), arguments
    page = model_pages.page(model)
    assert page.startswith(f"# {model.title[0]}\n") and "not said" not in page


@pytest.mark.parametrize("model", source.models(), ids=lambda m: m.name)
def test_parameters_are_those_that_a_test_counts(model):
    own = ROOT / "tests" / "models" / f"test_{model.name}.py"
    shared = (ROOT / "tests" / "networks" / "papers.py").read_text()
    counted = [
        number
        for node in ast.walk(ast.parse(own.read_text()))
        if isinstance(node, (ast.Constant, ast.BinOp))
        if isinstance(number := source.value(node), int) and number > 9_999
    ]
    told = model.sections["Parameters of a generator"]
    for text in NUMBER.findall(told):
        number = int(text.replace(",", ""))
        sums = itertools.chain.from_iterable(
            itertools.combinations(counted, count) for count in (1, 2, 3)
        )
        assert number in map(sum, sums) or f"{number:_}" in shared, text


def test_names_in_the_documents_exist():
    for page in PAGES:
        for node in _code(page):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if node.module.startswith("keras_gan_translate"):
                        path = f"{node.module}.{alias.name}"
                        assert _exists(path), (page.name, path)
        for path in re.findall(r"\bkgt\.([A-Za-z_][\w.]*)", page.read_text()):
            path = f"keras_gan_translate.{path.rstrip('.')}"
            assert _exists(path), (page.name, path)


def test_commands_in_the_documents_exist():
    verbs, flags = _verbs(), _flags()
    for page in PAGES:
        for command in _commands(page):
            words = shlex.split(command, comments=True)
            if len(words) > 1 and not words[1].startswith("-"):
                assert words[1] in verbs, (page.name, command)
            for word in words:
                if word.startswith("--"):
                    flag = word.partition("=")[0]
                    assert flag in flags, (page.name, command)


def test_the_model_that_one_writes_trains():
    code = "\n".join(
        re.findall(
            r"```python\n(.*?)```",
            (ROOT / "docs/own_model.md").read_text(),
            re.S,
        )
    )
    # Nothing of it is about speed: small, and without a trace.
    for there, here in (
        ("num_blocks=6", "num_blocks=1"),
        (".compile()", ".compile(run_eagerly=True)"),
    ):
        assert there in code
        code = code.replace(there, here)
    made = {"__name__": "own_model"}
    exec(compile(code, "own_model.md", "exec"), made)
    assert made["toon"].shape == (32, 32, 3)


def test_pages_that_load_from_elsewhere_or_lead_nowhere_are_told(tmp_path):
    (tmp_path / "other.html").write_text('<h1 id="here">Here</h1>')
    (tmp_path / "index.html").write_text(
        '<link rel="canonical" href="https://example.org/">'
        '<script src="https://example.org/a.js"></script>'
        '<img src="no.png"><a href="other.html#here"></a>'
        '<a href="other.html#there"></a><a href="no.html"></a>'
        '<a href="https://example.org/"></a>'
    )
    (tmp_path / "a.css").write_text("@import 'https://example.org/b.css';")
    told = built.problems(tmp_path)
    assert len(told) == 5
    assert "a.js from elsewhere" in told[0] and "no.png" in told[1]
    assert "no such place" in told[2] and "no such page" in told[3]


def test_docstrings_become_markdown():
    text = docstrings_text.prepared(
        "Reads <a>.\n\nExample:\n    x = a < b\n    y = x\n\nArgs:\n    a: it."
    )
    assert "Reads &lt;a>." in text
    told = docstrings_text.prepared(
        "`<a>`\n\nClass attributes:\n    b: c\n      d."
    )
    assert told == "`<a>`\n\n**Class attributes:**\n\n- `b`: c d."
    assert "    ```python\n    x = a < b\n    y = x\n    ```" in text


def test_pictures_of_a_model_are_those_that_name_it():
    named = {
        model.name: [p.path for p in documents.pictures_of(model)]
        for model in source.models()
    }
    assert "demo.png" in named["ugatit"] and not named["pirec"]


def _code(page):
    """All syntax of a page's Python blocks that can be parsed."""
    for text in re.findall(r"```python\n(.*?)```", page.read_text(), re.S):
        yield from ast.walk(ast.parse(text))


def _exists(path):
    """Whether a dotted name leads to a module, or to what one defines."""
    parts = path.split(".")[1:]
    place = source.PACKAGE
    for i, part in enumerate(parts):
        if (place / part).is_dir():
            place = place / part
        elif (place / f"{part}.py").exists():
            place = place / f"{part}.py"
        else:
            return _defines(place, part)
    return True


def _defines(place, name):
    path = place / "__init__.py" if place.is_dir() else place
    text = path.read_text()
    models = {model.class_name for model in source.models()}
    return bool(
        re.search(rf"^(?:def|class) {name}\b", text, re.M)
        or re.search(rf"^\s+(?:from .* import )?\(?{name},?\)?$", text, re.M)
        or re.search(rf"import (?:\w+, )*{name}\b", text)
        or (place == source.PACKAGE and name in models)
    )


def _verbs():
    text = (source.PACKAGE / "cli" / "__init__.py").read_text()
    modules = re.search(r"cli import \((.*?)\)", text, re.S)[1]
    return {name.strip().rstrip("_") for name in modules.split(",")} | {"info"}


def _flags():
    text = "".join(
        path.read_text() for path in (source.PACKAGE / "cli").glob("*.py")
    )
    flags = set(re.findall(r"--[a-z][a-z0-9-]*", text)) | {"--help"}
    words = set()
    for kind in source.kinds().values():
        words |= set(kind.options)
    for model in source.models():
        words |= set(model.arguments)
        for fields in model.inputs.values():
            words |= {field.option for field in fields if field.option}
            words |= {each.scaled_by for each in fields if each.scaled_by}
    return flags | {f"--{word.replace('_', '-')}" for word in words}


def _commands(page):
    """The `kgt` commands of a page, in blocks and in sentences."""
    text = page.read_text().replace("\\\n", " ")
    blocks = re.findall(r"```sh\n(.*?)```|^((?: {4}.*\n)+)", text, re.S | re.M)
    lines = [
        line.strip() for pair in blocks for line in "".join(pair).split("\n")
    ]
    lines += re.findall(r"`(kgt [^`]+)`", text)
    found = [line for line in lines if line.startswith("kgt ")]
    return [
        command.strip()
        for line in found
        for command in re.split(r" && | \\| ", line)
        if command.strip().startswith("kgt ")
    ]
