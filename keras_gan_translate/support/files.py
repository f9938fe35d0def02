"""Files and folders that are written whole or not at all."""

import contextlib
import errno
import os
import pathlib
import shutil
import zipfile

KERAS_PARTS = ("config.json", "model.weights.h5")


@contextlib.contextmanager
def written_aside(path, needed=0):
    """Within it a file is written aside; then it is renamed into place.

    A reader, or a process killed at any moment, finds the old file or the
    new one, never half of it. Missing folders are made.

        with written_aside("run/config.yaml") as aside:
            aside.write_text(...)

    Args:
        path: the file to write.
        needed: bytes that it takes, where they are known before.

    Yields:
        `pathlib.Path` in the same folder, of the same suffix.

    Raises:
        OSError: the disk is too full; says how much is free and needed.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    check_room(path, needed)
    aside = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield aside
        with open(aside, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(aside, path)
    except (OSError, RuntimeError) as error:
        if not _is_full(error):
            raise
        free = shutil.disk_usage(path.parent).free
        written = aside.stat().st_size if aside.exists() else 0
        words = _too_full(path, max(needed, written + 1), free)
        raise OSError(errno.ENOSPC, words) from error
    finally:
        aside.unlink(missing_ok=True)


def flush_folder(folder):
    """Makes a rename survive a power cut, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clear_asides(folder):
    """Removes what processes that are gone have left aside, half written.

    Args:
        folder: it and the folders in it are looked at.
    """
    for path in [*folder.glob(".*.*"), *folder.glob("*/.*.*")]:
        number = path.name.split(".")[1]
        if number.isdigit() and path.is_file() and not _lives(int(number)):
            path.unlink(missing_ok=True)


def check_room(path, needed):
    """Says what is missing where a disk is too full.

    Args:
        path: of the file to write, in a folder that exists.
        needed: bytes it takes.

    Raises:
        OSError: says how much is free and how much is needed.
    """
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise OSError(errno.ENOSPC, _too_full(path, needed, free))


def _is_full(error):
    """Whether an error says that a disk is full; h5py says it in its own."""
    return getattr(
        error, "errno", None
    ) == errno.ENOSPC or f"errno = {errno.ENOSPC}," in str(error)


def _too_full(path, needed, free):
    return (
        f"There is no room for {path}: it takes {needed / 2**20:.1f} MiB or "
        f"more, and {free / 2**20:.1f} MiB are free. What was there before is "
        "whole. Make room and repeat the command."
    )


def _lives(process):
    """Whether a process of this machine is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # of another user
        return True
    return True


def write_text(path, text):
    """Writes a text file, UTF-8, whole or not at all."""
    with written_aside(path) as aside:
        aside.write_text(text, encoding="utf-8")


def check_archive(path):
    """Compares all parts of a `.keras` file, a zip, with their checksums.

    Args:
        path: the file.

    Raises:
        ValueError: it is missing or not what was written.
    """
    fault = None
    try:
        with zipfile.ZipFile(path) as archive:
            missing = set(KERAS_PARTS) - set(archive.namelist())
            if missing:
                fault = f"it has no {min(missing)}"
            elif damaged := archive.testzip():
                fault = f"{damaged} is not what its checksum says"
    except Exception as error:  # whatever a damaged header leads to
        fault = error
    if fault:
        raise ValueError(
            f"{path} is damaged: {fault}. Where it belongs to a run, training "
            "on writes it anew, and the other of best/ and last/ may be whole."
        )


@contextlib.contextmanager
def folder_written_aside(path, into_place=os.rename):
    """Within it a folder is filled aside; then it is renamed into place.

    Whoever looks finds no folder or the whole of it. Missing parents are
    made.

    Args:
        path: the folder to make; it must not exist yet, or be empty.
        into_place: function of the folder aside and `path`, which moves what
            is in the one to the other.

    Yields:
        `pathlib.Path` of an empty folder beside it, whose name is hidden and
        no number.

    Raises:
        OSError: something else has filled `path` in the meantime.
    """
    path = pathlib.Path(path)
    aside = path.with_name(f".{os.getpid()}.{path.name}")
    aside.mkdir(parents=True)
    try:
        yield aside
        for file in aside.rglob("*"):
            if file.is_file():
                with open(file, "rb+") as opened:
                    os.fsync(opened.fileno())
        into_place(aside, path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
