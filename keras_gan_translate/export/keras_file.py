"""Keras files, read so that a stranger's file can run no code.

Keras' own safe mode forbids a few names and trusts the rest; here what a file
may name is listed, and its sizes are checked before anything is read.
"""

import contextlib
import importlib
import os
import zipfile

import keras

from keras_gan_translate import layers  # noqa: F401, registered
from keras_gan_translate.engine import (
    counting,
    optimizers,  # noqa: F401, registered
)
from keras_gan_translate.support.messages import shorten
from keras_gan_translate.support.untrusted import (
    check_weights,
    check_zip,
    open_regular,
    parse_json,
)

MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
MAX_CONFIG = 64 * 2**20  # bytes
OURS = "keras_gan_translate>"
# Modules of which every class may be named.
HARMLESS_MODULES = (
    "keras.initializers",
    "keras.optimizers",
    "keras.optimizers.schedules",
    "keras.regularizers",
)
HARMLESS = {
    "keras": {"DTypePolicy"},
    "keras.src.models.functional": {"Functional"},
    # Arithmetic between layers.
    "keras.src.ops.numpy": {
        "Add",
        "Divide",
        "Multiply",
        "OnesLike",
        "Subtract",
    },
    None: {"__keras_tensor__", "__tuple__"},
    "keras.layers": {
        "Activation",
        "Add",
        "Average",
        "AveragePooling2D",
        "BatchNormalization",
        "Concatenate",
        "Conv2D",
        "Conv2DTranspose",
        "Cropping2D",
        "Dense",
        "DepthwiseConv2D",
        "Dropout",
        "ELU",
        "Flatten",
        "GlobalAveragePooling2D",
        "GlobalMaxPooling2D",
        "GroupNormalization",
        "InputLayer",
        "LayerNormalization",
        "LeakyReLU",
        "MaxPooling2D",
        "Multiply",
        "PReLU",
        "ReLU",
        "Rescaling",
        "Reshape",
        "Resizing",
        "SeparableConv2D",
        "Subtract",
        "UpSampling2D",
        "ZeroPadding2D",
    },
}


def load_keras_file(path):
    """A saved GAN of this library, or one of its networks.

    Args:
        path: what `model.save` or a run wrote, ending in .keras.

    Returns:
        A `GAN`, compiled as it was saved, or a `keras.Model`.

    Raises:
        ValueError: the file is damaged, or names a class that is not on the
            list, or is larger inside than outside.
    """
    with _explained(path):
        config = check_keras_file(path)
        described = {k: v for k, v in config.items() if k != "compile_config"}
        needed = counting.without_memory(
            lambda: counting.bytes_of(
                keras.saving.deserialize_keras_object(described).variables
            )
        )
        counting.check_needs(path, needed, os.path.getsize(path))
        return keras.saving.load_model(path, safe_mode=True)


def check_keras_file(path, most=None, weights_only=False):
    """Looks whether a Keras file can be read without harm.

    Args:
        path: the file; nothing of its size is read.
        most: bytes that its weights may have; any if None.
        weights_only: whether nothing else is read of it, so that it may name
            any class.

    Returns:
        What its config.json holds.

    Raises:
        ValueError: as of `load_keras_file`.
    """
    with _explained(path), open_regular(path) as file:
        with zipfile.ZipFile(file) as archive:
            _check_sizes(path, archive)
            check_zip(path, archive, packed=False)
            config = parse_json(archive.read("config.json"), path)
            if not weights_only:
                check_classes(path, config)
            held = archive.getinfo("model.weights.h5").file_size
            with archive.open("model.weights.h5") as member:
                check_weights(path, member, held, most)
    return config


@contextlib.contextmanager
def _explained(path):
    try:
        yield
    except (ImportError, FileNotFoundError, ValueError):
        raise
    except Exception as error:  # of damaged bytes anything can be raised
        raise ValueError(
            f"'{path}' is damaged, no intact Keras file: {error}. It may have "
            "been copied only in part. Where it belongs to a run, training on "
            "writes it anew, and the other of best/ and last/ may be whole."
        ) from error


def _check_sizes(path, archive):
    members = archive.infolist()
    names = {member.filename for member in members}
    packed = [
        m.filename for m in members if m.compress_type != zipfile.ZIP_STORED
    ]
    if names != MEMBERS or len(members) != len(MEMBERS) or packed:
        raise ValueError(
            f"'{path}' is not as Keras writes it, and was not read. Expected "
            f"are {', '.join(sorted(MEMBERS))}, not compressed. Received: "
            f"{shorten(sorted(names))}; compressed: {shorten(packed)}."
        )
    if archive.getinfo("config.json").file_size > MAX_CONFIG:
        raise ValueError(
            f"The config.json of '{path}' has more than {MAX_CONFIG} bytes; "
            "it was not read."
        )


def check_classes(path, config):
    """Refuses every class that is not on the lists above.

    Args:
        path: of the file, for the message.
        config: what it holds: plain values, in dicts and lists.

    Raises:
        ValueError: the config names another class.
    """
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        if not isinstance(value, dict):
            continue
        waiting += value.values()
        if "class_name" in value and not _is_harmless(value):
            raise ValueError(
                f"'{path}' names {value['class_name']!r} of "
                f"{value.get('module')!r}, which is not among the layers and "
                "models of this library, so it was not read: a Keras file can "
                "run code. If you wrote it yourself, load it with "
                "`keras.saving.load_model` and export it from there."
            )


def _is_harmless(value):
    module, name = value.get("module"), value["class_name"]
    registered = value.get("registered_name")
    if str(registered).startswith(OURS):
        known = keras.saving.get_registered_object(registered)
        # Keras looks for the class in the module if it is not registered.
        return known is not None and known.__name__ == name
    if registered not in (None, name):
        return False
    if module in HARMLESS_MODULES:
        found = getattr(importlib.import_module(module), name, None)
        return isinstance(found, type)
    return name in HARMLESS.get(module, ())
