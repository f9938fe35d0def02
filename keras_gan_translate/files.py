"""Files that are written whole or not at all."""

import contextlib
import os
import pathlib


@contextlib.contextmanager
def written_aside(path):
    """Within it a file is written aside; then it is renamed into place.

    A reader, or a process killed at any moment, finds the old file or the
    new one, never half of it. Missing folders are made.

        with written_aside("run/config.yaml") as aside:
            aside.write_text(...)

    Args:
        path: the file to write.

    Yields:
        `pathlib.Path` in the same folder, of the same suffix.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield aside
        with open(aside, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def write_text(path, text):
    """Writes a text file, UTF-8, whole or not at all."""
    with written_aside(path) as aside:
        aside.write_text(text, encoding="utf-8")
