"""Writes folders of images into few large files; see `packed`."""

import concurrent.futures
import json
import pathlib

from keras_gan_translate.data.images import ImageError, read_image
from keras_gan_translate.data.kinds import find_kind
from keras_gan_translate.data.packed import (
    FORMAT,
    INDEX,
    array_record,
    is_packed,
)
from keras_gan_translate.support.files import folder_written_aside
from keras_gan_translate.support.messages import shorten
from keras_gan_translate.support.untrusted import read_bytes

# One that is not there is stood in for by another, which then is known.
ORDER = ("train", "test", "val")
SHARD_SIZE = 1024  # images, which are held in memory to write them
SUFFIX = ".array_record"
MAX_PICTURE = 2**29  # bytes of a file


def pack_images(
    source, out, kind="unpaired", shard_size=SHARD_SIZE, on_images=None
):
    """Writes a folder of training images into few large files.

    They hold the images' own files, byte for byte, split by split and domain
    by domain, in the order in which the folder would be read. Files that
    cannot be decoded are left out, as they would be.

    Args:
        source: A folder, or a tuple of folders, as of `open_dataset`.
        out: Folder to make; it must not exist, or be empty.
        kind: A kind of data that consists of images alone: "unpaired".
        shard_size: Number of images in a file.
        on_images: Function of (images that are done, all of the split's).

    Returns:
        (dict of what is in `out`/packed.json, {file: why it is left out})

    Raises:
        ValueError: There are no such data, or `out` is taken.
        ImportError: array_record is missing; says how to get it.
    """
    array_record()  # or an error, before anything is read
    kind, out = find_kind(kind), pathlib.Path(out)
    able = [other.name for other in kind.kinds if other.can_pack]
    if not kind.can_pack:
        raise ValueError(
            f"{kind.name} data cannot be packed; {shorten(able)} data can."
        )
    if is_packed(source):
        raise ValueError(f"'{source}' is packed already.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(
            f"'{out}' exists, and nothing in it was touched: choose another "
            "folder with --out."
        )
    found, known = {}, set()
    for split in ORDER:
        try:
            one = kind.find(source, split)
        except ValueError:
            if split == "train":
                raise
            continue
        # Another split may stand in for one that is not there.
        if not one.files:
            raise ValueError(f"'{source}' is no folder of images.")
        if not one.paths <= known:
            found[split], known = one, known | one.paths
    skipped, index = {}, {"format": FORMAT, "kind": kind.name, "splits": {}}
    with folder_written_aside(out) as aside:
        for split, one in found.items():
            written = index["splits"][split] = {}
            total = sum(map(len, one.files.values()))
            progress = Progress(total, on_images)
            for key, files in one.files.items():
                names, count = [], 0
                for good, bad in _in_shards(files, shard_size, progress):
                    skipped |= bad
                    if good:
                        number = f"{len(names):05d}"
                        names.append(f"{split}-{key}-{number}{SUFFIX}")
                        _write(aside / names[-1], good)
                        count += len(good)
                if not count:
                    raise ValueError(f"No usable image in {one.where[key]}.")
                written[key] = {"files": names, "count": count}
        text = json.dumps(index, indent=1) + "\n"
        (aside / INDEX).write_text(text, encoding="utf-8")
    return index, skipped


class Progress:
    """Counts images, and tells how many are done."""

    def __init__(self, total, tell):
        self.total, self.done, self._tell = total, 0, tell

    def add(self, count):
        self.done += count
        if self._tell:
            self._tell(self.done, self.total)


def _in_shards(files, size, progress):
    """Yields ([bytes of an image], {file: why it is none}) of each shard."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for first in range(0, len(files), size):
            some = files[first : first + size]
            read = list(pool.map(_read, some))
            bad = [one for one in read if isinstance(one, ImageError)]
            yield (
                [one for one in read if isinstance(one, bytes)],
                {str(error.path): error.reason for error in bad},
            )
            progress.add(len(some))


def _write(path, contents):
    writing, _ = array_record()
    # Groups of one: a record is read without its neighbours.
    writer = writing.ArrayRecordWriter(str(path), "group_size:1")
    for content in contents:
        writer.write(content)
    writer.close()


def _read(path):
    """The bytes of an image that can be decoded, or an `ImageError`."""
    try:
        read_image(path)
        return read_bytes(path, MAX_PICTURE)
    except ImageError as error:
        return error
    except (OSError, ValueError) as error:
        return ImageError(path, str(error))
