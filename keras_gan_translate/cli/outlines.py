"""The models' classes without their methods, read from the models' files.

Importing Keras takes seconds, on a busy machine half a minute. What help and
mistyped words need of a model stands in its file: its docstring, its
arguments, its kind of data. That is kept and the rest left out, so that no
second copy of it is kept anywhere.
"""

import ast
import functools
import pathlib

from keras_gan_translate.support.messages import unknown_model

PACKAGE = pathlib.Path(__file__).parents[1]
BASE = "GAN"
ATTRIBUTES = ("task", "data", "kinds", "batch_size", "smallest_batch")
METHODS = ("__init__", "data_of")  # the first without its body


@functools.cache
def model_names():
    """The names of all models, sorted: those of the files in models/."""
    paths = (PACKAGE / "models").glob("[!_]*.py")
    return tuple(sorted(path.stem for path in paths))


def find_model(name):
    """The outline of a model.

    Args:
        name: as `models` lists it, in any case.

    Returns:
        A class with the model's name, docstring and signature, its
        `ATTRIBUTES` and `data_of`.

    Raises:
        ValueError: there is no such model.
    """
    lower = str(name).lower()
    if lower not in model_names():
        raise ValueError(unknown_model(name, model_names()))
    return _outline(PACKAGE / "models" / f"{lower}.py", lower)


@functools.cache
def _outline(path, name):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (found,) = (
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name.lower() == name
    )
    bases = [base.id for base in found.bases if isinstance(base, ast.Name)]
    known = {}
    if BASE in bases:
        known[BASE] = _outline(PACKAGE / "gan.py", BASE.lower())
    found.bases = [ast.Name(base, ast.Load()) for base in known]
    found.decorator_list, found.keywords = [], []
    found.body = list(filter(_keeps, found.body))
    # Defaults may be constants of the file, or of one that it imports.
    body, needed = [found], _read_in(found)
    for node in reversed(tree.body):
        if needed & _defined_in(node) - known.keys():
            body.insert(0, node)
            needed |= _read_in(node)
    module = ast.fix_missing_locations(ast.Module(body, []))
    exec(compile(module, str(path), "exec"), known)
    return known[found.name]


def _keeps(node):
    """Whether an outline keeps a node of a class's body; empties methods."""
    if isinstance(node, ast.FunctionDef):
        for part in ast.walk(node):
            if isinstance(part, ast.arg):
                part.annotation = None
        node.returns = None
        if node.name == "__init__":
            node.body = [ast.Pass()]
        return node.name in METHODS
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) in ATTRIBUTES
    return isinstance(node, ast.Expr)  # the docstring


def _read_in(node):
    """The names that a node reads."""
    return {
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
    }


def _defined_in(node):
    """The names that a node of a file's first level defines."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name for alias in node.names}
    if isinstance(node, ast.Assign):
        return {t.id for t in node.targets if isinstance(t, ast.Name)}
    return {getattr(node, "name", None)}
