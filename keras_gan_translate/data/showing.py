"""Pictures of batches, as networks see them."""

from __future__ import annotations

import numpy as np

from keras_gan_translate.fields import Field, Image, LabelMap, Mask
from keras_gan_translate.support.notebook import Shown
from keras_gan_translate.support.pictures import draw_caption, draw_grid

ROWS, PAIRS = 4, 4  # of a picture of a data set
MOST_CLASSES = 64  # of a map that is taken for one of labels


def cells_of(field: Field, values: np.ndarray) -> list:
    """The cells of a batch's entry: pictures or words, none if unseen."""
    if not field.fits(values.shape):
        return []
    cells = [field.draw(value) for value in field.raw(values)]
    return [] if cells and cells[0] is None else cells


def draw_cells(cells: dict[str, list], count: int) -> np.ndarray:
    """Draws the entries of some examples side by side.

    Args:
        cells: name of the entry -> pictures or words, one for each example.
        count: number of examples, from the first.

    Returns:
        uint8 array (H, W, 3).
    """
    height, width = max(
        cell.shape[:2]
        for drawn in cells.values()
        for cell in drawn
        if not isinstance(cell, str)
    )
    columns = [
        (
            # Domains have letters, other entries a name.
            key.upper() if len(key) == 1 else key,
            [
                draw_caption(cell, height, width)
                if isinstance(cell, str)
                else cell
                for cell in cells[key][first : first + ROWS]
            ],
        )
        for first in range(0, min(ROWS * PAIRS, count), ROWS)
        for key in cells
    ]
    return draw_grid(columns)


def shown_batch(batch: dict, *lines: str) -> Shown:
    """A batch for a notebook; what its entries are is seen from them.

    Args:
        batch: dict by name, or tuple of "a" and "b".
        *lines: texts that stand above.
    """
    if not isinstance(batch, dict):
        parts = [part for part in batch if part is not None]
        batch = (
            parts[0] if isinstance(parts[0], dict) else dict(zip("ab", parts))
        )
    cells = {}
    for name, values in batch.items():
        found = _cells_unasked(name, np.asarray(values))
        if found:
            cells[name] = found
    if all(isinstance(cell, str) for drawn in cells.values() for cell in drawn):
        return Shown(None, *lines, "There are no pictures in it.")
    return Shown(draw_cells(cells, min(map(len, cells.values()))), *lines)


def _cells_unasked(name, values):
    """The cells of an entry whose kind nobody told."""
    if values.ndim == 1 and values.dtype.kind in "iu":
        return [str(value) for value in values]  # classes without names
    if values.ndim != 4 or values.shape[-1] not in (1, 3):
        return []
    field = Image(channels=values.shape[-1])
    if name == "mask":
        field = Mask()
    elif values.shape[-1] == 1 and values.dtype.kind in "iu":
        classes = range(int(values.max()) + 1)
        if len(classes) <= MOST_CLASSES:
            field = LabelMap(classes=tuple(map(str, classes)))
    return cells_of(field, values)
