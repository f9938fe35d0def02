"""The description of a translator inside its .tflite file."""

import numpy as np

from keras_gan_translate.export import flatbuffer
from keras_gan_translate.export.spec import TranslatorSpec
from keras_gan_translate.support.files import written_aside

NAME = "KGT_TRANSLATOR"  # of the entry in the file's metadata


def write_metadata(path, spec):
    """Writes the description of a translator into its .tflite file.

    Whatever the file's metadata held before stays, but for an older
    description. The file is written whole or not at all.

    Args:
        path: the file.
        spec: its `TranslatorSpec`.

    Raises:
        ValueError: it is no .tflite file, or a damaged one.
    """
    model = flatbuffer.unpack(path)
    add_metadata(model, spec)
    with written_aside(path) as aside:
        aside.write_bytes(flatbuffer.pack(model))


def read_metadata(path):
    """The description of the translator that a .tflite file is.

    Args:
        path: the file.

    Returns:
        `TranslatorSpec`, or None where the file holds none.

    Raises:
        ValueError: it is no .tflite file, or it or its description is
            damaged.
    """
    model = flatbuffer.unpack(path)
    entry = _entry(model)
    if entry is None:
        return None
    try:
        text = bytes(model.buffers[entry.buffer].data)
    except flatbuffer.DAMAGE as error:
        raise flatbuffer.damaged(path, error) from error
    return TranslatorSpec.from_json(text)


def add_metadata(model, spec):
    """Adds a `TranslatorSpec` to the `ModelT` of a .tflite file."""
    schema = flatbuffer.schema()
    entry = _entry(model)
    if entry is None:
        entry = schema.MetadataT(name=NAME)
        model.metadata = [*(model.metadata or []), entry]
    text = spec.to_json().encode()
    entry.buffer = len(model.buffers)
    model.buffers.append(schema.BufferT(data=np.frombuffer(text, "uint8")))


def _entry(model):
    for entry in model.metadata or []:
        if entry.name in (NAME, NAME.encode()):
            return entry
    return None
