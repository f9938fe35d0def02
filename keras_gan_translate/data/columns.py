"""Files of columns: CSV, JSON Lines, Parquet, and lists as CelebA's."""

import csv
import json
import sys

from keras_gan_translate.support.messages import shorten
from keras_gan_translate.support.untrusted import (
    MIB,
    check_regular,
    read_bytes,
)

MAX_TABLE = 512 * MIB  # CelebA's own has 26 MiB
PYARROW = 15  # before 14.0.1 a Parquet file could hold code that it ran
MARKS = ",;\t"  # that part the values of a CSV file
# What the Hugging Face Hub calls the table of a folder of images.
METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
SUFFIXES = (".csv", ".tsv", ".txt", ".jsonl")


def read_columns(path):
    """Reads a table's columns, whatever is in them.

    Args:
        path: a `pathlib.Path` as of `read_table`.

    Returns:
        (dict, name -> texts row by row; number of the line of the first row)

    Raises:
        ValueError: it is no table, or has no row; says which line.
    """
    suffix = path.suffix.lower()
    first = 2
    if suffix == ".parquet":
        names, rows = _parquet(path)
    elif suffix == ".jsonl":
        names, rows, first = *_json_lines(path, read_text(path)), 1
    else:
        lines = read_text(path).splitlines()
        if suffix == ".txt":
            skipped = bool(lines) and lines[0].strip().isdecimal()
            names, *rows = [line.split() for line in lines[skipped:]] or [[]]
            names, first = ["image", *names], skipped + 2
        else:
            mark = max(MARKS, key=(lines[0] if lines else "").count)
            names, *rows = csv_rows(path, lines, mark) or [[]]
    while rows and not rows[-1]:
        rows.pop()
    for i, row in enumerate(rows):
        if len(row) != len(names):
            raise ValueError(
                f"'{path}', line {first + i} has {len(row)} values, expected "
                f"are {len(names)}: {shorten(names, 5)}."
            )
    if not rows:
        raise ValueError(f"There is no image in the table '{path}'.")
    # Equal texts once: CelebA's list has eight million of them.
    columns = zip(*[[sys.intern(v.strip()) for v in row] for row in rows])
    return dict(zip((name.strip() for name in names), columns)), first


def csv_rows(path, lines, mark):
    """The rows of a CSV file's lines, lists of texts."""
    try:
        return list(csv.reader(lines, delimiter=mark))
    except csv.Error as error:
        raise ValueError(f"'{path}' is no table: {error}.") from error


def read_text(path):
    """The text of a table's file."""
    try:
        return read_bytes(path, MAX_TABLE).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"'{path}' is no table: {error}.") from error


def _json_lines(path, text):
    """(names, rows) of a file with a JSON object in each line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            row = json.loads(line) if line.strip() else {}
        except (ValueError, RecursionError) as error:
            raise ValueError(
                f"'{path}', line {number} is no JSON: {error}."
            ) from error
        if not isinstance(row, dict):
            raise ValueError(
                f"'{path}', line {number} is no JSON object, such as "
                '{"file_name": "1.png"}.'
            )
        found += [row] if row else []
    names = list(dict.fromkeys(name for row in found for name in row))
    return names, [[_as_text(row.get(name)) for name in names] for row in found]


def _parquet(path):
    """(names, rows) of a Parquet file of plain values."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError(
            f"'{path}' is read with pyarrow: run `pip install "
            "'keras-gan-translate[parquet]'`, or save it as metadata.csv."
        ) from error
    if int(pyarrow.__version__.partition(".")[0]) < PYARROW:
        raise ImportError(
            f"'{path}' is read with pyarrow {PYARROW} or newer; there is "
            f"{pyarrow.__version__}. Older ones run code that a file holds."
        )
    check_regular(path, MAX_TABLE)
    try:
        table = pyarrow.parquet.read_table(path)
        columns = [column.to_pylist() for column in table.columns]
    except Exception as error:  # damaged bytes raise anything
        raise ValueError(f"'{path}' is no intact table: {error}.") from error
    names = table.column_names
    return names, [list(map(_as_text, row)) for row in zip(*columns)]


def _as_text(value):
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None else str(value)
