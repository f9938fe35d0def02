"""Images in few large files, decoded when their turn comes.

For more images than memory and a temporary file hold: `kgt prepare shards`
writes the files, of ArrayRecord, in which any record is read by its number.
So the order of an epoch is drawn over all of them, as it is of a folder, and
its batches are the same, pixel by pixel.
"""

import dataclasses
import pathlib

from keras_gan_translate.data.folders import SPLITS
from keras_gan_translate.data.images import Held, read_image, resize_image
from keras_gan_translate.support.messages import (
    check_format,
    shorten,
)
from keras_gan_translate.support.untrusted import (
    explained,
    is_file,
    read_json,
)

INDEX, FORMAT = "packed.json", 1
STANDS_IN = {"val": "test", "test": "val"}


@dataclasses.dataclass(frozen=True)
class Packed:
    """A split of a packed folder.

    Attributes:
        folder: of the files.
        files: dict, key of the batch -> names of its files, in order.
        counts: dict, key of the batch -> number of its images.
    """

    folder: pathlib.Path
    files: dict
    counts: dict

    def images(self, load, how):
        """Dict, key of the batch -> `PackedImages`.

        Args:
            load: (height, width) that they get.
            how: see `resize_image`.
        """
        return {
            key: PackedImages(
                [self.folder / name for name in names],
                self.counts[key],
                load,
                how,
            )
            for key, names in self.files.items()
        }


class PackedImages:
    """Looks like a uint8 array (count, height, width, 3), and is in files.

    Args:
        paths: of the files, in order.
        count: number of images in them.
        load: (height, width) that each is resized to.
        how: see `resize_image`.

    Raises:
        ValueError: a file is missing, or holds others.
        ImportError: what reads them is missing; says how to get it.
    """

    dtype, ndim = "uint8", 4

    def __init__(self, paths, count, load, how):
        self._load, self._how = tuple(load), how
        self._folder = paths[0].parent
        self._records = _open(paths)
        if len(self._records) != count:
            raise ValueError(
                f"The files of '{self._folder}' hold {len(self._records)} "
                f"images, and {count} by its {INDEX}: write them again."
            )
        self.shape = (count, *self._load, 3)

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, number):
        number = int(number)
        name = f"{self._folder} number {number}"
        with explained(name, "record"):
            held = Held(name, self._records[number])
        # As `decode_images` does: the same pixels.
        picture = read_image(held, 2 * max(self._load))
        return resize_image(picture, self._load, self._how)


def is_packed(source):
    """Whether `kgt prepare shards` has written a folder."""
    return isinstance(source, (str, pathlib.Path)) and is_file(
        pathlib.Path(source, INDEX)
    )


def find_packed(folder, kind, split):
    """What a packed folder has of a split.

    Args:
        folder: for which `is_packed` holds.
        kind: name of the kind of data that is wanted.
        split: "train", "val" or "test".

    Returns:
        (a `Packed`, its summary)

    Raises:
        ValueError: it holds another kind, or not the split.
    """
    folder = pathlib.Path(folder)
    index = _read_index(folder / INDEX)
    if index["kind"] != kind:
        raise ValueError(
            f"'{folder}' holds {index['kind']} data, and {kind} data are "
            "asked for. Pack the folder that they were made of for them."
        )
    splits, note = index["splits"], ""
    if split not in splits and STANDS_IN.get(split) in splits:
        other = STANDS_IN[split]
        note = f"; there is no '{split}', '{other}' is read instead"
        split = other
    if split not in splits:
        there = shorten([name for name in SPLITS if name in splits])
        raise ValueError(
            f"There is no split '{split}' in '{folder}'. Found: {there}."
        )
    keys = splits[split]
    counts = {key: each["count"] for key, each in keys.items()}
    packed = Packed(
        folder, {key: each["files"] for key, each in keys.items()}, counts
    )
    told = ", ".join(f"{key.upper()} {n} images" for key, n in counts.items())
    return packed, f"{kind}: {folder.name} ({split}, packed), {told}{note}"


def _read_index(path):
    """What a folder says of itself, which a stranger may have written."""
    index = read_json(path)
    if isinstance(index, dict):
        check_format(f"'{path}'", index.get("format"), FORMAT)
    try:
        splits = {
            str(split): {
                str(key): {
                    "files": [_own_name(name) for name in each["files"]],
                    "count": int(each["count"]),
                }
                for key, each in keys.items()
            }
            for split, keys in index["splits"].items()
        }
        for split, keys in splits.items():
            if not keys or not all(each["files"] for each in keys.values()):
                raise ValueError(f"there are no files of {split!r}")
        return {"kind": str(index["kind"]), "splits": splits}
    except (
        AttributeError,
        KeyError,
        OverflowError,
        TypeError,
        ValueError,
    ) as error:
        raise ValueError(
            f"'{path}' does not describe packed images: "
            f"{type(error).__name__}, {error}. `kgt prepare shards` writes "
            "such folders."
        ) from error


def _own_name(name):
    """The name of a file in the folder itself, and nowhere else."""
    if name in ("", ".", "..") or pathlib.PurePath(name).name != name:
        raise ValueError(f"{name!r} lies elsewhere")
    return name


def array_record():
    """The module that reads and writes the files.

    Raises:
        ImportError: it is missing; says how to get it.
    """
    try:
        from array_record.python import (
            array_record_data_source,
            array_record_module,
        )
    except ImportError as error:
        raise ImportError(
            "Packed images are read and written with array_record: run `pip "
            "install 'keras-gan-translate[shards]'`."
        ) from error
    return array_record_module, array_record_data_source


def _open(paths):
    _, sources = array_record()
    for path in paths:
        if not is_file(path):
            raise ValueError(f"There is no file '{path}'; write them again.")
    try:
        return sources.ArrayRecordDataSource([str(path) for path in paths])
    except Exception as error:  # damaged bytes raise anything
        raise ValueError(
            f"The files of '{paths[0].parent}' cannot be read: {error}."
        ) from error
