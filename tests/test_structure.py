"""The house of the package: no import runs upwards, none in a circle."""

import ast
import functools
import pathlib

import pytest

import keras_gan_translate

ROOT = pathlib.Path(keras_gan_translate.__file__).parent
# From top to bottom; the rooms of one floor know nothing of each other. The
# package's own __init__.py looks at the house from outside.
FLOORS = (
    ("__main__",),
    ("cli",),
    ("loading", "showing", "scale"),
    ("runs", "checkpoints"),
    ("zoo",),
    ("models", "web"),
    ("gan",),
    ("presets",),
    ("export",),
    ("inference", "callbacks"),
    ("engine", "data", "metrics"),
    ("losses", "networks", "fields"),
    ("layers",),
    ("backend", "support"),
)
# What a paper's file may know.
FOR_PAPERS = "gan engine fields networks layers losses backend support".split()
# Where TensorFlow or JAX may be imported; all else speaks `keras.ops`.
SPEAKS_BACKENDS = {"backend", "data", "export"}


@functools.cache
def sources():
    """Module, by its dotted name below the package -> its syntax tree."""
    trees = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        trees[name] = ast.parse(path.read_text(encoding="utf-8"))
    return trees


def imports_of(tree, modules):
    """The modules of the package that a file imports, also in functions."""
    found = set()
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are written out, from the root"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            first, _, name = name.partition(".")
            if first != "keras_gan_translate":
                continue
            # What is no module is something inside of one.
            while name and name not in modules:
                name = name.rpartition(".")[0]
            found.add(name)
    return found


def libraries_of(tree):
    """The first words of all that a file imports."""
    nodes = list(ast.walk(tree))
    names = [
        a.name for n in nodes if isinstance(n, ast.Import) for a in n.names
    ]
    names += [n.module for n in nodes if isinstance(n, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def upward_imports(graph):
    """Sentences, one for each import that does not lead downwards."""
    floor = {room: i for i, rooms in enumerate(FLOORS) for room in rooms}
    floor[""] = -1
    wrong = []
    for module, imported in graph.items():
        room = module.partition(".")[0]
        for other in sorted(imported):
            target = other.partition(".")[0]
            if room and room != target and floor[target] <= floor[room]:
                where = "above" if floor[target] < floor[room] else "beside"
                wrong.append(
                    f"{module} imports {other or 'the package'}, which stands "
                    f"{where} it: move what it needs down, or hand it over."
                )
    return wrong


def circle(graph):
    """The modules of a circle of imports, in order; [] if there is none."""
    done = set()

    def visit(module, path):
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        done.add(module)
        for other in sorted(graph.get(module, ())):
            found = visit(other, [*path, module])
            if found:
                return found
        return []

    for module in sorted(graph):
        found = visit(module, [])
        if found:
            return found
    return []


def graph():
    return {
        module: imports_of(tree, set(sources()))
        for module, tree in sources().items()
    }


def test_every_room_has_a_floor():
    rooms = {module.partition(".")[0] for module in sources()} - {""}
    known = {room for rooms in FLOORS for room in rooms}
    assert rooms == known, f"put it on a floor: {sorted(rooms ^ known)}"


def test_no_import_runs_upwards():
    wrong = upward_imports(graph())
    assert not wrong, "\n".join(wrong)


def test_no_imports_go_in_a_circle():
    found = circle(graph())
    assert not found, f"a circle: {' -> '.join(found)}"


def test_a_paper_knows_the_contract_and_what_it_is_made_of():
    for module, imported in graph().items():
        if module.startswith("models."):
            rooms = {name.partition(".")[0] for name in imported}
            surplus = sorted(rooms - set(FOR_PAPERS))
            assert not surplus, f"{module} imports {', '.join(surplus)}"


def test_the_house_speaks_no_backend():
    for module, tree in sources().items():
        if module.partition(".")[0] not in SPEAKS_BACKENDS:
            found = libraries_of(tree) & {"tensorflow", "jax"}
            assert not found, f"{module} imports {found}: see `backend`"


def test_both_backends_have_the_same_functions():
    jax, tensorflow = (
        {
            module.rpartition(".")[2]: {
                node.name
                for node in tree.body
                if isinstance(node, ast.FunctionDef)
                if not node.name.startswith("_")
            }
            for module, tree in sources().items()
            if module.startswith(f"backend.{name}.")
        }
        for name in ("jax", "tensorflow")
    )
    both = jax.keys() & tensorflow.keys()
    assert {"costs", "devices", "hosts", "training"} <= both
    for file in both:
        assert jax[file] == tensorflow[file], file


def names_in(tree):
    """What a module holds, conditional imports included."""
    names = {"__file__", "__name__"}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {a.asname or a.name.split(".")[0] for a in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def missing_names(tree, held):
    """Sentences, one for each name that a module of ours does not hold.

    Args:
        tree: of the file that asks.
        held: dict from a module's name to the names in it.
    """
    asked, modules = [], {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        first, _, module = node.module.partition(".")
        if first != "keras_gan_translate" or module not in held:
            continue
        for alias in node.names:
            inner = f"{module}.{alias.name}".lstrip(".")
            if inner in held:
                modules[alias.asname or alias.name] = inner
            elif module and alias.name != "*":
                asked.append((module, alias.name, node.lineno))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = modules.get(node.value.id)
            if module:
                asked.append((module, node.attr, node.lineno))
    return [
        f"line {line}: there is no {name} in {module}"
        for module, name, line in asked
        if name not in held[module] and f"{module}.{name}" not in held
    ]


def test_what_is_asked_of_a_module_is_there():
    held = {module: names_in(tree) for module, tree in sources().items()}
    root = ROOT.parent
    wrong = []
    for folder in (ROOT, root / "examples", root / "tests"):
        for path in sorted(folder.rglob("*.py")):
            if "node_modules" not in path.parts:
                tree = ast.parse(path.read_text(encoding="utf-8"))
                where = path.relative_to(root)
                wrong += [f"{where}, {w}" for w in missing_names(tree, held)]
    assert not wrong, "\n".join(wrong)


def test_a_missing_name_is_seen():
    held = {"runs.measuring": {"forward"}, "runs": set()}
    code = (
        "from keras_gan_translate.runs import measuring\n"
        "from keras_gan_translate.runs.measuring import gone, forward\n"
        "measuring.lost()\nmeasuring.forward()"
    )
    assert missing_names(ast.parse(code), held) == [
        "line 2: there is no gone in runs.measuring",
        "line 3: there is no lost in runs.measuring",
    ]


@pytest.mark.parametrize(
    ("code", "imported"),
    [
        ("from keras_gan_translate import zoo", "zoo"),
        ("import keras_gan_translate.runs.run as run", "runs.run"),
        ("from keras_gan_translate.gan import GAN", "gan"),
        ("def f():\n from keras_gan_translate.web import server", "web.server"),
    ],
)
def test_an_arrow_upwards_is_seen(code, imported):
    found = imports_of(ast.parse(code), set(sources()))
    assert found == {imported}
    (sentence,) = upward_imports({"engine.batches": found})
    assert sentence.startswith(f"engine.batches imports {imported}, which st")


def test_a_library_is_seen():
    code = (
        "def f():\n import jax.numpy as jnp\n from tensorflow.io import gfile"
    )
    assert libraries_of(ast.parse(code)) == {"jax", "tensorflow"}


def test_a_circle_is_seen():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
