"""Looks at every file once; what is kept of a picture is small."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pathlib
import time
import warnings

import numpy as np
from PIL import Image

from keras_gan_translate.data.images import (
    SUFFIXES,
    Header,
    ImageError,
    read_map,
    read_with_header,
)
from keras_gan_translate.data.store import run_rows

THUMB = 32  # pixels; 3 KiB of each picture stay in memory
# Decoded at no less: a JPEG at an eighth of its size, mostly, in a few
# milliseconds, and each pixel of the thumbnail is the mean of some.
AT_LEAST = 2 * THUMB
MOST_IDS = 1024  # different numbers of a map that are kept


@dataclasses.dataclass(frozen=True, slots=True)
class Look:
    """What is known of a file.

    Attributes:
        path: of the file.
        reason: why it cannot be read; "" if it can.
        header: a `Header`; None of maps and of what cannot be read.
        height: in pixels, upright; 0 if it cannot be read.
        width: as `height`.
        format: "JPEG" and so on; of maps by the suffix.
        bytes: of the file.
        digest: of its pixels; equal ones have equal pictures.
        thumb: uint8 array (THUMB, THUMB, 3), the whole picture stretched.
        ids: of a map: number -> how many pixels have it; else None.
    """

    path: pathlib.Path
    reason: str = ""
    header: Header | None = None
    height: int = 0
    width: int = 0
    format: str = ""
    bytes: int = 0
    digest: bytes = b""
    thumb: np.ndarray | None = None
    ids: dict | None = None

    @property
    def short(self):
        """The shorter side, in pixels."""
        return min(self.height, self.width)


def look(path):
    """Looks at a picture, a `Look`; never raises for what is in the file."""
    try:
        header, pixels = read_with_header(path, AT_LEAST)
    except ImageError as error:
        return Look(path, error.reason)
    size = f"{header.height} {header.width}".encode()
    digest = hashlib.blake2b(pixels.tobytes() + size, digest_size=12)
    return Look(
        path,
        header=header,
        height=header.height,
        width=header.width,
        format=header.format,
        bytes=os.path.getsize(path),
        digest=digest.digest(),
        thumb=thumbnail(pixels),
    )


def look_at_map(path):
    """Looks at a file of numbers, as `read_map` takes it; a `Look`."""
    try:
        values = read_map(path)
    except ImageError as error:
        return Look(path, error.reason)
    ids, counts = np.unique(values, return_counts=True)
    return Look(
        path,
        height=values.shape[0],
        width=values.shape[1],
        format=SUFFIXES.get(pathlib.Path(path).suffix.lower(), ""),
        bytes=os.path.getsize(path),
        ids=dict(zip(ids[:MOST_IDS].tolist(), counts[:MOST_IDS].tolist())),
    )


def thumbnail(pixels):
    """The whole picture as a small square: uint8 (THUMB, THUMB, 3)."""
    small = Image.fromarray(pixels).resize(
        (THUMB, THUMB), Image.Resampling.BOX, reducing_gap=2.0
    )
    return np.asarray(small)


def look_at_all(pictures, maps, seconds=None):
    """Looks at files from several threads: decoders leave Python alone.

    Args:
        pictures: list of paths.
        maps: list of paths of maps.
        seconds: after which no further file is begun; None for never.

    Returns:
        ({path: `Look`}, the warnings of the reader as texts)
    """
    ending = None if seconds is None else time.monotonic() + seconds
    tasks = [(look, path) for path in pictures]
    tasks += [(look_at_map, path) for path in maps]

    def run(row):
        if ending is not None and time.monotonic() > ending:
            return None
        function, path = tasks[row]
        return function(path)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        looks = list(run_rows(run, len(tasks), "Looking at the files"))
    return (
        {seen.path: seen for seen in looks if seen is not None},
        [str(warning.message) for warning in caught],
    )
