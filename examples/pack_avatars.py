"""Makes the avatars inside the package from the designers' portraits.

python examples/pack_avatars.py FOLDER

FOLDER holds a folder for each style: portraits of 128 pixels as PNG, and
attributes.csv with one row for each. 300 of each style are kept, at 96 pixels
and without loss.
"""

import argparse
import csv
import pathlib

import numpy as np
from PIL import Image

from keras_gan_translate.data.drawn.avatars import (
    COUNT,
    SHEETS,
    SIZE,
    STYLES,
    normalise,
    resize,
)

COLUMNS = 20  # pictures in one row of a sheet
# Of each of these so many at least, or all there are: in 300 portraits in
# their order pixel-art would have 12 beards.
AT_LEAST, RARE = 45, ("glasses", "beard", "hat")
# They say nothing about the picture, whose background is white.
LEFT_OUT = ("backgroundRotation", "backgroundType", "mask")
LEFT_OUT += ("primaryBackgroundColor", "secondaryBackgroundColor")


def choose(style, rows):
    """The rows that are kept, in their order."""
    kept = set()
    for name in RARE:
        having = [
            i for i, row in enumerate(rows) if normalise(style, row)[name]
        ]
        kept.update(having[:AT_LEAST])
    kept.update(
        [i for i in range(len(rows)) if i not in kept][: COUNT - len(kept)]
    )
    return [rows[i] for i in sorted(kept)]


def pack(folder, style):
    """Writes the sheet and the table of one style."""
    with open(folder / style / "attributes.csv", newline="") as file:
        rows = choose(style, list(csv.DictReader(file)))
    pictures = [
        resize(style, read(folder / style / row["file"]), SIZE) for row in rows
    ]
    if len({picture.tobytes() for picture in pictures}) < COUNT:
        raise SystemExit(f"{style}: two of the chosen portraits are equal.")
    sheet = np.stack(pictures).reshape(-1, COLUMNS, SIZE, SIZE, 3)
    sheet = sheet.swapaxes(1, 2).reshape(-1, COLUMNS * SIZE, 3)
    Image.fromarray(sheet).save(
        SHEETS / f"{style}.webp", lossless=True, quality=100, method=6
    )
    names = [name for name in rows[0] if name not in LEFT_OUT]
    with open(SHEETS / f"{style}.csv", "w", newline="") as file:
        writer = csv.DictWriter(
            file, names, extrasaction="ignore", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


def read(path):
    """uint8 array of shape (height, width, 3)."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    SHEETS.mkdir(exist_ok=True)
    for style in STYLES:
        pack(folder, style)
    size = sum(path.stat().st_size for path in SHEETS.iterdir())
    print(f"{COUNT} portraits of {len(STYLES)} styles: {size:,} bytes")
