"""Lists of pairs: in each row two columns name what belongs together."""

import collections
import dataclasses
import os
import pathlib
import warnings

from keras_gan_translate.data.columns import (
    MARKS,
    METADATA,
    SUFFIXES,
    csv_rows,
    read_columns,
    read_text,
)
from keras_gan_translate.data.directions import in_order
from keras_gan_translate.data.folders import (
    image_folders,
    split_folders,
    subfolders,
)
from keras_gan_translate.data.images import is_image_name
from keras_gan_translate.data.layouts import check_photos, pick_split
from keras_gan_translate.data.tables import Table, rows_of_split
from keras_gan_translate.support.messages import flag, shorten
from keras_gan_translate.support.untrusted import open_regular

PEEKED = 2**16  # bytes, in which the first two rows end
LIST_SUFFIXES = (*SUFFIXES, ".parquet")


@dataclasses.dataclass(frozen=True)
class PairList:
    """What a list says of a split.

    Attributes:
        path: of the list.
        a: files of A, row by row.
        b: their partners.
        names: what the list calls A and B.
        note: for the summary.
    """

    path: pathlib.Path
    a: list
    b: list
    names: tuple
    note: str


def find_pairs(folder, split, words, domains=None):
    """The pairs that a list in a folder names.

    The list is metadata.csv, .jsonl or .parquet of the Hugging Face Hub, in
    the folder or in those of its splits, or another file of two columns, with
    names above them or without. Which column is A their names say, else those
    of the folders their files lie in, else their order.

    Args:
        folder: that holds it, or the list itself.
        split: "train", "val" or "test".
        words: as of `directions.in_order`.
        domains: names of the columns that are A and B, or None.

    Returns:
        A `PairList`, or None where there is none.

    Raises:
        ValueError: there are several, or none of the files is there.
    """
    folder = pathlib.Path(folder)
    if folder.is_file() and folder.suffix.lower() in LIST_SUFFIXES:
        return _read(folder, folder.parent, split, words, domains)
    if not folder.is_dir():
        return None
    inside = subfolders(folder)
    lists = {
        key: path
        for key, inner in split_folders(inside).items()
        if (path := _list_in(inner))
    }
    if lists:
        used, note = pick_split(folder, split, list(lists))
        path = lists[used]
        found = _read(path, path.parent, "train", words, domains)
        return found and dataclasses.replace(found, note=found.note + note)
    path = _list_in(folder)
    if path is not None:
        return _read(path, folder, split, words, domains)
    if len(inside) == 1 and not image_folders(folder):
        return find_pairs(*inside.values(), split, words, domains)
    return None


def _list_in(folder):
    """The list of pairs that lies directly in a folder, or None."""
    of_hub = [folder / name for name in METADATA]
    others = [p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES]
    for paths in (of_hub, sorted(set(others) - set(of_hub))):
        found = [path for path in paths if path.is_file() and _pairs(path)]
        if len(found) > 1:
            names = shorten([path.name for path in found])
            raise ValueError(
                f"Which list of pairs in '{folder}'? Found: {names}. Give the "
                "list instead of the folder."
            )
        if found:
            return found[0]
    return None


def _pairs(path):
    """Whether the first rows of a file name two images each."""
    if path.suffix == ".parquet":
        return len(_image_columns(_columns(path))) > 1
    try:
        with open_regular(path) as file:
            lines = file.read(PEEKED).decode("utf-8", "replace").splitlines()
        rows = [_cells(path, line) for line in lines[:2]]
    except (OSError, ValueError):  # whatever it is, it is no list
        return False
    return any(sum(map(is_image_name, row)) > 1 for row in rows)


def _cells(path, line):
    """The texts of a row, of which only the form is asked."""
    if path.suffix.lower() == ".jsonl":
        return line.replace('"', " ").replace(",", " ").split()
    return _rows(path, [line])[0]


def _rows(path, lines):
    """The cells of lines; the mark that parts them is the first line's."""
    head = lines[0] if lines else ""
    mark = max(MARKS, key=head.count)
    if mark not in head:
        return [line.split() for line in lines]
    return [
        [cell.strip() for cell in row] for row in csv_rows(path, lines, mark)
    ]


def _columns(path):
    """{name: texts}; columns without names are numbered."""
    if path.suffix.lower() in (".jsonl", ".parquet"):
        return read_columns(path)[0]
    rows = _rows(path, read_text(path).splitlines())
    rows = [row for row in rows if any(row)] or [[]]
    names = [f"column {i + 1}" for i in range(len(rows[0]))]
    if not any(map(is_image_name, rows[0])):
        names, *rows = rows
    for number, row in enumerate(rows):
        if len(row) != len(names):
            raise ValueError(
                f"'{path}': row {number + 1} has {len(row)} values, expected "
                f"are {len(names)}: {shorten(row, 5)}."
            )
    return dict(zip(names, zip(*rows)))


def _image_columns(columns):
    """{short name: texts} of the columns that name images."""
    return {
        name.removesuffix("file_name").rstrip("_") or "image": values
        for name, values in columns.items()
        if is_image_name(next(filter(None, values), ""))
    }


def _read(path, folder, split, words, domains):
    columns = _columns(path)
    images = _image_columns(columns)
    lower = {name.lower(): name for name in images}
    titles = {name: name for name in images}
    if domains is not None:
        names = [lower.get(str(name).lower()) for name in domains]
        if None in names or len(set(names)) != 2:
            return None  # they may be folders
    elif len(images) < 2:
        return None
    elif len(images) > 2:
        raise ValueError(
            f"Which two of the {len(images)} columns of '{path}'? Found: "
            f"{shorten(images)}. Choose with "
            f"{flag('domains', list(images)[:2])}."
        )
    else:
        if all(name.startswith("column ") for name in images):
            folders = map(_folder_of, images.values())
            titles = dict(zip(folders, images))
        if len(titles) < 2:  # all files lie in one folder
            titles = {name: name for name in images}
        names = [titles[t] for t in in_order(titles, words) or titles]
    pairs = {}
    for row, values in enumerate(zip(*(images[name] for name in names))):
        files = [_file(value, path.parent, folder) for value in values]
        if all(files):
            pairs[row] = files
    count = len(images[names[0]])
    if not pairs:
        raise ValueError(
            f"None of the {count} pairs that '{path}' lists is there, such as "
            f"{images[names[0]][0]} and {images[names[1]][0]}: names are those "
            f"of files below '{path.parent}'."
        )
    if len(pairs) < count:
        warnings.warn(
            f"{count - len(pairs)} of the {count} pairs that '{path}' lists "
            "are not there and are left out.",
            stacklevel=4,
        )
    table = Table(path, images[names[0]], columns, 1)
    firsts = {row: one for row, (one, _) in pairs.items()}
    rows, note = rows_of_split(table, firsts, folder, split)
    a, b = ([pairs[row][i] for row in rows] for i in (0, 1))
    for files in (a, b):
        check_photos(files, path)
    shown = {name: title for title, name in titles.items()}
    return PairList(path, a, b, tuple(shown[name] for name in names), note)


def _file(name, *folders):
    """The file of a name in the first folder that has it, or None."""
    for folder in folders:
        # Which says no of names too long, too, where `is_file` raises.
        if name and os.path.isfile(folder / name):
            return folder / name
    return None


def _folder_of(names):
    """The folder in which most of some files lie."""
    folders = collections.Counter(pathlib.PurePath(n).parent for n in names)
    return str(folders.most_common(1)[0][0])
