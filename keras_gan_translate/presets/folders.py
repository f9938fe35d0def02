"""Presets: folders of trained weights, found before Keras is there.

Some come with the library: `saved_models/` of the repository, which the wheel
holds inside of the package. Others lie on the disk, or on the Hugging Face
Hub, from which they are loaded when somebody asks for them by `hf://`, and at
no other time.
"""

import os
import pathlib

from keras_gan_translate.support.messages import (
    check_format,
    near_matches,
    shorten,
)

CONFIG, METADATA = "config.json", "metadata.json"
FORMAT = 1  # of metadata.json, and of which files there are
DEFAULT = "drawn_toon"  # what translates where nothing is said
HUB = "hf://"
# What is loaded from the hub: nothing that is not read.
FILES = (CONFIG, METADATA, "*.keras", "README.md")


def shipped():
    """The presets that come with the library: dict from name to folder."""
    package = pathlib.Path(__file__).parents[1]
    for home in (package, package.parent):  # of a wheel, of the repository
        found = {
            path.parent.name: path.parent
            for path in sorted(home.glob(f"saved_models/*/{CONFIG}"))
        }
        if found:
            return found
    return {}


def presets_of(class_name):
    """The names of the shipped presets of a model's class, a list."""
    from keras_gan_translate.support.untrusted import read_json  # NumPy's

    return [
        name
        for name, folder in shipped().items()
        if read_json(folder / CONFIG)["class_name"] == class_name
    ]


def is_preset(folder):
    """Whether a folder holds a preset."""
    return not _lacking(folder)


def is_name(source):
    """Whether it names a preset that ships or is on the hub; no folder."""
    source = os.fspath(source)
    if source.startswith(HUB):
        return True
    return source in shipped() and not os.path.exists(source)


def is_known(source):
    """Whether `find_preset` takes it for a preset."""
    source = os.fspath(source)
    return source.startswith(HUB) or source in shipped() or is_preset(source)


def find_preset(source):
    """The folder of a preset.

    Args:
        source: a folder that `save_to_preset` wrote, a name of `shipped`, or
            "hf://USER/MODEL", which is loaded from the Hugging Face Hub. Of
            a folder and what is shipped by the same name, the folder.

    Returns:
        `pathlib.Path` of a folder with a config.json and a metadata.json.

    Raises:
        ValueError: it is none of these; says what is near.
        ImportError: the hub is asked for without huggingface_hub.
    """
    source = os.fspath(source)
    if source.startswith(HUB):
        folder = _from_hub(source)
    elif source in shipped() and not is_preset(source):
        return shipped()[source]
    else:
        folder = pathlib.Path(source)
    if not folder.is_dir():
        raise ValueError(_no_such_preset(source))
    lacking = _lacking(folder)
    if lacking:
        there = shorten(sorted(path.name for path in folder.iterdir()))
        raise ValueError(
            f"'{source}' is no preset: it has no {lacking[0]}. "
            "`model.save_to_preset` writes presets; a run folder is opened "
            f"with `kgt.load`. This one has: {there}."
        )
    return folder


def read_metadata(folder):
    """What metadata.json of a preset tells, a dict.

    Raises:
        ValueError: it is no JSON, or of a later version of the library.
    """
    from keras_gan_translate.support.untrusted import read_json  # NumPy's

    path = pathlib.Path(folder, METADATA)
    metadata = read_json(path)
    if not isinstance(metadata, dict):
        raise ValueError(f"'{path}' does not describe a preset.")
    check_format(f"The preset '{folder}'", metadata.get("format", 1), FORMAT)
    return metadata


def name_of(folder):
    """What a preset is called: by its metadata, or as its folder."""
    name = read_metadata(folder).get("name")
    return str(name or pathlib.Path(folder).resolve().name)


def _lacking(folder):
    return [
        name
        for name in (CONFIG, METADATA)
        if not os.path.isfile(os.path.join(folder, name))
    ]


def _no_such_preset(source):
    known = list(shipped())
    return (
        f"There is no preset {source!r}: no folder is called so, and none "
        f"that comes with the library.{near_matches(source, known)} Presets: "
        f"{shorten(known)}; those of others are {HUB}USER/MODEL."
    )


def _from_hub(source):
    name = source.removeprefix(HUB).strip("/")
    if name.count("/") != 1:
        raise ValueError(
            f"A model of the Hugging Face Hub is {HUB}USER/MODEL. Received: "
            f"{source!r}."
        )
    try:
        import huggingface_hub
    except ImportError as error:
        raise ImportError(
            f"Loading '{source}' needs huggingface_hub: run `pip install "
            "'keras-gan-translate[hub]'`."
        ) from error
    try:
        folder = huggingface_hub.snapshot_download(
            name, allow_patterns=list(FILES)
        )
    except Exception as error:  # of the network anything can be raised
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise ValueError(f"'{source}' could not be loaded: {reason}") from error
    return pathlib.Path(folder)
