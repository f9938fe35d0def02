"""Says what a source of weights is, and makes a model of it."""

from __future__ import annotations

import dataclasses
import inspect
import math
import pathlib
from collections.abc import Mapping

import keras

from keras_gan_translate import zoo
from keras_gan_translate.checkpoints.folders import read_options
from keras_gan_translate.checkpoints.importer import import_weights
from keras_gan_translate.checkpoints.name_map import papers
from keras_gan_translate.checkpoints.parts import (
    networks_in,
    prefer_averages,
    select,
    split_by_prefix,
    without_ema,
)
from keras_gan_translate.checkpoints.sources import read_source
from keras_gan_translate.engine import counting
from keras_gan_translate.support.messages import near_matches, shorten
from keras_gan_translate.support.types import Path


@dataclasses.dataclass(frozen=True)
class Recognised:
    """What a source of weights was found to be.

    `str()` of it says so in plain sentences.

    Attributes:
        model: The zoo's name of the model.
        arguments: Those of its constructor that were found.
        parts: Dict from the model's networks that are there, such as
            "generator_ab", to their names in the source ("" where they have
            none).
        notes: What else was decided, a sentence each.
        options: What the project wrote beside its weights, strings by name.
        tensors: Dict from the model's networks to tensors by name.
    """

    model: str
    arguments: dict
    parts: dict
    notes: tuple
    options: dict
    tensors: dict = dataclasses.field(repr=False)

    @property
    def title(self):
        """The model as Python writes it: "UGATIT(filters=64, ...)"."""
        arguments = ", ".join(f"{k}={v!r}" for k, v in self.arguments.items())
        return f"{zoo.find_model(self.model).__name__}({arguments})"

    def __str__(self):
        networks = ", ".join(
            f"{name} from {part!r}" if part else name
            for name, part in self.parts.items()
        )
        return " ".join([f"{self.title}: {networks}.", *self.notes])

    def load(self) -> keras.Model:
        """Makes the model.

        Returns:
            A `GAN` that translates in the directions whose networks are
            there; nothing else in it is trained.

        Raises:
            ValueError: If a tensor is missing, surplus or misshapen.
        """
        self._check_sizes()
        model = zoo.create_model(self.model, **self.arguments)
        for name, tensors in self.tensors.items():
            import_weights(getattr(model, name), tensors)
        model.translators = {
            direction: translator
            for direction, translator in model.translators.items()
            if set(translator.networks) <= set(self.tensors)
        }
        return model

    def _check_sizes(self):
        """Refuses a model of which only some tensors are there."""

        def needed():
            model = zoo.create_model(self.model, **self.arguments)
            return counting.bytes_of(
                variable
                for name in self.tensors
                for variable in getattr(model, name).variables
            )

        held = 4 * sum(
            math.prod(getattr(tensor, "shape", ()))
            for tensors in self.tensors.values()
            for tensor in tensors.values()
        )
        title = f"{self.title}: {', '.join(self.tensors)}"
        counting.check_needs(title, counting.without_memory(needed), held)


def load_translator(
    source: Path | Mapping,
    model: str | None = None,
    part: str | None = None,
    **arguments,
) -> keras.Model:
    """Makes a model of weights that somebody else has trained.

    Args:
        source: As `recognise`.
        model: As `recognise`.
        part: As `recognise`.
        **arguments: As `recognise`.

    Returns:
        A `GAN` that translates, in the directions whose networks the source
        holds.

    Raises:
        ValueError: As `recognise`; or if a tensor is missing, surplus or
            misshapen.

    Example:
        >>> model = load_translator("checkpoints/horse2zebra")
        >>> zebra = model.translate(horse)
    """
    return recognise(source, model, part, **arguments).load()


def recognise(
    source: Path | Mapping,
    model: str | None = None,
    part: str | None = None,
    **arguments,
) -> Recognised:
    """Finds out which model's translators a source holds.

    Names tell the model, shapes its size. No weights are read.

    Args:
        source: As that of `import_weights`; of a folder the newest epoch is
            taken, and image size and direction are read from the options
            beside the weights.
        model: The zoo's name of the model, where nothing else will do.
        part: Which network of the source; all translators if None.
        **arguments: Of the model's constructor; they replace what is found.

    Returns:
        A `Recognised`.

    Raises:
        ValueError: If no network is recognised, or they do not go together.
        FileNotFoundError: If there is no such file or folder.
        ImportError: If a file is read without the library that reads it.
    """
    networks = networks_in(read_source(source))
    notes = []
    if part is not None:
        networks = {part: select(networks, part)}
    networks, averages = prefer_averages(networks)
    for average, replaced in averages.items():
        notes.append(
            f"Of {replaced!r} and its moving average {average!r}, the average "
            "was taken."
        )
    known = _papers_of(model)
    found = _match_all(networks, known) or _match_all(
        {
            (f"{path}.{prefix}" if path else prefix): tensors
            for path, flat in networks.items()
            for prefix, tensors in split_by_prefix(flat).items()
        },
        known,
    )
    if not found:
        raise ValueError(_nothing_known(networks, known))
    paper, options = found[0].paper, {}
    if not isinstance(source, Mapping):
        options = read_options(pathlib.Path(source))
    direction = options.get("direction", options.get("which_direction"))
    if direction == "BtoA":
        notes.append(
            "Its options say BtoA: what is A here is the B of its data."
        )
    arguments_found = {}
    for match in found:
        # Networks of one model may tell different arguments, not contrary.
        arguments_found = match.arguments | arguments_found
        if match.paper is not paper or any(
            arguments_found[name] != value
            for name, value in match.arguments.items()
        ):
            raise ValueError(
                "The source holds translators of different kinds: "
                + "; ".join(f"{f.path!r}: {f}" for f in found)
                + ". Choose one with `part`."
            )
    assigned = _assign(found, paper)
    return Recognised(
        model=paper.MODEL,
        arguments=arguments_found
        | _image_size(paper, arguments_found, options)
        | arguments,
        parts={name: match.path for name, match in assigned.items()},
        notes=tuple(notes),
        options=options,
        tensors={name: match.tensors for name, match in assigned.items()},
    )


@dataclasses.dataclass(frozen=True)
class _Match:
    path: str
    tensors: dict
    paper: object
    arguments: dict

    def __str__(self):
        return f"{self.paper.MODEL} {self.arguments}"


def _papers_of(model):
    known = [paper for paper in papers() if hasattr(paper, "MODEL")]
    if model is None:
        return known
    name = zoo.find_model(model).__name__.lower()
    fitting = [paper for paper in known if paper.MODEL == name]
    if not fitting:
        names = sorted({paper.MODEL for paper in known})
        raise ValueError(
            f"No published weights are known for the model {name!r}; they are "
            f"for {', '.join(names)}.{near_matches(name, names)}"
        )
    return fitting


def _match_all(networks, known):
    matches = (_match(path, networks[path], known) for path in networks)
    return [match for match in matches if match]


def _match(path, tensors, known):
    shapes = {
        name: tuple(value.shape)
        for name, value in tensors.items()
        if hasattr(value, "shape")
    }
    for paper in known:
        try:
            arguments = paper.recognise(shapes)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            what = (
                f"the tensor {error} is missing"
                if isinstance(error, KeyError)
                else f"its tensors have other shapes: {error}"
            )
            raise ValueError(
                f"The network {path!r} has names of {paper.MODEL}'s "
                f"translator, but {what}."
            ) from error
        if arguments is not None:
            return _Match(path, tensors, paper, arguments)
    return None


def _assign(found, paper):
    """Dict from the model's networks to the matches that fill them."""
    translators = [
        name
        for translator in zoo.find_model(paper.MODEL).translators.values()
        for name in translator.networks
    ]
    named = getattr(paper, "PARTS", {})
    assigned = {}
    for match in found:
        name = named.get(without_ema(match.path).rpartition(".")[2])
        if name is None and len(found) == 1:
            name = translators[0]
        if name is None or name in assigned:
            raise ValueError(
                f"The source holds several translators of {paper.MODEL}: "
                f"{', '.join(repr(m.path) for m in found)}. Choose one with "
                "`part`."
            )
        assigned[name] = match
    # In the order of the model's directions.
    return {name: assigned[name] for name in translators if name in assigned}


def _image_size(paper, found, options):
    """The training images' size, where a project's options say it."""
    takes = inspect.signature(zoo.find_model(paper.MODEL)).parameters
    size = options.get("crop_size", options.get("fineSize", ""))
    if "image_size" in found or "image_size" not in takes:
        return {}
    return {"image_size": int(size)} if size.isdigit() else {}


def _nothing_known(networks, known):
    what = [
        f"{path + ': ' if path else ''}{shorten(tensors, 3)}"
        for path, tensors in networks.items()
    ]
    titles = [name_map.title for paper in known for name_map in paper.NAME_MAPS]
    return (
        "The source holds no translator that is known. Its tensors are "
        f"{'; '.join(what) or 'none'}. Known are: {'; '.join(titles)}."
    )
