"""What there is: the models, told by their own docstrings."""

from __future__ import annotations

import dataclasses
import inspect

from keras_gan_translate import models
from keras_gan_translate.gan import GAN
from keras_gan_translate.presets.folders import presets_of
from keras_gan_translate.support.messages import unknown_model
from keras_gan_translate.support.references import paper_of


@dataclasses.dataclass(frozen=True)
class ModelInfo:
    """One row of the zoo's table.

    Attributes:
        name: what `create_model` calls it.
        task: what it does to an image.
        data: what it trains on, a kind of `data.open_dataset`.
        paper: authors, title, year and arXiv number.
        description: one line.
        presets: names of the trained weights that come with the library.
        model_class: the class.
    """

    name: str
    task: str
    data: str
    paper: str
    description: str
    presets: list[str]
    model_class: type


def list_models() -> list[ModelInfo]:
    """All models of the zoo, as a list of `ModelInfo` sorted by name."""
    classes = [
        member
        for _, member in inspect.getmembers(models, inspect.isclass)
        if issubclass(member, GAN)
    ]
    return sorted(map(_describe, classes), key=lambda info: info.name)


def find_model(name: str) -> type[GAN]:
    """The class of a model.

    Args:
        name: as in `list_models`, in any case.

    Raises:
        ValueError: there is no such model.
    """
    known = {info.name: info.model_class for info in list_models()}
    if str(name).lower() not in known:
        raise ValueError(unknown_model(name, known))
    return known[name.lower()]


def create_model(name: str, **arguments) -> GAN:
    """Builds a model by name.

    Args:
        name: as in `list_models`.
        **arguments: of the model's class.

    Returns:
        A `GAN`, not yet compiled.

    Raises:
        ValueError: an unknown name or argument.
    """
    return find_model(name)(**arguments)


def _describe(model_class):
    return ModelInfo(
        name=model_class.__name__.lower(),
        task=model_class.task,
        data=model_class.data,
        paper=paper_of(model_class),
        description=inspect.getdoc(model_class).splitlines()[0],
        presets=presets_of(model_class.__name__),
        model_class=model_class,
    )
