"""Decodes a list of image files once, before training, into one array."""

import concurrent.futures
import dataclasses
import math
import os
import shutil
import sys
import tempfile
import warnings

import numpy as np

from keras_gan_translate.data.images import (
    ImageError,
    read_image,
    resize_image,
)
from keras_gan_translate.messages import shorten

MEMORY_LIMIT = 2 * 2**30  # bytes; larger arrays lie in a temporary file
PROGRESS_FROM = 200  # files


@dataclasses.dataclass(frozen=True)
class ImageStore:
    """Decoded images.

    Attributes:
        images: uint8 array of shape (count, views, height, width, 3); one
            view, or two for pairs.
        files: Tuples of the files each entry was read from.
        skipped: Dict of the files that cannot be read, path -> reason.
    """

    images: np.ndarray
    files: list
    skipped: dict


def decode_images(files, size, how="cover", halves=False, where=""):
    """Reads and resizes image files; skips the damaged ones with one warning.

    Up to 2 GiB are held in memory; what is larger lies in a file that has no
    name (set TMPDIR to choose its disk) and vanishes with the process.

    Args:
        files: List of tuples of paths, whose images become the views of one
            entry. If one of them cannot be read, the entry is skipped.
        size: Pixels, one number or (height, width); see `resize_image`.
        how: See `resize_image`.
        halves: Each file holds two images side by side: the two views.
        where: Words for the errors that say where the files come from.

    Returns:
        An `ImageStore`.

    Raises:
        ValueError: No file can be read.
        OSError: The temporary disk is too small.
    """
    height, width = (size, size) if np.ndim(size) == 0 else size
    views = 2 if halves else len(files[0]) if files else 1
    images = allocate((len(files), views, height, width, 3))
    # A JPEG is decoded at no less than twice the size: Lanczos needs it.
    at_least = max(height, width) * (4 if halves else 2)

    def read(row):
        try:
            pictures = [read_image(path, at_least) for path in files[row]]
            if halves:
                pictures = _split(files[row][0], pictures[0])
        except ImageError as error:
            return error
        for view, picture in enumerate(pictures):
            images[row, view] = resize_image(picture, (height, width), how)
        return None

    workers = min(8, os.cpu_count() or 1)
    pool = concurrent.futures.ThreadPoolExecutor(workers)
    try:
        errors = list(_progress(pool.map(read, range(len(files))), len(files)))
    finally:
        pool.shutdown(cancel_futures=True)
    skipped = {error.path: error.reason for error in errors if error}
    good = [row for row, error in enumerate(errors) if error is None]
    if not good:
        raise ValueError(
            f"No usable image in {where or 'the list of files'}: "
            f"{len(files)} files, {_reasons(skipped)}."
        )
    if skipped:
        warnings.warn(
            f"{len(skipped)} of {len(files)} files cannot be read and are "
            f"skipped: {_reasons(skipped)}.",
            stacklevel=2,
        )
    for target, row in enumerate(good):  # in place: it may be large
        if target != row:
            images[target] = images[row]
    return ImageStore(
        images[: len(good)], [files[row] for row in good], skipped
    )


def allocate(shape):
    """A uint8 array in memory, or in a nameless file if it is large.

    Raises:
        OSError: The disk is too small; says how much is needed and where.
    """
    needed = math.prod(shape)
    if needed <= MEMORY_LIMIT:
        return np.empty(shape, "uint8")
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    # Writing to a map of a full disk would kill the process without a word.
    if free < needed:
        raise OSError(
            f"The decoded images need {needed / 2**30:.1f} GiB, and '{folder}' "
            f"has {free / 2**30:.1f} GiB free. Set TMPDIR to a larger disk, or "
            "choose a smaller image size."
        )
    with tempfile.TemporaryFile(prefix="keras-gan-translate-") as file:
        return np.memmap(file, "uint8", "w+", shape=shape)


def _split(path, picture):
    half = picture.shape[1] // 2
    if half == 0:
        raise ImageError(path, "it is one pixel wide; a pair has two halves")
    return picture[:, :half], picture[:, -half:]


def _progress(results, total):
    """The results, with a bar on a terminal if there are many."""
    if total <= PROGRESS_FROM or not sys.stderr.isatty():
        return results
    import rich.console
    import rich.progress

    return rich.progress.track(
        results,
        description="Reading images",
        total=total,
        console=rich.console.Console(stderr=True),
        transient=True,
    )


def _reasons(skipped):
    return shorten([f"'{path}' ({why})" for path, why in skipped.items()])
