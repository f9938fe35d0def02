"""One process at a time in a folder."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import socket
import time

try:
    import fcntl
except ImportError:  # a system without it has no locks here
    fcntl = None

NAME = ".lock"

TRAINED = "is being trained"

_held = {}  # path -> [file descriptor, how often]


class Locked(ValueError):
    """Another process has the folder."""


def look(folder):
    """Says at once if another process trains in a folder; takes nothing.

    Args:
        folder: need not exist.

    Raises:
        Locked: one does; names it.
    """
    path = _path(folder)
    if fcntl is None or path in _held or not path.exists():
        return
    with open(path, "rb") as file:
        _try(file.fileno(), path)


def acquire(folder, busy=TRAINED):
    """Takes a folder; several times in one process, if need be.

    The system gives it back when the process ends, however it ends.

    Args:
        folder: is made if absent.
        busy: what is then done to it, for others: "is being trained".

    Returns:
        None, or a sentence where a process had it that is gone.

    Raises:
        Locked: another process has it; names it.
    """
    path = _path(folder)
    if fcntl is None:
        return None
    if path in _held:
        _held[path][1] += 1
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _try(descriptor, path, busy)
            # Its owner may have removed it while this one waited.
            if _is_at(descriptor, path):
                break
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    gone = _owner(path)
    with contextlib.suppress(OSError):  # a full disk: then it has no name
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(_ourselves()).encode() + b"\n", 0)
    _held[path] = [descriptor, 1]
    if not gone:
        return None
    return f"The lock of {gone}, which is gone, was taken over."


def release(folder):
    """Gives a folder back, once for each `acquire`."""
    path = _path(folder)
    if path not in _held:
        return
    _held[path][1] -= 1
    if _held[path][1]:
        return
    descriptor, _ = _held.pop(path)
    path.unlink(missing_ok=True)
    os.close(descriptor)


def _path(folder):
    return pathlib.Path(os.path.abspath(folder)) / NAME


def _try(descriptor, path, busy=TRAINED):
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = _owner(path) or "another process"
        raise Locked(
            f"'{path.parent}' {busy} by {owner}. Wait for it, stop "
            "it, or choose another folder with --out."
        ) from None
    except OSError:
        pass  # a file system without locks


def _is_at(descriptor, path):
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)


def _ourselves():
    return {
        "process": os.getpid(),
        "host": socket.gethostname(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S %z"),
    }


def _owner(path):
    """Whom a lock file names, in words; None where it names nobody."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return "process {process} on {host}, since {since}".format(**known)
    except (OSError, ValueError, KeyError, TypeError):
        return None
