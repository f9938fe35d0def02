"""Kinds of data: one per file; every module of this folder is found."""

import importlib
import pkgutil

from keras_gan_translate.data.kinds.kind import (
    DataKind,
    Found,
    Option,
    Reading,
    origin_of,
)
from keras_gan_translate.support.messages import check_choice

for _module in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(_module.name)


def names():
    """The names of all kinds, sorted."""
    return tuple(sorted(kind.name for kind in DataKind.kinds))


def find_kind(name):
    """The kind of a name, a `DataKind`.

    Raises:
        ValueError: there is none; says which is nearest.
    """
    check_choice("kind", name, names())
    return next(kind for kind in DataKind.kinds if kind.name == name)


def kind_of(model_class, arguments=None):
    """The kind of data that a model trains on, a `DataKind`.

    Args:
        model_class: a `GAN` class.
        arguments: dict of its constructor's, maybe of others too; the
            defaults if None.

    Raises:
        ValueError: it does not train on such data.
    """
    return find_kind(model_class.data_of(arguments or {}))


def is_aligned(name):
    """Whether the target of a kind's batch is the source's true translation.

    Args:
        name: of the kind; one that is not known is not.
    """
    return name in names() and find_kind(name).aligned
