"""Which picture goes into which shard: settled once, before any is read.

A plan lists the files and their sizes; from it and one rule follows what
every shard holds. So a shard is the same whoever makes it, when and how
often, and no picture is in two or in none.
"""

import concurrent.futures
import dataclasses
import gzip
import json
import pathlib

from keras_gan_translate.scale.places import (
    Folder,
    Unread,
    place,
    read_bytes,
)
from keras_gan_translate.scale.sources import (
    MAX_PICTURE,
    READERS,
    Picture,
    kind_of,
    read_pictures,
)
from keras_gan_translate.support.messages import check_folder
from keras_gan_translate.support.outputs import (
    KEPT_SUFFIXES,
    image_name,
    numbered,
)
from keras_gan_translate.support.untrusted import MIB

# Bytes of image files in a shard, unless one alone has more: it is held in
# memory, by the one who reads and by the one who translates.
MAX_SHARD = 64 * MIB
READERS_AT_ONCE = 16  # a bucket answers slowly, and many at once
NAME = "plan-{:05d}.json.gz"


@dataclasses.dataclass(frozen=True)
class File:
    """A file to read.

    Attributes:
        root: the folder or bucket that it is in.
        name: in it, with slashes.
        size: bytes; -1 where that was not known.
        out: name of its translation; of a file of many pictures, the folder
            of these.
    """

    root: str
    name: str
    size: int
    out: str


@dataclasses.dataclass(frozen=True)
class Unit:
    """What is read at once: image files of one shard, or a file of many.

    Attributes:
        name: of the shard; of a file of many the beginning of its shards'.
        files: tuple of `File`; one, if it holds many pictures.
        packed: whether it does.
    """

    name: str
    files: tuple
    packed: bool


@dataclasses.dataclass(frozen=True)
class Shard:
    """What is translated and written at once.

    Attributes:
        name: of its file, without a suffix.
        record: name of its record, without a suffix; that of the last shard
            of a file of many pictures ends in ".last".
        last: whether its unit has no further ones.
        pictures: list of `Picture`.
    """

    name: str
    record: str
    last: bool
    pictures: list


def find_files(inputs):
    """The files that are meant by files, folders and buckets.

    Args:
        inputs: paths and URLs.

    Returns:
        List of (root, name, size), in the order of `data.gather_images`.

    Raises:
        ValueError: there are none, or a folder cannot be listed.
    """
    found = []
    for where in inputs:
        there = place(where)
        kind = there.kind()
        if kind == "folder":
            files = there.files(kind_of)
            found += [(there.where, name, size) for name, size in files]
            continue
        if kind is None and not isinstance(there, Folder):
            raise ValueError(f"There is nothing at '{where}'.")
        if kind is None and not kind_of(where):
            check_folder(where)
        there, name = there.parent()
        found.append((there.where, name, there.size(name)))
    if not found:
        names = ", ".join(map(str, inputs))
        raise ValueError(
            f"There are no images in {names}, and no .tar, .parquet or "
            ".tfrecord of images."
        )
    return found


def add_names(found, kept=KEPT_SUFFIXES, before=()):
    """Names the translations, as `kgt translate` does without an engine.

    Args:
        found: list of `find_files`.
        kept: suffixes of images that stay; others become PNG.
        before: `File`s that have names already, and keep them.

    Returns:
        List of `File`, those that are not in `before`.
    """
    known = {(file.root, file.name) for file in before}
    # As `plan_outputs`, which leaves a place for the sheet.
    taken = {"grid.png", *(file.out for file in before)}
    files = []
    for root, name, size in found:
        if (root, name) in known:
            continue
        path = pathlib.PurePosixPath(name)
        if kind_of(name) not in READERS:
            path = image_name(path, kept)
        out = next(str(one) for one in numbered(path) if str(one) not in taken)
        taken.add(out)
        files.append(File(root, name, size, out))
    return files


def cut(items, size_of, most):
    """Yields lists of consecutive items, each of a shard.

    Args:
        items: iterable.
        size_of: function of one, its bytes.
        most: number of items in a list; it has `MAX_SHARD` bytes, too, unless
            it has one item alone.
    """
    some, held = [], 0
    for item in items:
        size = max(0, size_of(item))
        if some and (len(some) == most or held + size > MAX_SHARD):
            yield some
            some, held = [], 0
        some.append(item)
        held += size
    if some:
        yield some


def units_of(number, files, most):
    """The units of a plan, by the one rule.

    Args:
        number: of the plan.
        files: its list of `File`.
        most: number of pictures in a shard.
    """
    images = [file for file in files if kind_of(file.name) not in READERS]
    packed = [file for file in files if kind_of(file.name) in READERS]
    parts = [(some, False) for some in cut(images, lambda x: x.size, most)]
    parts += [([file], True) for file in packed]
    return [
        Unit(f"{number:05d}-{i:07d}", tuple(some), is_packed)
        for i, (some, is_packed) in enumerate(parts)
    ]


def read_unit(unit, most, column=None, done=frozenset()):
    """Yields the `Shard`s of a unit that are still to be made.

    Args:
        unit: a `Unit`.
        most: number of pictures in a shard.
        column: as of `read_pictures`.
        done: names of the records that are there.
    """
    if not unit.packed:
        if unit.name not in done:
            with concurrent.futures.ThreadPoolExecutor(READERS_AT_ONCE) as pool:
                pictures = list(pool.map(_image, unit.files))
            yield Shard(unit.name, unit.name, True, pictures)
        return
    number, waiting = 0, []
    pictures = cut(_packed(*unit.files, column), _bytes_of, most)
    for some in pictures:
        if waiting:
            yield from _numbered(unit, number, waiting, "", done)
            number += 1
        waiting = some
    yield from _numbered(unit, number, waiting, ".last", done)


def is_done(unit, done):
    """Whether all shards of a unit have records.

    Args:
        unit: a `Unit`.
        done: names of the records that are there.
    """
    if not unit.packed:
        return unit.name in done
    number = 0
    while (name := f"{unit.name}-{number:06d}") in done:
        number += 1
    return f"{name}.last" in done


def write_plan(out, number, files):
    """Writes a plan into the place of the shards."""
    roots = sorted({file.root for file in files})
    rows = [[roots.index(f.root), f.name, f.size, f.out] for f in files]
    text = json.dumps({"roots": roots, "files": rows})
    with out.writing(NAME.format(number)) as file:
        file.write(gzip.compress(text.encode("ascii"), 6, mtime=0))


def read_plans(out):
    """The plans of a place: {number: list of `File`}."""
    plans = {}
    for name in out.names():
        if name.startswith("plan-") and name.endswith(".json.gz"):
            text = gzip.decompress(read_bytes(out, name, MAX_PICTURE))
            plan = json.loads(text)
            plans[int(name.split("-")[1].split(".")[0])] = [
                File(plan["roots"][root], *facts)
                for root, *facts in plan["files"]
            ]
    return plans


def _numbered(unit, number, pictures, end, done):
    name = f"{unit.name}-{number:06d}"
    if name + end not in done:
        yield Shard(name, name + end, bool(end), pictures)


def _image(file):
    """The `Picture` of an image file."""
    try:
        content = read_bytes(place(file.root), file.name, MAX_PICTURE)
    except Unread as error:
        return Picture(file.out, file.name, reason=str(error))
    return Picture(file.out, file.name, content=content)


def _packed(file, column):
    """The pictures in a file of many, which is the one that was planned."""
    there = place(file.root)
    size = there.size(file.name)
    if size != file.size and size >= 0:
        reason = f"it has {size} bytes, and had {file.size} when it was planned"
        yield Picture(file.out, file.name, reason=reason)
        return
    yield from read_pictures(there, file.name, file.out, column)


def _bytes_of(picture):
    return len(picture.content or b"")
