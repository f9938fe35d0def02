"""What the package's source says of itself, read and not run.

Building the pages needs no TensorFlow, and no model is built for a table.
"""

import ast
import dataclasses
import functools
import operator
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
PACKAGE = ROOT / "keras_gan_translate"
NUMBERS = (int, float)
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}


@functools.cache
def tree(path):
    """The syntax tree of a file of the package."""
    return ast.parse((PACKAGE / path).read_text(encoding="utf-8"))


def value(node, names=None):
    """What an expression of constants is worth; else its own text."""
    names = names or {}
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.Tuple, ast.List)):
        return tuple(value(each, names) for each in node.elts)
    if isinstance(node, ast.Dict):
        keys = [value(key, names) for key in node.keys]
        return dict(zip(keys, (value(each, names) for each in node.values)))
    if isinstance(node, ast.BinOp):
        sides = value(node.left, names), value(node.right, names)
        known = type(node.op) in OPERATORS
        if known and all(isinstance(side, NUMBERS) for side in sides):
            return OPERATORS[type(node.op)](*sides)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = value(node.operand, names)
        if isinstance(number, NUMBERS):
            return -number
    if isinstance(node, ast.Name) and node.id in names:
        return value(names[node.id], names)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "tuple":
        return tuple(value(node.args[0], names))
    return ast.unparse(node)


def assignments(body):
    """Name -> expression of the assignments of a body."""
    found = {}
    for node in body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            found[ast.unparse(node.targets[0])] = node.value
        elif isinstance(node, ast.AnnAssign) and node.value:
            found[ast.unparse(node.target)] = node.value
    return found


def classes(path):
    """Name -> class of a file."""
    return {
        node.name: node
        for node in tree(path).body
        if isinstance(node, ast.ClassDef)
    }


def functions(node):
    """Name -> function of a class."""
    return {
        each.name: each
        for each in node.body
        if isinstance(each, ast.FunctionDef)
    }


def imported(path):
    """(module, name) of what a file imports from the package, in order."""
    return [
        (node.module, alias.asname or alias.name)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        and node.module.startswith("keras_gan_translate")
        for alias in node.names
    ]


@functools.cache
def inherited(path):
    """Class of a folder's files -> its attributes, those of its bases too."""
    found = {}
    for file in sorted((PACKAGE / path).glob("*.py")):
        found |= classes(file.relative_to(PACKAGE))

    def of(name):
        if name not in found:
            return {}
        node = found[name]
        attributes = {}
        for base in node.bases:
            attributes |= of(ast.unparse(base))
        return attributes | assignments(node.body)

    return {name: of(name) for name in found}


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of data.

    Attributes:
        name: of the kind.
        about: what the data are, in half a sentence.
        layouts: the folders that are known, in words.
        worlds: what can be drawn of it, the default first.
        options: name -> what it means, of those that a user gives.
    """

    name: str
    about: str
    layouts: str
    worlds: tuple
    options: dict


@functools.cache
def kinds():
    """Name -> `Kind`, of all kinds of data."""
    found = {}
    for attributes in inherited("data/kinds").values():
        name = "name" in attributes and value(attributes["name"])
        if not name:
            continue
        options = {
            key: text
            for key, text in _options(attributes["options"]).items()
            if text
        }
        found[name] = Kind(
            name,
            value(attributes["about"]),
            value(attributes["layouts"]),
            tuple(value(attributes["worlds"])),
            options,
        )
    return found


def _options(node):
    """Name -> help of the `Option`s in a dict; "" if the model decides."""
    found = {}
    for key, call in zip(node.keys, node.values):
        if isinstance(call, ast.Name):  # shared by several kinds
            call = _constant(call.id)
        if not isinstance(call, ast.Call):  # another kind's own
            owner = ast.unparse(call).partition(".")[0]
            of_owner = inherited("data/kinds")[owner]["options"]
            found[key.value] = _options(of_owner)[key.value]
            continue
        decided = any(word.arg == "of_model" for word in call.keywords)
        found[key.value] = "" if decided else _text(call.args[0])
    return found


def _text(node):
    """A text; constants that are put into it are looked up."""
    if not isinstance(node, ast.JoinedStr):
        return value(node)
    return "".join(
        part.value if isinstance(part, ast.Constant) else _words(part.value)
        for part in node.values
    )


def _words(node):
    """What a text shows of a constant: a number, or words and commas."""
    if isinstance(node, ast.Call):  # ", ".join(WORDS)
        return ", ".join(value(_constant(node.args[0].id)))
    return f"{value(_constant(node.id)):g}"


@functools.cache
def _constant(name):
    """What is assigned to a constant of data/."""
    for file in sorted((PACKAGE / "data").rglob("*.py")):
        known = assignments(tree(file.relative_to(PACKAGE)).body)
        if name in known:
            return known[name]
    raise KeyError(name)


@dataclasses.dataclass(frozen=True)
class Field:
    """One input of a translator.

    Attributes:
        name: in the batch.
        kind: name of its class.
        option: the user's word for it; None for what is translated.
        control: how a page asks for it.
        scaled_by: the word of a number that multiplies it, or None.
    """

    name: str
    kind: str
    option: str | None
    control: str
    scaled_by: str | None


def _field(name, node):
    """A `Field` of the call that makes it, or None."""
    if isinstance(node, ast.IfExp):
        node = node.body
    if not isinstance(node, ast.Call):
        return None
    kind = ast.unparse(node.func)
    attributes = inherited("fields").get(kind)
    if attributes is None:
        return None
    words = {word.arg: value(word.value) for word in node.keywords}
    read = {
        key: value(attributes[key])
        for key in ("option", "control", "scaled_by")
        if key in attributes
    }
    return Field(
        name,
        kind,
        words.get("option", read["option"]),
        read["control"],
        read["scaled_by"],
    )


@dataclasses.dataclass(frozen=True)
class Model:
    """A model of the zoo, as its file tells of it.

    Attributes:
        name: what `create_model` calls it.
        class_name: of its class.
        path: of its file, below the package.
    """

    name: str
    class_name: str
    path: str

    @property
    def node(self):
        """The class."""
        return classes(self.path)[self.class_name]

    @functools.cached_property
    def title(self):
        """What the paper calls it, and what it does: of the file's head."""
        title, _, told = ast.get_docstring(tree(self.path)).partition(": ")
        told = told.rstrip(".")
        return title, told[:1].upper() + told[1:]

    @property
    def words(self):
        """The names by which documents speak of it."""
        return {self.title[0].partition(" (")[0], self.name, self.class_name}

    @functools.cached_property
    def doc(self):
        """The docstring."""
        return ast.get_docstring(self.node)

    @functools.cached_property
    def sections(self):
        """Title -> text of the docstring's sections, without indentation."""
        found = re.findall(
            r"^([A-Z][\w ]*):\n((?: {4}.*\n|\n(?= {4}))+)",
            f"{self.doc}\n",
            re.MULTILINE,
        )
        return {
            title: re.sub("^ {4}", "", text, flags=re.MULTILINE).rstrip()
            for title, text in found
        }

    @property
    def about(self):
        """(the first line, the paragraphs on the method)."""
        first, _, rest = self.doc.partition("\n\n")
        method = re.split(r"^[A-Z][\w ]*:(?:\n| )", rest, flags=re.M)[0]
        return one_line(first), method.strip().split("\n\n")

    @property
    def deviations(self):
        """Where it differs from the paper or the authors' code."""
        found = re.findall(r"Deviation: ((?:.+\n?)+)", self.doc)
        lines = (PACKAGE / self.path).read_text(encoding="utf-8").splitlines()
        for i, line in enumerate(lines):
            text = line.partition("# Deviation: ")[2]
            if not text:
                continue
            for further in lines[i + 1 :]:
                if not further.strip().startswith("# "):
                    break
                text += " " + further.strip()[2:]
            found.append(text)
        return [one_line(text) for text in found]

    @property
    def arguments(self):
        """Name -> (default as it is written, meaning)."""
        signature = functions(self.node)["__init__"].args
        texts = {
            name: one_line(text)
            for name, text in re.findall(
                r"^(\w+): (.*(?:\n .*)*)", self.sections["Args"], re.M
            )
        }
        names = [argument.arg for argument in signature.args[1:]]
        constants = assignments(tree(self.path).body)
        return {
            name: (
                ast.unparse(constants.get(ast.unparse(default), default)),
                texts.get(name, ""),
            )
            for name, default in zip(names, signature.defaults)
        }

    @functools.cached_property
    def attributes(self):
        """The class attributes that the contract names, with their defaults."""
        contract = assignments(classes("gan.py")["GAN"].body)
        own = assignments(self.node.body)
        names = assignments(tree(self.path).body)
        return {
            name: value(node, names) for name, node in (contract | own).items()
        }

    @property
    def kinds(self):
        """The kinds of data that it trains on, the default first."""
        names = self.attributes["kinds"] or (self.attributes["data"],)
        return [kinds()[name] for name in names]

    @property
    def inputs(self):
        """Direction -> `Field`s that its translator takes."""
        known = assignments(self.node.body)
        fields = {}
        if isinstance(known.get("drawn"), ast.Dict):
            fields |= _fields_of(known["drawn"], {})
        fields |= {name: _field(name, _call("Image()")) for name in "ab"}
        for node in functions(self.node).values():
            local = {}
            for each in ast.walk(node):
                if isinstance(each, ast.Assign):
                    local |= assignments([each])
            for target, given in local.items():
                if target in ("self.batch", "self.drawn"):
                    fields |= _fields_of(given, local)
                name = re.match(r"self\.batch\['(\w+)'\]", target)
                if name:
                    fields[name[1]] = _field(name[1], given)
        directions = {}
        for key, call in zip(
            known["translators"].keys, known["translators"].values
        ):
            takes = {word.arg: word.value for word in call.keywords}["takes"]
            found = [fields.get(name) for name in value(takes)]
            directions[key.value] = [field for field in found if field]
        return directions

    @property
    def paper(self):
        """(authors, title, year, address, what the address is called)."""
        text = one_line(self.sections["Reference"])
        authors, title, rest = re.match(
            r'(.*?),? "(.*?),?" ?(.*)', text
        ).groups()
        arxiv = re.search(r"arXiv:(\d+\.\d+)", rest)
        doi = re.search(r"doi:(\S+\w)", rest)
        names = authors.split(", ")
        if len(names) == 2:
            authors = " and ".join(names)
        elif len(names) > 2:
            authors = f"{names[0]} et al."
        if arxiv:
            address = f"https://arxiv.org/abs/{arxiv[1]}", arxiv[1]
        else:
            address = f"https://doi.org/{doi[1]}", f"doi:{doi[1]}"
        return authors, title, re.search(r"(?:19|20)\d\d", rest)[0], *address


def _call(text):
    return ast.parse(text, mode="eval").body


def _fields_of(node, local):
    """Name -> `Field` of a dict of them."""
    found = {}
    if isinstance(node, ast.Dict):
        for key, given in zip(node.keys, node.values):
            if isinstance(given, ast.Name):
                given = local.get(given.id)
            found[key.value] = _field(key.value, given)
    return {name: field for name, field in found.items() if field}


@functools.cache
def models():
    """All `Model`s, by the lines of models/__init__.py, sorted by name."""
    return sorted(
        (
            Model(name.lower(), name, f"models/{module.rpartition('.')[2]}.py")
            for module, name in imported("models/__init__.py")
        ),
        key=lambda model: model.name,
    )


def public(package):
    """The names that a package offers."""
    return [
        alias.asname or alias.name
        for node in tree(f"{package}/__init__.py").body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]


def one_line(text):
    """A text without its line breaks."""
    return " ".join(text.split())


def forget():
    """Reads everything anew from now on."""
    for read in (tree, inherited, kinds, models, _constant):
        read.cache_clear()
