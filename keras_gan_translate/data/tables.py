"""Tables of what holds of images: CelebA's own list, or any CSV file.

Those of the Hugging Face Hub, metadata.csv, .jsonl or .parquet, are read too.
"""

import dataclasses
import functools
import pathlib
import warnings

import numpy as np

from keras_gan_translate.data.columns import (
    METADATA,
    SUFFIXES,
    read_columns,
    read_text,
)
from keras_gan_translate.data.folders import SPLITS, split_folders, subfolders
from keras_gan_translate.data.images import is_image_name, list_images
from keras_gan_translate.data.layouts import pick_split
from keras_gan_translate.support.messages import near_matches, shorten

TRUE = {"1", "1.0", "true", "yes"}
FALSE = {"0", "0.0", "false", "no"}
MINUS = {"-1", "-1.0"}  # false where the table has no 0
# Columns that name the image, where its values have no image's suffix.
IMAGE_COLUMNS = (
    "file_name",
    "image",
    "file",
    "image_id",
    "filename",
    "path",
    "id",
    "name",
)
SPLIT_COLUMNS = ("split", "partition")
PARTITIONS = ("list_eval_partition.txt", "list_eval_partition.csv")
LABEL_COLUMNS = ("label", "labels", "class", "category", "domain")
NUMBERED = ("train", "val", "test")  # CelebA's 0, 1 and 2
# Columns that say who is in the image.
IDENTITY_COLUMNS = ("identity", "person", "subject")


@dataclasses.dataclass(frozen=True)
class Table:
    """What a table says, as texts.

    Attributes:
        path: of its file.
        images: names of the images, row by row.
        columns: name of a column -> its values, row by row.
        first: number of the line of the first row.
    """

    path: pathlib.Path
    images: tuple
    columns: dict
    first: int

    @property
    def binary(self):
        """Names of the columns that hold of some images and not of others."""
        return [
            name
            for name, values in self.columns.items()
            if name.lower() not in SPLIT_COLUMNS
            and len(set(values)) > 1
            and _reader(set(values))
        ]

    def truth(self, names):
        """Columns as an array.

        Args:
            names: of columns, in any case.

        Returns:
            (names as the table writes them, float32 array (rows, names) of 0
            and 1)

        Raises:
            ValueError: there is no such column, one is named twice, or a
                value is neither true nor false.
        """
        lower = {name.lower(): name for name in self.columns}
        for name in names:
            if name.lower() not in lower:
                raise ValueError(
                    f"There is no attribute {name!r} in '{self.path}'."
                    f"{near_matches(name, self.binary)} There are "
                    f"{shorten(self.binary, 50)}."
                )
        chosen = [lower[name.lower()] for name in names]
        if len(set(chosen)) < len(chosen):
            raise ValueError(f"An attribute is named twice: {shorten(names)}.")
        columns = [self._truth(name) for name in chosen]
        return chosen, np.stack(columns, axis=-1).astype("float32")

    def _truth(self, name):
        values = self.columns[name]
        holds = _reader(values)
        if holds is None:
            known = {value.lower() for value in values}
            fine = TRUE | (FALSE if known & FALSE else MINUS)
            wrong = next(
                i for i, v in enumerate(values) if v.lower() not in fine
            )
            raise ValueError(
                f"'{self.path}', line {self.first + wrong}: {name} is "
                f"{values[wrong]!r}. An attribute holds or not: 1 and 0, 1 "
                "and -1, true and false; or any text, and nothing where it "
                "does not."
            )
        return [holds(value) for value in values]


def _reader(values):
    """What says of a column's value whether it holds; None if none does."""
    known = {value.lower() for value in values}
    if known <= TRUE | FALSE or known <= TRUE | MINUS:
        return lambda value: value.lower() in TRUE
    if "" in known and not known & (TRUE | FALSE | MINUS):
        return bool
    return None


def open_table(folder, split):
    """The table of a folder, and the files of a split that it names.

    Args:
        folder: as of `find_table`; or one whose splits have tables of their
            own, as the Hugging Face Hub has them.
        split: "train", "val" or "test".

    Returns:
        (a `Table`, the images' folder, {row: file} of the split, note for the
        summary), or None where there is no table.

    Raises:
        ValueError: there are several, none of its images is there, or no
            such split.
    """
    folder, words = pathlib.Path(folder), ""
    if inside := splits_with_tables(folder):
        used, words = pick_split(folder, split, list(inside))
        folder, split = inside[used], "train"  # in it are no further ones
    found = find_table(folder) if folder.exists() else None
    if found is None:
        return None
    table, folder = read_table(found[0]), found[1]
    files = locate(table, folder)
    _check_located(table, files, folder)
    rows, note = rows_of_split(table, files, folder, split)
    return table, folder, {row: files[row] for row in rows}, words + note


def splits_with_tables(folder):
    """{split: folder} where several splits have tables of their own."""
    folder = pathlib.Path(folder)
    inside = split_folders(subfolders(folder)) if folder.is_dir() else {}
    inside = {key: path for key, path in inside.items() if tables_in(path)}
    return inside if len(inside) > 1 else {}


def images_by_label(folder, split):
    """The images of each label that the Hub's metadata file tells.

    Args:
        folder: as of `open_table`.
        split: as of `open_table`.

    Returns:
        ({label: files}, name of the table, note for the summary), or None
        where none has a column of labels.
    """
    try:
        found = open_table(folder, split)
    except ValueError:  # it was not known to be a table
        return None
    if found is None or found[0].path.name not in METADATA:
        return None
    table, _, files, note = found
    column = next(
        (name for name in table.columns if name.lower() in LABEL_COLUMNS), None
    )
    if column is None:
        return None
    by_label = {}
    for row, file in files.items():
        by_label.setdefault(table.columns[column][row], []).append(file)
    return dict(sorted(by_label.items())), table.path.name, note


def _check_located(table, files, folder):
    missing = [
        name for row, name in enumerate(table.images) if row not in files
    ]
    if not files:
        raise ValueError(
            f"None of the images that '{table.path}' names is in '{folder}': "
            f"{shorten(missing, 3)}."
        )
    if missing:
        warnings.warn(
            f"'{table.path}' names {len(missing)} images that are not in "
            f"'{folder}', which are left out: {shorten(missing, 3)}.",
            stacklevel=5,
        )


def find_table(folder, word="attr", only=False):
    """The table of a folder's images, and the folder of both.

    Args:
        folder: that of the images, in which or beside which the table lies;
            or the table itself.
        word: in the names of tables that go before others.
        only: whether those others are passed over.

    Returns:
        (table's path, folder), or None where there is no table.

    Raises:
        ValueError: there are several.
    """
    folder = pathlib.Path(folder)
    if folder.is_file():
        return folder, folder.parent
    # Beside the folder any but CelebA's may be of anything.
    for places, any_name, root in (
        ([folder], not only, folder),
        (subfolders(folder).values(), not only, folder),
        ([folder.parent], False, folder.parent),
    ):
        found = _tables(places, any_name, word)
        if len(found) > 1:
            raise ValueError(
                f"Which table says what holds of the images in '{folder}'? "
                f"Found: {shorten([str(p.relative_to(root)) for p in found])}. "
                "Give the table instead of the folder."
            )
        if found:
            return found[0], root
    return None


def tables_in(folder):
    """The files of a folder that may be its table."""
    return _tables([folder], True, "attr")


def _tables(places, any_name, word):
    """What may be the table; those with the word in their name, if some."""
    found = [
        path
        for place in places
        for path in sorted(place.iterdir())
        if (path.suffix.lower() in SUFFIXES or path.name in METADATA)
        and path.name not in PARTITIONS
    ]
    named = [path for path in found if word in path.name.lower()]
    if named or not any_name:
        return named
    if of_hub := [path for path in found if path.name in METADATA]:
        return of_hub
    return [path for path in found if path.suffix.lower() != ".txt"]


def read_table(path):
    """Reads a table.

    Args:
        path: of a CSV, JSON Lines or Parquet file, or of a list as CelebA's:
            the number of images, the names of attributes, then a line for
            each image.

    Returns:
        A `Table`.

    Raises:
        ValueError: it is none; says which line.
    """
    path = pathlib.Path(path)
    # Read once, not for every split.
    return _read_table(path, path.stat().st_mtime_ns)


def read_identities(path):
    """Reads who is in which image.

    Args:
        path: of a list as CelebA's, a line for each image: its name, and the
            number or name of the person; or of a CSV file with a column of
            `IDENTITY_COLUMNS`.

    Returns:
        A `Table`, whose column "identity" it is.

    Raises:
        ValueError: it is none; says which line.
    """
    path = pathlib.Path(path)
    if path.suffix.lower() != ".txt":
        table = read_table(path)
        lower = {name.lower(): name for name in table.columns}
        for word in IDENTITY_COLUMNS:
            if word in lower:
                columns = dict(table.columns)
                columns["identity"] = columns.pop(lower[word])
                return dataclasses.replace(table, columns=columns)
        raise ValueError(
            f"No column of '{path}' says who is in the image. It has "
            f"{shorten(table.columns)}; expected is one of "
            f"{', '.join(IDENTITY_COLUMNS)}."
        )
    rows = [
        line.split() for line in read_text(path).splitlines() if line.strip()
    ]
    for i, row in enumerate(rows):
        if len(row) != 2:
            raise ValueError(
                f"'{path}', line {i + 1} has {len(row)} words, expected are "
                "an image and its person: 000001.jpg 2880."
            )
    if not rows:
        raise ValueError(f"There is no image in the table '{path}'.")
    images, persons = zip(*rows)
    return Table(path, images, {"identity": persons}, 1)


@functools.lru_cache(maxsize=4)
def _read_table(path, changed):
    columns, first = read_columns(path)
    images = _image_column(columns)
    if images is None:
        raise ValueError(
            f"No column of '{path}' names images. It has {shorten(columns)}; "
            "expected is one with names of files."
        )
    return Table(path, columns.pop(images), columns, first)


def _image_column(columns):
    for name, values in columns.items():
        if is_image_name(values[0]):
            return name
    for name in columns:
        if name.lower() in IMAGE_COLUMNS:
            return name
    return None


def locate(table, folder):
    """The files of a table's images.

    Args:
        table: a `Table`.
        folder: in which they lie, however deep.

    Returns:
        {row: file} of those that are there. The file is that of the name and
        folder, or the only one of the name; the suffix may be another.
    """
    by_place, by_name = {}, {}
    for path in list_images(folder):
        by_place[path.with_suffix("")] = path
        # None where there are several.
        known = by_name.get(path.stem, path)
        by_name[path.stem] = path if known == path else None
    base, found = table.path.parent, {}
    for row, name in enumerate(table.images):
        place = pathlib.Path(name)
        if is_image_name(name):
            place = place.with_suffix("")
        path = (
            by_place.get(base / place)
            or by_place.get(pathlib.Path(folder) / place)
            or by_name.get(place.name)
        )
        if path is not None:
            found[row] = path
    return found


def splits_of(table, files, folder):
    """The split of each row that has a file: {row: split or None}.

    CelebA's list_eval_partition says it, a column, or the folder.

    Args:
        table: a `Table`.
        files: what `locate` returned.
        folder: in which the files lie.
    """
    for name in PARTITIONS:
        path = table.path.with_name(name)
        if path.is_file():
            return _partition(path, table, files)
    for name, values in table.columns.items():
        if name.lower() in SPLIT_COLUMNS:
            return {row: _split(values[row]) for row in files}
    inside = split_folders(subfolders(folder))
    found = {}
    for row, path in files.items():
        found[row] = next(
            (split for split, at in inside.items() if at in path.parents), None
        )
    return found


def rows_of_split(table, files, folder, split):
    """The rows of a split.

    Args:
        table: a `Table`.
        files: what `locate` returned.
        folder: in which the files lie.
        split: "train", "val" or "test".

    Returns:
        (list of rows, note for the summary)

    Raises:
        ValueError: there is no such split.
    """
    splits = splits_of(table, files, folder)
    known = list(dict.fromkeys(splits.values()))
    if known != [None]:
        known = [name for name in known if name]
    used, note = pick_split(folder, split, known)
    return [row for row in files if splits[row] == used], note


def _partition(path, table, files):
    with open(path, encoding="utf-8-sig") as file:
        pairs = [line.replace(",", " ").split() for line in file]
    known = {pair[0]: _split(pair[1]) for pair in pairs if len(pair) == 2}
    return {row: known.get(table.images[row]) for row in files}


def _split(text):
    """The split that a text stands for, None if none."""
    if text in ("0", "1", "2"):
        return NUMBERED[int(text)]
    for split, words in SPLITS.items():
        if text.lower() in words:
            return split
    return None
