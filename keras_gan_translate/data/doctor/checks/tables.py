"""Rows without images, images without rows, attributes that say nothing."""

import collections

import numpy as np

from keras_gan_translate.data import tables
from keras_gan_translate.data.doctor.finding import Finding, check, many
from keras_gan_translate.data.images import list_images
from keras_gan_translate.support.messages import shorten

RARE = 0.01  # of the images, or
FEWEST = 10  # images that an attribute holds of, or does not


@check
def rows(material):
    """What the table names and is not there, and the other way round."""
    if material.quick or material.kind is None or material.error:
        return
    if not material.kind.name.startswith("attribute"):
        return
    source = material.source[0]
    # Splits may have tables of their own.
    for place in tables.splits_with_tables(source).values() or (source,):
        if found := tables.find_table(place):
            yield from _rows(tables.read_table(found[0]), found[1])


def _rows(table, folder):
    files = tables.locate(table, folder)
    lost = [name for row, name in enumerate(table.images) if row not in files]
    if lost:
        yield Finding(
            "rows_without_images",
            "watch",
            f"{many(len(lost), 'row')} of {table.path.name} without an image: "
            f"{shorten(lost, 3)}.",
            len(lost),
            advice="They are left out. Fetch the images, or look whether the "
            "names in the table are those of the files.",
        )
    listed = set(files.values())
    spare = [path for path in list_images(folder) if path not in listed]
    if spare:
        yield Finding(
            "images_without_rows",
            "watch",
            f"{many(len(spare), 'image')} without a row in {table.path.name}: "
            f"{shorten([path.name for path in spare], 3)}.",
            len(spare),
            tuple(spare),
            advice="They are not read. Add rows, or set them aside.",
            command="aside",
        )
    counts = collections.Counter(files.values())
    twice = [path for path, count in counts.items() if count > 1]
    if twice:
        yield Finding(
            "rows_repeated",
            "watch",
            f"{many(len(twice), 'image')} with several rows in "
            f"{table.path.name}, of which the last counts: "
            f"{shorten([path.name for path in twice], 3)}.",
            len(twice),
            tuple(twice),
            advice="Keep one row for each image.",
        )


@check
def attributes(material):
    """Attributes that hardly any image has, or hardly any has not."""
    found = material.splits.get(material.first)
    if found is None or "values" not in found.facts:
        return
    names = found.facts["attributes"]
    values = np.stack(list(found.facts["values"].values()))
    held = values.sum(axis=0)
    rare = np.minimum(held, len(values) - held)
    few = rare < max(FEWEST, RARE * len(values))
    if few.any() and len(values) >= 2 * FEWEST:
        words = [
            f"{names[i]} holds of {held[i]:.0f} of {len(values)}"
            for i in np.flatnonzero(few)
        ]
        chosen = [name for name, rarely in zip(names, few) if not rarely]
        yield Finding(
            "rare_attributes",
            "watch",
            f"{many(len(words), 'attribute')} too rare to be learned: "
            f"{shorten(words, 3)}.",
            len(words),
            advice="A network that is told of them learns to pass over them. "
            "Add such images, or train with the others: --attributes "
            f"{' '.join(chosen) or '...'}.",
        )
