"""One way to open a file that a stranger may have made.

A file's name can lead to a device without end, a pipe that nobody fills or a
link to itself; what a file declares can be larger than what it holds. Here
only regular files are opened, and sizes are compared before anything of that
size is read, built or allocated.
"""

import contextlib
import errno
import io
import json
import math
import os
import pathlib
import stat
import zipfile

import h5py
import numpy as np
import yaml

MIB = 2**20
MAX_TEXT = 16 * MIB  # of configurations and descriptions
# Copies of one another that a YAML file may hold; eight that each hold the
# one before ten times are a hundred million.
MAX_ALIASES = 16
MAX_DEPTH = 64  # of brackets within brackets
# Trained weights hardly get smaller by packing; 10 KiB of it can be 10 MiB.
MAX_PACKED, FREE_TO_UNPACK = 20, 16 * MIB
NPY_HEADER = 10_000  # bytes; NumPy's own bound
KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
}
REASONS = {
    errno.ENOENT: "there is no such file",
    errno.ELOOP: "its links lead in a circle",
    errno.ENAMETOOLONG: "its name is too long",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EIO: "the disk cannot read it (input/output error)",
    errno.ESTALE: "it has vanished from the network",
}


def why_not(path):
    """Why a path cannot be read as a file: half a sentence, or None.

    Nothing is opened, so that nothing can hang.
    """
    try:
        kind = stat.S_IFMT(os.stat(path).st_mode)
    except (OSError, ValueError) as error:
        return reason_of(error)
    if kind == stat.S_IFREG:
        return None
    return f"it is {KINDS.get(kind, 'of a special kind')}, no regular file"


def reason_of(error):
    """What an `OSError` means for its file: half a sentence."""
    number = getattr(error, "errno", None)
    return REASONS.get(number) or getattr(error, "strerror", "") or str(error)


def check_regular(path, most=None):
    """Raises unless a path leads to a regular file.

    Args:
        path: the file; links are followed.
        most: bytes that it may have.

    Returns:
        Its size in bytes.

    Raises:
        ValueError: it is something else, or larger; says what.
        FileNotFoundError: there is none.
    """
    reason = why_not(path)
    if reason == REASONS[errno.ENOENT]:
        raise FileNotFoundError(errno.ENOENT, "There is no such file", path)
    if reason:
        raise ValueError(f"'{path}' was not read: {reason}.")
    size = os.path.getsize(path)
    if most is not None and size > most:
        raise ValueError(
            f"'{path}' was not read: it has {size} bytes, and {most} at most "
            "are expected of such a file."
        )
    return size


def open_regular(path):
    """Opens a regular file for reading; never waits for one.

    Args:
        path: the file; links are followed.

    Returns:
        A binary file.

    Raises:
        ValueError: it is no regular file.
        OSError: it cannot be opened.
    """
    check_regular(path)
    # What it was a moment ago it need not be now: a pipe would wait.
    waitless = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, os.O_RDONLY | waitless), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise ValueError(f"'{path}' was not read: it is no regular file.")
    return file


def read_bytes(path, most=MAX_TEXT):
    """The bytes of a regular file.

    Args:
        path: the file.
        most: bytes that it may have.

    Raises:
        ValueError: it is no regular file, or larger.
        OSError: it cannot be read.
    """
    check_regular(path, most)
    with open_regular(path) as file:
        return file.read(most)


def read_json(path, most=MAX_TEXT):
    """What a JSON file holds.

    Args:
        path: the file.
        most: bytes that it may have.

    Raises:
        ValueError: it is no regular file, larger, or no JSON.
        OSError: it cannot be read.
    """
    return parse_json(read_bytes(path, most), path)


def parse_json(text, path):
    """What a JSON text holds.

    Args:
        text: str or bytes.
        path: where it comes from, for the message.

    Raises:
        ValueError: it is no JSON, or deeper than anybody writes it.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"'{path}' holds no JSON: {error}") from error


class _Loader(yaml.SafeLoader):
    """Plain values, of which few are written as a copy of another."""

    def __init__(self, stream):
        super().__init__(stream)
        self.aliases = self.depth = 0

    def compose_node(self, parent, index):
        self.aliases += self.check_event(yaml.AliasEvent)
        if self.aliases > MAX_ALIASES:
            raise ValueError(
                f"it has more than {MAX_ALIASES} aliases (*name), which can "
                "be made to fill the memory: write the values out"
            )
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError(f"it is more than {MAX_DEPTH} levels deep")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read_yaml(path, most=MIB):
    """What a YAML file holds: plain values, none of them a bomb.

    Args:
        path: the file.
        most: bytes that it may have.

    Raises:
        ValueError: it is no regular file, larger, no YAML, or of more than
            `MAX_ALIASES` aliases.
        OSError: it cannot be read.
    """
    text = read_bytes(path, most)
    try:
        return yaml.load(text.decode("utf-8"), _Loader)
    except Exception as error:  # values that are none raise anything
        reason = " ".join(str(error).split())
        raise ValueError(f"'{path}' cannot be read: {reason}") from error


def check_zip(path, archive, packed=True):
    """Raises where a zip file declares more than it can hold.

    Args:
        path: of the file, for the message.
        archive: `zipfile.ZipFile` of it.
        packed: whether members may be compressed.

    Raises:
        ValueError: their sizes cannot be true, or none would expect them.
    """
    held = os.path.getsize(path)
    members = archive.infolist()
    there = sum(member.compress_size for member in members)
    unpacked = sum(member.file_size for member in members)
    if there > held:
        raise ValueError(
            f"'{path}' was not read: its parts declare {there} bytes, and it "
            f"holds {held}."
        )
    most = MAX_PACKED * there + FREE_TO_UNPACK
    for member in members:
        plain = member.compress_type == zipfile.ZIP_STORED
        if plain and member.compress_size != member.file_size:
            raise ValueError(
                f"'{path}' was not read: its part {member.filename} declares "
                f"{member.file_size} bytes, and holds {member.compress_size}."
            )
        if not (plain or packed):
            raise ValueError(
                f"'{path}' was not read: its part {member.filename} is "
                "compressed, which no file of this kind is."
            )
    if unpacked > most:
        raise ValueError(
            f"'{path}' was not read: {there} bytes are to become {unpacked}, "
            "which trained weights do not."
        )


def read_npy_header(file, held):
    """(shape, type) of an .npy file, without anything of that size.

    Args:
        file: binary file at its beginning.
        held: bytes that it really has.

    Raises:
        ValueError: it is none, or declares more than it has.
    """
    head = io.BytesIO(file.read(NPY_HEADER + 12))
    version = np.lib.format.read_magic(head)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"its format is {version}, which holds no numbers")
    reader = getattr(
        np.lib.format, f"read_array_header_{version[0]}_{version[1]}"
    )
    shape, _, dtype = reader(head)
    if dtype.hasobject:
        raise ValueError("it holds Python objects")
    check_declared(shape, dtype.itemsize, held - head.tell())
    return shape, dtype


def check_declared(shape, itemsize, held):
    """Raises where an array's shape takes more bytes than there are."""
    if min(shape, default=0) < 0:
        raise ValueError(f"its shape is {tuple(shape)}")
    declared = math.prod(shape) * itemsize
    if declared > held:
        raise ValueError(
            f"it declares {declared} bytes as {tuple(shape)}, and holds {held}"
        )


def check_weights(path, file, held, most=None):
    """Raises where weights in HDF5 lie elsewhere or are not there.

    Args:
        path: of the file, for the message.
        file: the HDF5 file, path or binary file.
        held: bytes that it really has.
        most: bytes that the model's weights have; any if None.

    Raises:
        ValueError: they are links, or more than the file or the model holds.
        OSError: it is no HDF5 file.
    """
    declared, waiting = 0, []
    with h5py.File(file, "r") as weights:
        waiting.append((weights, 0))
        while waiting:
            group, depth = waiting.pop()
            if depth > MAX_DEPTH:
                raise ValueError(f"The weights of '{path}' nest without end.")
            for name in group:
                # Only a link of the hard kind lies here, and not elsewhere.
                link = group.get(name, getlink=True)
                if not isinstance(link, h5py.HardLink):
                    raise ValueError(
                        f"'{path}' takes weights from another place: {name}."
                    )
                item = group[name]
                if isinstance(item, h5py.Group):
                    waiting.append((item, depth + 1))
                    continue
                if not isinstance(item, h5py.Dataset):
                    continue
                if item.external or item.is_virtual:
                    raise ValueError(
                        f"'{path}' takes weights from another file."
                    )
                declared += item.nbytes
                if declared > held:
                    raise ValueError(
                        f"The weights of '{path}' declare {declared} bytes "
                        f"where the file holds {held}; they were not read."
                    )
    if most is not None and declared > most:
        raise ValueError(
            f"The weights of '{path}' have {declared} bytes, and the model "
            f"takes {most}; they were not read."
        )


@contextlib.contextmanager
def explained(path, kind, keep=()):
    """Turns whatever a reader raises on a damaged file into a ValueError.

    Args:
        path: of the file.
        kind: what it should be: "no intact ...".
        keep: errors that explain themselves.
    """
    try:
        yield
    except (ImportError, *keep):
        raise
    except Exception as error:  # parsers have no common base
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise ValueError(f"{path} is no intact {kind}: {reason}") from error


def is_file(path):
    """Whether a path leads to a regular file; of a loop or a pipe False."""
    return why_not(pathlib.Path(path)) is None
