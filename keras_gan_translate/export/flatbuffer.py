"""The .tflite format as a tree of objects: read, and written again."""

import os
import pathlib
import struct

import numpy as np

from keras_gan_translate.support.untrusted import MIB, read_bytes

MAX_FILE = 2048 * MIB  # the format's own bound
IDENTIFIER = b"TFL3"
ALIGNMENT = 16  # bytes; the schema's, of every constant
# What a parser meets in a damaged file: offsets that lead nowhere, lengths
# and codes that cannot be.
DAMAGE = (
    AttributeError,
    IndexError,
    KeyError,
    OverflowError,
    TypeError,
    ValueError,
    struct.error,
)


def schema():
    """The module of the .tflite schema: ai-edge-litert's, or TensorFlow's.

    Raises:
        ImportError: neither is installed.
    """
    try:
        from ai_edge_litert import schema_py_generated
    except ImportError:
        try:
            from tensorflow.lite.python import schema_py_generated
        except ImportError as error:
            raise ImportError(
                "A .tflite file needs LiteRT to be read: run `pip install "
                "'keras-gan-translate[litert]'`."
            ) from error
    return schema_py_generated


def unpack(path):
    """A .tflite file as the schema's `ModelT`.

    Args:
        path: the file.

    Raises:
        ValueError: it is no .tflite file, or a damaged one.
    """
    path = pathlib.Path(path)
    if not os.path.exists(path):
        raise ValueError(f"There is no file '{path}'.")
    content = read_bytes(path, MAX_FILE)
    if content[4:8] != IDENTIFIER:
        raise ValueError(
            f"'{path}' is no .tflite file; it begins with {content[:8]!r}."
        )
    try:
        model = schema().ModelT.InitFromPackedBuf(content)
        if not model.subgraphs or not model.buffers:
            raise ValueError("there is no graph in it")
        for buffer in model.buffers:
            _take_in(buffer, content)
    except DAMAGE as error:
        raise damaged(path, error) from error
    return model


def _take_in(buffer, content):
    """Gives a buffer the data that lies behind the graph, in the same file.

    Larger files are made so. Such a place is counted from the beginning of
    the file, so that it would be a wrong one as soon as anything changes.
    """
    if buffer.offset > 1:
        end = buffer.offset + buffer.size
        if end > len(content):
            raise ValueError(f"it ends before its byte {end}")
        data = np.frombuffer(content, "uint8", buffer.size, buffer.offset)
        buffer.data, buffer.offset, buffer.size = data, 0, 0


def pack(model):
    """The bytes of a .tflite file.

    Args:
        model: `ModelT`, as `unpack` returns it.
    """
    import flatbuffers

    class Builder(flatbuffers.Builder):
        def StartVector(self, size, count, alignment):
            # The generated code forgets the alignment that the schema asks
            # for: a runtime that maps the file would compute on odd addresses.
            alignment = ALIGNMENT if size == 1 else alignment
            return super().StartVector(size, count, alignment)

    builder = Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=IDENTIFIER)
    return bytes(builder.Output())


def damaged(path, error):
    """The ValueError that a file cannot be understood."""
    return ValueError(
        f"'{path}' is damaged ({error}). Copy it again, or export it again."
    )
