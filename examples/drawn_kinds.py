"""Draws a picture of every kind of data, from the drawn world.

python examples/drawn_kinds.py --out docs/kinds
"""

import argparse
import pathlib

import numpy as np

from keras_gan_translate import data
from keras_gan_translate.data.kinds import DataKind
from keras_gan_translate.fields import Instances, LabelMap
from keras_gan_translate.support.pictures import draw_grid

ROWS, GROUPS, ALONE = 2, 2, 6  # examples below, beside each other; pictures
FEW = 24  # examples of which the first are shown
WIDEST = 8  # columns
ATTRIBUTES = ("Smiling", "Eyeglasses")  # of many, so that they are seen


def pictures(key, values, facts):
    """The values of a key of a batch as pictures; None if they are none."""
    if values.ndim != 4:
        return None
    if key == "label_map":
        palette = facts["palette"] or ()
        field = LabelMap(classes=facts["classes"], palette=palette)
        return [field.draw(value) for value in values]
    if key == "instances":
        return [Instances().draw(value) for value in values]
    if values.dtype != np.uint8:
        values = data.to_uint8(values)
    return [np.broadcast_to(image, (*image.shape[:2], 3)) for image in values]


def captions(batch, facts, count):
    """What is told of each example beside its pictures."""
    if "domain" in batch:
        return [facts["domains"][number] for number in batch["domain"]]
    if "attributes" in batch:
        names = np.array(facts["attributes"])
        return [
            ", ".join(names[truth > 0]) or "neither"
            for truth in batch["attributes"]
        ]
    return [""] * count


def draw_kind(kind, side):
    """A picture of some examples, uint8 (H, W, 3)."""
    options = dict(kind.defaults)
    if "attributes" in kind.options:
        options["attributes"] = ATTRIBUTES
    found = kind.find(f"drawn:{FEW}", **options)
    reading = kind.reading(image_size=side, augment=False, shuffle=False)
    source, _, _ = kind.source(found, reading)
    batch = source.batch(0, range(ROWS * GROUPS + ALONE))
    shown = {
        key: images
        for key, values in batch.items()
        if (images := pictures(key, np.asarray(values), found.facts))
    }
    told = captions(batch, found.facts, len(next(iter(shown.values()))))
    if len(shown) == 1:
        ((key, images),) = shown.items()
        return draw_grid([(told[i] or key, [images[i]]) for i in range(ALONE)])
    groups = GROUPS if GROUPS * len(shown) <= WIDEST else 1
    return draw_grid(
        [
            (key, images[first : first + ROWS])
            for first in range(0, groups * ROWS, ROWS)
            for key, images in shown.items()
        ]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="kinds")
    parser.add_argument("--side", type=int, default=96)
    arguments = parser.parse_args()
    for kind in DataKind.kinds:
        path = pathlib.Path(arguments.out, f"{kind.name}.png")
        data.write_image(path, draw_kind(kind, arguments.side))
        print(path)
