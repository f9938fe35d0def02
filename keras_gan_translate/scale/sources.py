"""The pictures in files that hold many: tars, Parquet, TFRecords.

Each is read from its beginning in one go, in one order, however it ends, so
that a picture's number in its file is its name. What cannot be read is told,
and the next file goes on.
"""

import dataclasses
import gzip
import io
import pathlib
import struct
import tarfile
import zlib

from keras_gan_translate.data.images import (
    FORMATS,
    HEIC_SUFFIXES,
    SUFFIXES,
    is_image_name,
)
from keras_gan_translate.scale.places import INSTALL, Bucket, Unread
from keras_gan_translate.support.messages import near_matches, shorten
from keras_gan_translate.support.outputs import image_name, numbered
from keras_gan_translate.support.untrusted import MIB, reason_of

MAX_PICTURE = 512 * MIB  # of a file; who has more pixels has them tiled
UNPACKING = (EOFError, gzip.BadGzipFile, zlib.error)
# Suffix of the name for a picture that has none, by Pillow's format.
NAMED = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "WEBP": ".webp",
    "BMP": ".bmp",
    "TIFF": ".tif",
}
# Columns and features that are looked for first.
COLUMNS = (
    "image",
    "image/encoded",
    "jpg",
    "png",
    "webp",
    "img",
    "picture",
    "photo",
    "bytes",
    "image_bytes",
    "encoded",
)


@dataclasses.dataclass(frozen=True)
class Picture:
    """One of a file's pictures.

    Attributes:
        name: of its translation, a path with slashes and a suffix.
        file: that it is, or is in.
        key: its name or number in a file of many; None of an image file.
        content: the bytes of an image file; None where there are none.
        reason: why there are none, as half a sentence.
    """

    name: str
    file: str
    key: str | None = None
    content: bytes | None = None
    reason: str | None = None

    @property
    def source(self):
        """Where it is, for people: "photos.tar: 12.jpg"."""
        return self.file if self.key is None else f"{self.file}: {self.key}"


def kind_of(name):
    """Which of `READERS` reads a file, by its name; "images", or None."""
    if is_image_name(name):
        return "images"
    lower = pathlib.PurePosixPath(name).name.lower()
    if lower.endswith((".tar", ".tar.gz", ".tgz")):
        return "tar"
    if lower.endswith(".parquet"):
        return "parquet"
    # As TensorFlow Datasets calls them: photos-train.tfrecord-00000-of-00010.
    if ".tfrecord" in lower:
        return "tfrecord"
    return None


def read_pictures(place, name, out, column=None):
    """Yields what a file of many pictures holds.

    Args:
        place: a `Folder` or a `Bucket`.
        name: of the file in it.
        out: folder of the translations, in their names.
        column: of a table, or a feature of records; the first that holds
            bytes, if None.

    Yields:
        `Picture`; a last one without content where the file is damaged, and
        what comes before is whole.
    """
    taken, folder = set(), pathlib.PurePosixPath(out)
    try:
        with place.open(name) as file:
            for key, content in READERS[kind_of(name)](file, column):
                if isinstance(content, Unread):
                    content, reason = None, str(content)
                else:
                    reason = None
                own = image_name(_named(folder / _inside(key), content))
                own = next(one for one in numbered(own) if one not in taken)
                taken.add(own)
                yield Picture(str(own), name, str(key), content, reason)
    except Unread as error:
        yield Picture(out, name, reason=str(error))
    except OSError as error:
        if isinstance(place, Bucket):  # which may be better next time
            raise
        yield Picture(out, name, reason=reason_of(error))


def _tar(file, column):
    """Yields (member, bytes) of images in a tar, as WebDataset writes it."""
    try:
        with tarfile.open(fileobj=file, mode="r|*") as archive:
            for member in archive:
                name = pathlib.PurePosixPath(member.name).name
                if not member.isfile() or name[:1] == ".":
                    continue
                if not is_image_name(name):
                    continue
                if member.size > MAX_PICTURE:
                    yield member.name, _too_large(member.size)
                    continue
                content = archive.extractfile(member).read()
                if len(content) < member.size:
                    raise tarfile.ReadError("unexpected end of data")
                yield member.name, content
                archive.members = []  # which it would keep
    except (tarfile.TarError, *UNPACKING) as error:
        raise Unread(f"it is damaged, or no tar ({error})") from error


def _parquet(file, column):
    """Yields (number, bytes) of the rows of a table."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise ImportError(
            f"Parquet is read with pyarrow: {INSTALL}, or `pip install "
            "pyarrow`."
        ) from error
    try:
        table = parquet.ParquetFile(file)
        name = _column(table.schema_arrow, column)
        number = 0
        for batch in table.iter_batches(batch_size=16, columns=[name]):
            values = batch.column(0)
            if pyarrow.types.is_struct(values.type):
                values = values.field("bytes")
            for value in values:
                yield number, _content(value.as_py())
                number += 1
    except (pyarrow.ArrowException, ValueError) as error:
        if isinstance(error, Unread):
            raise
        raise Unread(f"it is damaged, or no Parquet ({error})") from error


def _column(schema, wanted):
    """The column of a table that holds images' bytes."""
    from pyarrow import types

    def holds(kind):
        if types.is_struct(kind):
            index = kind.get_field_index("bytes")
            return index >= 0 and holds(kind.field(index).type)
        return types.is_binary(kind) or types.is_large_binary(kind)

    able = [field.name for field in schema if holds(field.type)]
    return _chosen(able, schema.names, wanted, "column")


def _tfrecord(file, column):
    """Yields (number, bytes) of the records of a file of `tf.train.Example`.

    The format: length (8 bytes), its checksum (4), the record, its checksum.
    """
    if file.read(2) == b"\x1f\x8b":
        file.seek(0)
        file = gzip.GzipFile(fileobj=file)
    else:
        file.seek(0)
    number = 0
    try:
        while head := file.read(12):
            length = struct.unpack("<Q", head[:8])[0] if len(head) == 12 else -1
            if not 0 <= length <= MAX_PICTURE:
                raise Unread(f"it is damaged at record {number}")
            record = file.read(length + 4)
            if len(record) < length + 4:
                raise Unread(f"it ends within record {number}")
            features = _features(memoryview(record)[:-4], number)
            able = [name for name, value in features.items() if value]
            name = _chosen(able, features, column, "feature")
            yield number, _content(features[name])
            number += 1
    except UNPACKING as error:
        raise Unread(f"it is damaged at record {number} ({error})") from error


def _features(record, number):
    """{name: bytes, or None of what is no bytes} of a `tf.train.Example`."""
    features = {}
    try:
        for _, message in _fields(record):  # 1: Features
            for _, entry in _fields(message):  # 1: an entry of the map
                entry = dict(_fields(entry))  # 1: the name, 2: a Feature
                kinds = dict(_fields(entry.get(2, b"")))  # 1: a BytesList
                values = dict(_fields(kinds.get(1, b"")))
                value = bytes(values[1]) if 1 in values else None
                features[bytes(entry[1]).decode()] = value
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Unread(
            f"record {number} is damaged, or no tf.train.Example ({error})"
        ) from error
    return features


def _fields(message):
    """Yields (number, value) of the fields of a protocol buffer."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    while at < len(message):
        tag = varint()
        kind = tag & 7
        if kind == 0:
            value = varint()
        else:
            size = {1: lambda: 8, 2: varint, 5: lambda: 4}.get(kind)
            if size is None:
                raise ValueError(f"wire type {kind}")
            size = size()
            value, at = message[at : at + size], at + size
            if at > len(message):
                raise ValueError("it ends too early")
        yield tag >> 3, value


READERS = {"tar": _tar, "parquet": _parquet, "tfrecord": _tfrecord}


def _chosen(able, names, wanted, what):
    """The name of what holds the images, or `Unread`."""
    if wanted is not None:
        if wanted in able:
            return wanted
        fault = "holds no bytes" if wanted in names else "is not there"
        raise Unread(
            f"its {what} {wanted!r} {fault}; there are {shorten(names)}."
            f"{near_matches(wanted, names)}".rstrip(".")
        )
    for name in (*COLUMNS, *able):
        if name in able:
            return name
    raise Unread(
        f"no {what} of it holds the bytes of images; there are {shorten(names)}"
    )


def _content(value):
    if not value:
        return Unread("there are no bytes")
    if len(value) > MAX_PICTURE:
        return _too_large(len(value))
    return value


def _too_large(size):
    return Unread(f"it has {size} bytes, more than {MAX_PICTURE}")


def _inside(key):
    """A name in an archive as a path that leads nowhere else."""
    if isinstance(key, int):
        return pathlib.PurePosixPath(f"{key:08d}")
    parts = pathlib.PurePosixPath(key).parts
    parts = [part for part in parts if part not in ("/", "..", ".")]
    return pathlib.PurePosixPath(*parts)


def _named(path, content):
    """A path with the suffix of an image, that of its bytes if it has none."""
    from PIL import Image

    if path.suffix.lower() in (*SUFFIXES, *HEIC_SUFFIXES):
        return path
    format = None
    if content is not None:
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                format = image.format
        except Exception:  # damaged bytes raise anything in a decoder
            format = None
    return path.with_name(path.name + NAMED.get(format, ".png"))
