"""Presets: trained models by name, as a folder, or from the hub."""

from __future__ import annotations

import json
import os
import pathlib
import time
import typing

import keras

from keras_gan_translate.export.keras_file import check_classes
from keras_gan_translate.presets.card import write_card
from keras_gan_translate.presets.folders import (
    CONFIG,
    FORMAT,
    METADATA,
    find_preset,
    is_preset,
    read_metadata,
    shipped,
)
from keras_gan_translate.presets.weights import (
    described,
    keep_directions,
    load_translators,
    store_in_half,
)
from keras_gan_translate.support.files import folder_written_aside
from keras_gan_translate.support.messages import check_choice
from keras_gan_translate.support.types import Path
from keras_gan_translate.support.untrusted import read_json
from keras_gan_translate.support.version import __version__, git_commit

PRECISIONS = ("float32", "float16")


class _ClassProperty:
    """A property of a class, not of its objects."""

    def __init__(self, function):
        self.function = function
        self.__doc__ = function.__doc__

    def __get__(self, instance, owner):
        return self.function(owner)


class Presets:
    """The part of `GAN` that gets trained weights by name, as KerasHub does.

    A preset is a folder:

        config.json       the model and its arguments, as Keras writes them
        metadata.json     of which version, how large, and what else is known
        NETWORK.keras     each network of its translators, as runs keep them
        README.md         the card, for people and for the hub
    """

    @_ClassProperty
    def presets(cls) -> dict[str, dict]:
        """The presets of this class that come with the library.

        A dict from the name to a dict of `metadata` and `folder`; of `GAN`
        those of all classes.
        """
        found = {}
        for name, folder in shipped().items():
            config = _read_config(folder)
            model_class = _registered(config)
            if model_class is not None and issubclass(model_class, cls):
                metadata = read_metadata(folder)
                found[name] = {"metadata": metadata, "folder": folder}
        return found

    @classmethod
    def from_preset(
        cls, preset: Path, load_weights: bool = True, **arguments
    ) -> typing.Self:
        """A model with trained weights.

        Of the files only weights and plain values are read, so that a preset
        from somebody else cannot run code. It translates at once; to train
        it on, compile it. Its discriminators, which presets do not hold,
        begin anew.

        Args:
            preset: a name of `presets`; a folder that `save_to_preset` wrote;
                or "hf://USER/MODEL", which is loaded from the Hugging Face
                Hub and kept in its cache.
            load_weights: whether the weights are the trained ones.
            **arguments: of the model, instead of the preset's.

        Returns:
            A `GAN` of the preset's class, not compiled.

        Raises:
            ValueError: there is no such preset, or it is damaged, or of
                another class; says which.
            ImportError: the hub is asked for without huggingface_hub.

        Example:
            model = kgt.UGATIT.from_preset("drawn_toon")
            toon = model.translate("photo.png")
        """
        folder = find_preset(preset)
        config = _read_config(folder)
        model_class = _checked_class(cls, preset, folder, config)
        name = _registered_name(config)
        # Without the module, of which Keras would import whatever it is.
        plain = {
            "module": None,
            "class_name": config["class_name"],
            "registered_name": name,
            "config": config["config"] | arguments,
        }
        directions = read_metadata(folder).get("directions")

        def create():
            with keras.saving.custom_object_scope({name: model_class}):
                model = keras.saving.deserialize_keras_object(plain)
            keep_directions(model, directions)
            return model

        if not load_weights:
            with described(folder / CONFIG):
                return create()
        return load_translators(create, folder, folder / CONFIG)

    def save_to_preset(
        self,
        folder: Path,
        precision: str = "float32",
        metadata: dict | None = None,
    ) -> None:
        """Writes the model as a preset, which `from_preset` opens.

        It holds what translates: with a moving average its weights, and of
        the discriminators none. For all that training needs to go on,
        `model.save` writes a `.keras` file.

        Args:
            folder: is made if absent; a preset of the same class that is
                there is replaced.
            precision: of the weights: "float32", as they are, or "float16",
                rounded, in half of the room.
            metadata: what else metadata.json shall tell, by name; the card
                has `description`, `licence` (of the weights), `data`,
                `command`, `results`, `attribution` and `limits` of it, and
                the command line tells `prepare`, a command that makes what
                the weights translate.

        Raises:
            ValueError: an unknown precision, or the folder holds something
                else.
        """
        check_choice("precision", precision, PRECISIONS)
        folder = pathlib.Path(folder)
        _check_target(self, folder)
        with (
            folder_written_aside(folder.resolve(), _merge) as aside,
            self.averaged_weights(),
        ):
            count = 0
            for name in self.translator_networks:
                network, path = getattr(self, name), aside / f"{name}.keras"
                count += network.count_params()
                network.save(path)
                if precision == "float16":
                    store_in_half(path)
            config = keras.saving.serialize_keras_object(self)
            for what in ("build_config", "compile_config"):
                config.pop(what, None)
            facts = {
                "format": FORMAT,
                "name": folder.resolve().name,
                "keras_version": keras.__version__,
                "keras_gan_translate_version": __version__,
                "git_commit": git_commit(),
                "date_saved": time.strftime("%Y-%m-%d"),
                "parameter_count": count,
                "precision": precision,
                "directions": list(self.directions),
                "image_size": self.image_size,
            }
            facts |= metadata or {}
            for name, value in ((CONFIG, config), (METADATA, facts)):
                text = json.dumps(value, indent=2) + "\n"
                (aside / name).write_text(text, encoding="utf-8")
            write_card(aside, self, facts)


def _read_config(folder):
    """What a preset's config.json says of the model; only plain values."""
    path = pathlib.Path(folder, CONFIG)
    config = read_json(path)
    if not (
        isinstance(config, dict)
        and isinstance(config.get("config"), dict)
        and isinstance(config.get("class_name"), str)
    ):
        raise ValueError(
            f"'{path}' does not describe a model: expected are class_name and "
            "config, as `save_to_preset` writes them."
        )
    check_classes(path, config["config"])
    return config


def _registered_name(config):
    return config.get("registered_name") or config["class_name"]


def _registered(config):
    """The class that a config names, among those that are there, or None."""
    found = keras.saving.get_registered_object(_registered_name(config))
    is_ours = isinstance(found, type) and issubclass(found, Presets)
    return found if is_ours else None


def _checked_class(cls, preset, folder, config):
    """The class of a preset, which is `cls` or one below it."""
    model_class, name = _registered(config), config["class_name"]
    if model_class is None and name == cls.__name__:
        return cls  # of the user, not registered
    if model_class is None:
        raise ValueError(
            f"The preset '{preset}' is of the class {name!r}, which this "
            f"version does not have. If it is yours, import it, and call "
            f"{name}.from_preset."
        )
    if not issubclass(model_class, cls):
        raise ValueError(
            f"The preset '{preset}' is of the class {name}, not "
            f"{cls.__name__}: call kgt.{name}.from_preset, or "
            "kgt.GAN.from_preset for whatever it is."
            f"{_presets_of(cls)}"
        )
    return model_class


def _presets_of(cls):
    own = ", ".join(cls.presets)
    return f" Presets of {cls.__name__}: {own or 'none'}."


def _check_target(model, folder):
    """Refuses a folder that holds something else than such a preset."""
    if not folder.exists() or (folder.is_dir() and not os.listdir(folder)):
        return
    if not is_preset(folder):
        raise ValueError(
            f"'{folder}' exists and is no preset; nothing in it was touched. "
            "Choose another folder."
        )
    there, here = _read_config(folder)["class_name"], type(model).__name__
    if there != here:
        raise ValueError(
            f"'{folder}' holds a preset of the class {there}, not {here}; "
            "nothing in it was touched. Choose another folder."
        )


def _merge(aside, folder):
    """Moves a new preset over an earlier one, file by file."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {path.name for path in aside.iterdir()}
    for path in folder.glob("*.keras"):
        if path.name not in made:  # of a direction that is no more
            path.unlink()
    for path in aside.iterdir():
        os.replace(path, folder / path.name)
