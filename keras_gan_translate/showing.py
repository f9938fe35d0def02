"""Looking at things in a notebook."""

from __future__ import annotations

import logging
import math
import os
import pathlib
import typing
from collections.abc import Sequence

import numpy as np
import PIL.Image

from keras_gan_translate.callbacks import sample_grid
from keras_gan_translate.data import list_images, read_image
from keras_gan_translate.data.datasets import show_source
from keras_gan_translate.data.showing import shown_batch
from keras_gan_translate.engine.batches import source_of
from keras_gan_translate.gan import GAN
from keras_gan_translate.runs.run import CONFIG, Run
from keras_gan_translate.support.notebook import Shown
from keras_gan_translate.support.pictures import draw_grid

MOST = 24  # pictures of a grid; further ones are counted
ROWS = 8  # of pictures side by side
SIDE = 512  # pixels; larger pictures are reduced to be shown

logger = logging.getLogger("keras_gan_translate")


def show(
    *what: typing.Any,
    titles: Sequence[str] = (),
    columns: int | None = None,
    value_range: tuple[float, float] = (-1.0, 1.0),
) -> Shown:
    """Shows pictures, translations, a data set or a run in a notebook.

    As the last line of a cell, what it returns is drawn there; elsewhere
    `.save("grid.png")` writes it. Pictures are arrays (H, W), (H, W, 1) or
    (H, W, 3), uint8 or floats, several of them as (N, H, W, channels) or a
    list of any sizes, or the path of a file or a folder of them. Large ones
    are reduced.

    Args:
        *what: one of
            pictures, in a grid;
            several of them, side by side: row by row a photo and what a model
            made of it;
            a model and pictures: all that it makes of them, as `SampleGrid`
            draws it; for models of two domains, those of both;
            a data set, or one of its batches;
            the path of a run folder, or a `Run`: its newest samples, and what
            they tell.
        titles: of what stands side by side.
        columns: of a grid; None makes it as wide as high.
        value_range: what floats call black and white. The library's are in
            [-1, 1]; for [0, 1] say (0, 1).

    Returns:
        `Shown`, with `save(path)` and `picture`, a uint8 array.

    Raises:
        ValueError: it is nothing that can be shown; says what came.

    Example:
        kgt.show(photos, model.translate(photos), titles=("photo", "anime"))
        kgt.show(dataset)
        kgt.show("runs/anime")
    """
    if not what:
        raise ValueError("There is nothing to show: give a picture, or a run.")
    first, *others = what
    if isinstance(first, GAN):
        examples = [_pictures(x, value_range) for x in others]
        if not examples:
            raise ValueError(
                f"{type(first).__name__} needs pictures to show what it makes "
                "of them: kgt.show(model, photos)."
            )
        return Shown(sample_grid(first, *map(np.stack, examples[:2])))
    if not others:
        shown = _show_whole(first)
        if shown is not None:
            return shown
        return _grid(_pictures(first, value_range), columns)
    return _side_by_side([_pictures(x, value_range) for x in what], titles)


def _show_whole(thing):
    """What is no picture; None if it may be some."""
    if isinstance(thing, Shown):
        return thing
    if isinstance(thing, Run):
        return thing.shown()
    if isinstance(thing, (str, os.PathLike)):
        path = pathlib.Path(thing)
        if (path / CONFIG).exists():
            return Run(path).shown()
        if not path.exists():
            raise ValueError(f"There is no file or folder '{path}'.")
        return None
    if isinstance(thing, dict):
        return shown_batch(thing)
    source = source_of(thing)
    if source is not None:
        return show_source(source, getattr(thing, "kgt_summary", ""))
    if _is_batch(thing):
        return shown_batch(thing)
    if hasattr(thing, "element_spec"):  # a tf.data.Dataset
        return shown_batch(next(iter(thing.take(1))))
    return None


def _is_batch(thing):
    """Whether it is a tuple of arrays with the batch first."""
    return isinstance(thing, tuple) and all(np.ndim(x) == 4 for x in thing)


def _pictures(value, value_range):
    """A list of uint8 RGB arrays."""
    if isinstance(value, (str, os.PathLike)):
        path = pathlib.Path(value)
        paths = list_images(path)[:MOST] if path.is_dir() else [path]
        if not paths:
            raise ValueError(f"There are no pictures in '{path}'.")
        return [read_image(path) for path in paths]
    if isinstance(value, (list, tuple)):
        found = [_pictures(one, value_range) for one in value]
        if not found:
            raise ValueError("There are no pictures in an empty list.")
        return [picture for pictures in found for picture in pictures]
    array = np.asarray(value)
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim == 3:
        array = array[None]
    if array.ndim != 4 or array.shape[-1] not in (1, 3) or not array.size:
        raise ValueError(
            "Pictures are arrays (height, width, 3), or (count, height, "
            f"width, 3), or with one channel. Received: {_described(value)}."
        )
    array = _levels(array, value_range)
    return list(np.broadcast_to(array, (*array.shape[:3], 3)))


def _levels(array, value_range):
    """uint8 of whatever pixels are."""
    if array.dtype == np.uint8:
        return array
    if array.dtype == bool:
        return array * np.uint8(255)
    array = array.astype("float32")
    low, high = float(array.min()), float(array.max())
    black, white = value_range
    slack = 0.001 * (white - black)
    if not (black - slack <= low and high <= white + slack):
        raise ValueError(
            f"Pictures of numbers in [{low:g}, {high:g}] are none in "
            f"[{black:g}, {white:g}]: say value_range=(black, white), or "
            '`.astype("uint8")` for levels of 255.'
        )
    if value_range == (-1.0, 1.0) and 0 <= low < high:
        logger.warning(
            "All values are in [%g, %g] and shown as of [-1, 1]: if 0 is "
            "black, say value_range=(0, 1).",
            low,
            high,
        )
    levels = 255 * (array - black) / (white - black)
    return np.clip(np.rint(levels), 0, 255).astype("uint8")


def _grid(pictures, columns):
    count = len(pictures)
    cells = _fitted(pictures[:MOST])
    columns = columns or math.ceil(math.sqrt(len(cells)))
    if columns < 1:
        raise ValueError(f"A grid has 1 column or more, received {columns}.")
    line = [f"{len(cells)} of {count} pictures"] * (count > len(cells))
    if len(cells) == 1:
        return Shown(cells[0])
    titled = [("", cells[i::columns]) for i in range(min(columns, len(cells)))]
    return Shown(draw_grid(titled), *line)


def _side_by_side(groups, titles):
    counts = sorted({len(group) for group in groups})
    if len(counts) > 1:
        raise ValueError(
            "What stands side by side has as many pictures each. Received: "
            f"{counts}."
        )
    if titles and len(titles) != len(groups):
        raise ValueError(
            f"{len(groups)} columns have {len(groups)} titles. Received: "
            f"{len(titles)}."
        )
    cells = _fitted([x for group in groups for x in group[:ROWS]])
    rows = min(ROWS, counts[0])
    titled = [
        (title, cells[i * rows : (i + 1) * rows])
        for i, title in enumerate(titles or [""] * len(groups))
    ]
    line = [f"{rows} of {counts[0]} rows"] * (counts[0] > rows)
    return Shown(draw_grid(titled), *line)


def _fitted(pictures):
    """The pictures no larger than `SIDE`, on white where sizes differ."""
    found = []
    for pixels in pictures:
        if max(pixels.shape[:2]) > SIDE:
            image = PIL.Image.fromarray(np.ascontiguousarray(pixels))
            image.thumbnail((SIDE, SIDE), PIL.Image.Resampling.LANCZOS)
            pixels = np.asarray(image)
        found.append(pixels)
    height = max(x.shape[0] for x in found)
    width = max(x.shape[1] for x in found)
    cells = []
    for pixels in found:
        h, w = pixels.shape[:2]
        # A small one is repeated by a whole factor, as grids do.
        if (h, w) != (height, width) and not (
            width % w == 0 and h * width == w * height
        ):
            cell = np.full((height, width, 3), 255, "uint8")
            top, left = (height - h) // 2, (width - w) // 2
            cell[top : top + h, left : left + w] = pixels
            pixels = cell
        cells.append(pixels)
    return cells


def _described(value):
    array = np.asarray(value)
    if array.dtype == object:
        return type(value).__name__
    return f"{array.dtype} of shape {array.shape}"
