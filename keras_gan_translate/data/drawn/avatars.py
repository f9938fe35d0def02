"""Avatars by designers: portraits in four styles inside the package.

Lorelei is by Lisa Wischofsky, Notionists by Zoish, Open Peeps by Pablo
Stanley, Pixel Art by DiceBear; all are CC0 1.0, see
avatar_sheets/PROVENANCE.md.
"""

import csv
import functools
import pathlib

import numpy as np
from PIL import Image

from keras_gan_translate.support.messages import check_choice

STYLES = ("lorelei", "notionists", "open-peeps", "pixel-art")
SHEETS = pathlib.Path(__file__).parent / "avatar_sheets"
SIZE, COUNT = 96, 300  # pixels; portraits of each style
# What of ten portraits in a row belongs to which split.
SPLITS = {"train": range(8), "val": (8,), "test": (9,)}
HATS = ("hatBeanie", "hatHip")
SMILES = (
    "cheeky",
    "cute",
    "eatingHappy",
    "lovingGrin1",
    "lovingGrin2",
    "smile",
    "smileBig",
    "smileLOL",
    "smileTeethGap",
)


def avatars(style, count=None, split="train", image_size=SIZE):
    """Portraits by a designer and what they show.

    Args:
        style: 'lorelei' and 'notionists' are black on white, 'open-peeps' and
            'pixel-art' in colour.
        count: Number of portraits, the first of their split; None: all of
            them, 240, 30 and 30.
        split: 'train', 'val' or 'test'; no portrait is in two of them.
        image_size: Height and width in pixels; the portraits are stored at 96.

    Returns:
        (images, attributes): uint8 array of shape (count, image_size,
        image_size, 3), and for each image a dict. `glasses`, `beard` (any
        hair in the face), `hat` and `smile` are True, False, or None where
        the style does not tell; `variants` is the dict of what the designer's
        own parts are called, `""` for absent ones.

    Raises:
        ValueError: `style` or `split` is unknown, or there are fewer
            portraits than `count`.

    Example:
        >>> images, attributes = avatars("open-peeps", 16, split="test")
        >>> attributes[0]["glasses"], attributes[0]["variants"]["face"]
    """
    check_choice("style", style, STYLES)
    check_choice("split", split, tuple(SPLITS))
    rows = [i for i in range(COUNT) if i % 10 in SPLITS[split]]
    if count is not None and not 1 <= count <= len(rows):
        raise ValueError(
            f"The {split} split of '{style}' has {len(rows)} portraits, "
            f"received count={count}."
        )
    if image_size < 1:
        raise ValueError(
            f"image_size must be at least 1, received {image_size}."
        )
    rows = rows[:count]
    pictures, table = _read(style)
    images = [resize(style, pictures[i], image_size) for i in rows]
    attributes = [
        normalise(style, table[i]) | {"variants": dict(table[i])} for i in rows
    ]
    return np.stack(images), attributes


def avatar_labels(attributes, names=("glasses", "beard")):
    """A table of attributes, as a model of several domains wants it.

    Args:
        attributes: What `avatars` returned.
        names: Which of 'glasses', 'beard', 'hat' and 'smile'.

    Returns:
        float32 array of shape (count, len(names)), each 0 or 1.

    Raises:
        ValueError: A name is unknown, or the style does not tell it.
    """
    for name in names:
        check_choice("attribute", name, ("glasses", "beard", "hat", "smile"))
        if any(row[name] is None for row in attributes):
            raise ValueError(
                f"This style of avatars does not tell {name!r}; leave it out."
            )
    table = [[row[name] for name in names] for row in attributes]
    return np.array(table, "float32").reshape(len(attributes), len(names))


def normalise(style, row):
    """The attributes that all styles share, of one row of a style's table."""
    if style == "open-peeps":
        return {
            "glasses": "glasses" in row["accessories"],
            "beard": bool(row["facialHair"]),
            "hat": row["head"] in HATS,
            "smile": row["face"] in SMILES,
        }
    shared = {"glasses": bool(row["glasses"]), "beard": bool(row["beard"])}
    if style == "notionists":
        return shared | {"hat": row["hair"] == "hat", "smile": None}
    return shared | {
        "hat": bool(row["hat"]) if style == "pixel-art" else False,
        "smile": row["mouth"].startswith("happy"),
    }


def resize(style, image, size):
    """A square portrait at another size.

    Args:
        style: One of `STYLES`.
        image: uint8 array of shape (height, height, 3).
        size: Height and width in pixels.
    """
    if len(image) == size:
        return np.array(image)
    # Pixel art is drawn on a grid of 16 by 16, which must stay sharp.
    grid = style == "pixel-art" and size % 16 == 0
    method = Image.Resampling.NEAREST if grid else Image.Resampling.LANCZOS
    return np.array(Image.fromarray(image).resize((size, size), method))


@functools.lru_cache(len(STYLES))
def _read(style):
    """(pictures, rows of the table) of a style."""
    with Image.open(SHEETS / f"{style}.webp") as image:
        sheet = np.asarray(image.convert("RGB"))
    columns = sheet.shape[1] // SIZE
    sheet = sheet.reshape(-1, SIZE, columns, SIZE, 3).swapaxes(1, 2)
    with open(SHEETS / f"{style}.csv", newline="", encoding="utf-8") as file:
        return sheet.reshape(-1, SIZE, SIZE, 3), list(csv.DictReader(file))
