"""The notebooks of examples/ run from top to bottom, at tiny size.

Their cells are run as a notebook runs them, in one process: a kernel for each
would import TensorFlow three times.
"""

import ast
import json
import pathlib

import pytest

EXAMPLES = pathlib.Path(__file__).parents[1] / "examples"
NAMES = sorted(path.name for path in EXAMPLES.glob("*.ipynb"))
SMALL = {"image_size": 32}
# What replaces the cell of parameters, beside `SMALL`.
TINY = {
    "train_on_your_folder.ipynb": {
        "filters": 2,
        "num_blocks": 1,
        "epochs": 1,
        "count": 4,
    }
}


def read(name):
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"))


def source(cell):
    return "".join(cell["source"])


def has_parameters(cell):
    return "parameters" in cell["metadata"].get("tags", ())


def run_cell(text, namespace):
    """Runs a cell; returns what a notebook would draw of its last line."""
    tree = ast.parse(text)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), namespace)
    if last is None:
        return None
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), namespace)
    return value._repr_html_() if hasattr(value, "_repr_html_") else repr(value)


def test_there_are_three():
    assert NAMES == [
        "export_and_serve.ipynb",
        "import_and_translate.ipynb",
        "train_on_your_folder.ipynb",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_are_stripped_and_say_where_ones_own_goes(name):
    notebook = read(name)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    for cell in code:
        assert cell["outputs"] == [] and cell["execution_count"] is None
    (parameters,) = (
        c for c in code if "parameters" in c["metadata"].get("tags", ())
    )
    assert parameters is code[0]
    assert source(parameters).count("your own") == 1
    for cell in notebook["cells"]:
        assert all(len(line) <= 80 for line in source(cell).splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_runs(name, tmp_path, monkeypatch):
    pytest.importorskip("tensorflow", reason="it exports, and reads folders")
    monkeypatch.chdir(tmp_path)
    namespace, drawn = {}, []
    for cell in read(name)["cells"]:
        if cell["cell_type"] != "code":
            continue
        shown = run_cell(source(cell), namespace)
        if has_parameters(cell):
            tiny = SMALL | TINY.get(name, {})
            assert tiny.keys() <= namespace.keys()
            namespace |= tiny
        drawn.append(shown or "")
    assert sum("data:image/png" in shown for shown in drawn) >= 3
    if name == "import_and_translate.ipynb":
        again, first = namespace["again"], namespace["translations"][0]
        assert (again.translate(namespace["photos"][0]) == first).all()
