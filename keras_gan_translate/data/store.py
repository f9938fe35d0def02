"""Decodes image files once, before training, and keeps them as uint8."""

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
    read_size,
    resize_image,
)
from keras_gan_translate.support.messages import shorten

MEMORY_LIMIT = 2 * 2**30  # bytes; larger arrays lie in a temporary file
PROGRESS_FROM = 200  # files


@dataclasses.dataclass(frozen=True)
class ImageStore:
    """Decoded images.

    Attributes:
        images: uint8 array of shape (count, views, height, width, 3); one
            view, or two for pairs. Of `decode_photos` a list of arrays of
            shape (height, width, 3).
        files: Tuples of the files each entry was read from.
        skipped: Dict of the files that cannot be used, path -> reason.
    """

    images: np.ndarray | list
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

    good, skipped = _sort_out(run_rows(read, len(files)), files, where)
    for target, row in enumerate(good):  # in place: it may be large
        if target != row:
            images[target] = images[row]
    return ImageStore(
        images[: len(good)], [files[row] for row in good], skipped
    )


def decode_photos(files, at_least, where=""):
    """Reads photos of any size as they are; skips those that are no use.

    They lie in memory or on the disk as in `decode_images`. Photos smaller
    than the crops are skipped: enlarged, they would teach a network to blur.

    Args:
        files: List of paths.
        at_least: (height, width) in pixels of the crops.
        where: Words for the errors that say where the files come from.

    Returns:
        An `ImageStore`; its images are a list.

    Raises:
        ValueError: No file can be used.
        OSError: The temporary disk is too small.
    """
    sizes = list(run_rows(lambda row: _size(files[row]), len(files), "Sizes"))
    ends = np.cumsum([3 * height * width for height, width in sizes])
    pixels = allocate((int(ends[-1]) if files else 0,))

    def read(row):
        try:
            photo = read_image(files[row])
            if min(np.subtract(photo.shape[:2], at_least)) < 0:
                raise ImageError(
                    files[row],
                    f"{photo.shape[1]} x {photo.shape[0]} pixels are less than "
                    f"the crop's {at_least[1]} x {at_least[0]}",
                )
            place = pixels[ends[row] - photo.size : ends[row]]
            if photo.size != 3 * math.prod(sizes[row]):
                raise ImageError(files[row], "its header tells another size")
        except ImageError as error:
            return error
        place[:] = photo.ravel()
        return place.reshape(photo.shape)

    photos = list(run_rows(read, len(files)))
    good, skipped = _sort_out(photos, [(path,) for path in files], where)
    return ImageStore(
        [photos[row] for row in good], [(files[row],) for row in good], skipped
    )


def decode_entries(files, readers, where=""):
    """Reads files of several sorts that belong together, each by its reader.

    They lie in memory or on the disk as in `decode_images`.

    Args:
        files: Dict, key -> list of paths. If one of the files at a place
            cannot be read, all of them there are skipped.
        readers: Dict, key -> (function from a path to an array, its shape,
            its type).
        where: Words for the errors that say where the files come from.

    Returns:
        (dict, key -> array with an entry for each place, {path: why it is
        skipped})

    Raises:
        ValueError: No entry can be read.
        OSError: The temporary disk is too small.
    """
    places = [tuple(entry) for entry in zip(*files.values(), strict=True)]
    arrays = {
        key: allocate((len(places), *shape), dtype)
        for key, (_, shape, dtype) in readers.items()
    }

    def read(row):
        try:
            for key, path in zip(files, places[row]):
                arrays[key][row] = readers[key][0](path)
        except ImageError as error:
            return error
        return None

    good, skipped = _sort_out(run_rows(read, len(places)), places, where)
    for array in arrays.values():
        for target, row in enumerate(good):  # in place: it may be large
            if target != row:
                array[target] = array[row]
    return {k: array[: len(good)] for k, array in arrays.items()}, skipped


def map_images(function, images, description):
    """Applies a function to all images, in several threads.

    Args:
        function: From uint8 (height, width, 3) to the same.
        images: uint8 array of shape (count, height, width, 3).
        description: Stands beside the bar that shows the progress.

    Returns:
        uint8 array of the same shape, in memory or on the disk as in
        `decode_images`.
    """
    mapped = allocate(images.shape)

    def apply(row):
        mapped[row] = function(images[row])

    for _ in run_rows(apply, len(images), description):
        pass
    return mapped


def allocate(shape, dtype="uint8"):
    """An array in memory, or in a nameless file if it is large.

    Raises:
        OSError: The disk is too small; says how much is needed and where.
    """
    needed = math.prod(shape) * np.dtype(dtype).itemsize
    if needed <= MEMORY_LIMIT:
        return np.empty(shape, dtype)
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
        return np.memmap(file, dtype, "w+", shape=shape)


def _split(path, picture):
    half = picture.shape[1] // 2
    if half == 0:
        raise ImageError(path, "it is one pixel wide; a pair has two halves")
    return picture[:, :half], picture[:, -half:]


def _size(path):
    try:
        return read_size(path)
    except ImageError:  # reading it tells why
        return 0, 0


def run_rows(function, count, description="Reading images"):
    """What a function returns for every row, in order; from several threads."""
    pool = concurrent.futures.ThreadPoolExecutor(min(8, os.cpu_count() or 1))
    try:
        results = pool.map(function, range(count))
        yield from _progress(results, count, description)
    finally:
        pool.shutdown(cancel_futures=True)


def _progress(results, total, description):
    """The results, with a bar on a terminal if there are many."""
    if total <= PROGRESS_FROM or not sys.stderr.isatty():
        return results
    import rich.console
    import rich.progress

    return rich.progress.track(
        results,
        description=description,
        total=total,
        console=rich.console.Console(stderr=True),
        transient=True,
    )


def _sort_out(results, files, where):
    """(rows that were read, {path: reason} of the others); warns of these."""
    results = list(results)
    errors = [result for result in results if isinstance(result, ImageError)]
    skipped = {error.path: error.reason for error in errors}
    good = [
        row
        for row, result in enumerate(results)
        if not isinstance(result, ImageError)
    ]
    if not good:
        raise ValueError(
            f"No usable image in {where or 'the list of files'}: "
            f"{len(files)} files, {_reasons(skipped)}."
        )
    if skipped:
        warnings.warn(
            f"{len(skipped)} of {len(files)} files cannot be used and are "
            f"skipped: {_reasons(skipped)}.",
            stacklevel=3,
        )
    return good, skipped


def _reasons(skipped):
    return shorten([f"'{path}' ({why})" for path, why in skipped.items()])
