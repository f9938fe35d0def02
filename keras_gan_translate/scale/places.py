"""Where files lie: in folders, and in buckets by their URL.

Both know the same few verbs, and what is written there is whole or absent.
"""

import contextlib
import errno
import functools
import io
import os
import pathlib
import urllib.parse
import urllib.request

from keras_gan_translate.support.files import flush_folder, written_aside
from keras_gan_translate.support.untrusted import (
    REASONS,
    open_regular,
    reason_of,
    why_not,
)

# Names with slashes, no folders, and no right to make what looks like one.
FLAT = ("s3", "gcs")
INSTALL = "run `pip install 'keras-gan-translate[ray]'`"


class Unread(ValueError):
    """A file that cannot be read; its words are half a sentence that says why.

    What may be better at the next try, such as a network that is down, raises
    other errors.
    """


def is_url(where):
    """Whether it is the URL of a bucket and no path."""
    return "://" in str(where) and not str(where).startswith("file://")


def place(where):
    """A `Folder` for a path or a file:// URL, a `Bucket` for other URLs."""
    where = str(where)
    if is_url(where):
        return _bucket(where)
    if where.startswith("file://"):
        path = urllib.parse.urlsplit(where).path
        where = urllib.request.url2pathname(path)
    return Folder(where)


@functools.lru_cache(maxsize=64)
def _bucket(where):
    """A `Bucket`, whose connections are kept."""
    return Bucket(where)


class Folder:
    """A folder of this machine, or one that all machines share.

    Args:
        where: its path.
    """

    def __init__(self, where):
        self.path = pathlib.Path(os.path.abspath(where))
        self.where = str(self.path)

    def kind(self):
        """What is there: "folder", "file" or None."""
        if self.path.is_dir():
            return "folder"
        return "file" if os.path.lexists(self.path) else None

    def parent(self):
        """(the folder that it is in, its name)."""
        return Folder(self.path.parent), self.path.name

    def names(self, below="."):
        """Sorted names of the files in a folder of it; [] if it is absent."""
        try:
            found = sorted(os.scandir(self.path / below), key=lambda x: x.name)
        except FileNotFoundError:
            return []
        return [entry.name for entry in found if entry.is_file()]

    def files(self, wanted):
        """What lies in it and in its folders, as `data.list_images` finds it.

        Args:
            wanted: function of a name, whether it is listed.

        Returns:
            List of (name with slashes, size in bytes), sorted.
        """
        from keras_gan_translate.data.images import list_images

        found = list_images(self.path, wanted)
        return [
            (path.relative_to(self.path).as_posix(), _size(path))
            for path in found
        ]

    def size(self, name):
        """Bytes of a file; -1 if that cannot be known."""
        return _size(self.path / name)

    def open(self, name):
        """A binary file to read, which can be sought in.

        Raises:
            Unread: there is none, or it is no regular file.
        """
        path = self.path / name
        reason = why_not(path)
        if reason:
            raise Unread(reason)
        try:
            return open_regular(path)
        except (OSError, ValueError) as error:
            raise Unread(reason_of(error)) from error

    @contextlib.contextmanager
    def writing(self, name):
        """Within it a binary file is written, which then is there at once."""
        path = self.path / name
        with written_aside(path) as aside, open(aside, "wb") as file:
            yield file
        flush_folder(path.parent)

    def remove(self, name):
        """Removes a file."""
        (self.path / name).unlink(missing_ok=True)


class Bucket:
    """A folder in a bucket, or whatever else pyarrow and fsspec reach.

    Args:
        where: its URL: s3://, gs:// and hdfs:// by pyarrow itself, others by
            the package for fsspec that knows them.

    Raises:
        ImportError: pyarrow, or what knows such URLs, is missing.
        ValueError: the URL is none.
    """

    def __init__(self, where):
        self.where = where.rstrip("/")
        self._system, self._root = _file_system(self.where)

    def kind(self):
        from pyarrow import fs

        kind = self._system.get_file_info(self._root).type
        kinds = {fs.FileType.File: "file", fs.FileType.Directory: "folder"}
        return kinds.get(kind)

    def parent(self):
        where, _, name = self.where.rpartition("/")
        return Bucket(where), name

    def names(self, below="."):
        return [name for name, _ in self._list(below, False) if "/" not in name]

    def files(self, wanted):
        return [
            (name, size)
            for name, size in self._list(".", True)
            if wanted(name)
            and not any(
                part[0] == "." or part == "__MACOSX" for part in name.split("/")
            )
        ]

    def _list(self, below, recursive):
        from pyarrow import fs

        root = self._path(below)
        selector = fs.FileSelector(root, recursive=recursive)
        selector.allow_not_found = True
        found = [
            (info.path[len(root) :].lstrip("/"), info.size)
            for info in self._system.get_file_info(selector)
            if info.type == fs.FileType.File
        ]
        # As paths are sorted: a folder before a longer name.
        return sorted(found, key=lambda file: file[0].split("/"))

    def size(self, name):
        size = self._system.get_file_info(self._path(name)).size
        return -1 if size is None else size

    def open(self, name):
        try:
            return self._system.open_input_file(self._path(name))
        except FileNotFoundError as error:
            raise Unread(REASONS[errno.ENOENT]) from error
        except PermissionError as error:
            raise Unread(REASONS[errno.EACCES]) from error

    @contextlib.contextmanager
    def writing(self, name):
        path = self._path(name)
        if self._system.type_name not in FLAT:
            self._system.create_dir(path.rpartition("/")[0])
        # An object is there when it is closed, so it waits in memory: what
        # breaks off before leaves none, rather than half of one.
        file = io.BytesIO()
        yield file
        # By its suffix it would be packed once more.
        with self._system.open_output_stream(path, compression=None) as stream:
            stream.write(file.getbuffer())

    def remove(self, name):
        with contextlib.suppress(FileNotFoundError):
            self._system.delete_file(self._path(name))

    def _path(self, name):
        return self._root if name == "." else f"{self._root}/{name}"


def read_bytes(place, name, most):
    """The content of a file.

    Args:
        place: a `Folder` or a `Bucket`.
        name: of the file in it.
        most: bytes that it may have.

    Raises:
        Unread: it cannot be read, or is larger.
    """
    with place.open(name) as file:
        try:
            content = file.read(most + 1)
        except OSError as error:
            if isinstance(place, Bucket):  # which may be better next time
                raise
            raise Unread(reason_of(error)) from error
    if len(content) > most:
        raise Unread(f"it has more than {most} bytes")
    return content


def _size(path):
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return -1


def _file_system(url):
    """(pyarrow's file system, the path in it) of a URL."""
    try:
        from pyarrow import fs
    except ImportError as error:
        raise ImportError(
            f"'{url}' is read with pyarrow: {INSTALL}, or `pip install "
            "pyarrow`."
        ) from error
    try:
        return fs.FileSystem.from_uri(url)
    except (ValueError, NotImplementedError) as error:
        first = error
    try:
        import fsspec
        from fsspec.core import url_to_fs

        system, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        scheme = url.partition("://")[0]
        raise type(error)(
            f"'{url}' cannot be reached: pyarrow says {first}; fsspec says "
            f"{error}. Install what knows {scheme}://, or check the URL."
        ) from error
    if not isinstance(system, fsspec.AbstractFileSystem):
        raise ValueError(f"'{url}' is no URL of a bucket.")
    return fs.PyFileSystem(fs.FSSpecHandler(system)), path.rstrip("/")
