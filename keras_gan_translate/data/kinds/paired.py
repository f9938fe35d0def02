"""Pairs of images: each has its translation."""

import re

from keras_gan_translate.data.directions import (
    DRAWINGS,
    PICTURES,
    belong_together,
)
from keras_gan_translate.data.drawn.synthetic import synthetic_faces
from keras_gan_translate.data.drawn.worlds import draw_garments
from keras_gan_translate.data.images import ImageError, read_size
from keras_gan_translate.data.kinds.kind import DataKind, Found, Option
from keras_gan_translate.data.kinds.unpaired import DOMAINS
from keras_gan_translate.data.layouts import (
    class_of,
    labels,
    pair_up,
    refuse,
    side_by_side,
    two_domains,
)
from keras_gan_translate.data.pair_lists import find_pairs
from keras_gan_translate.data.store import decode_images
from keras_gan_translate.support.messages import flag

# Of so many pairs the sizes are compared; of so many different sizes, that
# agree in each pair, none is by chance.
SCANNED, SIZES = 16, 4


class Paired(DataKind):
    """Batches of "a" and "b", which share order, crop and flip."""

    name = "paired"
    about = "pairs of images, of which one is translated into the other"
    layouts = (
        "images side by side in train/, trainA/ + trainB/ (or train_A/ + "
        "train_B/) with equal file names, A/train/ + B/train/, or two folders "
        "A/ + B/ (before/ + after/, lq/ + gt/ and so on) with equal file "
        "names; or a list of two columns that name files: metadata.csv, "
        ".jsonl or .parquet as the Hugging Face Hub has them, or any CSV, TSV "
        "or text file"
    )
    options = {
        "domains": DOMAINS,
        "direction": Option(
            "Which half is translated into which.", ("ab", "ba")
        ),
    }
    defaults = {"direction": "ab"}
    aligned = True
    words = (*DataKind.words, (DRAWINGS, PICTURES))
    worlds = {"faces": ("photo", "toon"), "garments": ()}
    num_styles = (2, 2)

    def find_files(self, folders, split, domains=None, direction=None):
        listed, two = None, None
        if len(folders) == 1:
            listed = find_pairs(folders[0], split, self.words, domains)
        if listed is None:
            two = two_domains(folders, self, split, domains)
        if listed is not None:
            found = self._listed(listed)
        elif two is None:
            found = self._halves(folders[0], split)
        else:
            found = self._by_name(*two, sure=len(folders) > 1 or domains)
        files, facts, summary, where = found
        if direction is not None:
            summary += f"; direction {direction}"
        return Found(files, facts, summary, where)

    def find_drawn(self, drawing, direction=None):
        count = drawing.count
        if drawing.world == "garments":
            return {}, f"A {count} persons, B {count} garments that they wear"
        return {}, f"A {count} images, B {count} images{drawing.note}"

    def read(self, found, reading):
        halves = found.facts["halves"]
        store = decode_images(
            list(zip(*found.files.values())),
            reading.load,
            reading.how,
            halves,
            found.where["a"],
        )
        a, b = store.images[:, 0], store.images[:, 1]
        return _directed(a, b, **found.options), store.skipped

    def drawn(self, drawing, size, seed, direction=None):
        if drawing.world == "garments":
            persons = draw_garments(drawing, size, seed)
            return _directed(persons["image"], persons["garment"], direction)
        faces = synthetic_faces(
            drawing.count, size[0], seed, drawing.first, drawing.styles
        )
        return _directed(*faces, direction)

    def _listed(self, pairs):
        a, b = pairs.names
        summary = (
            f"paired by {pairs.path.name}: {len(pairs.a)} pairs, A is {a}, B "
            f"is {b}{pairs.note}"
        )
        where = {"a": f"'{pairs.path}'", "b": f"'{pairs.path}'"}
        return {"a": pairs.a, "b": pairs.b}, {"halves": False}, summary, where

    def _halves(self, folder, split):
        found = side_by_side(folder, self, split)
        if found is None:
            refuse(folder, self)
        files, where, note = found
        summary = (
            f"paired side by side: {where.name} {len(files)} images, A is the "
            f"left half{note}"
        )
        return {"a": files}, {"halves": True}, summary, {"a": f"'{where}'"}

    def _by_name(self, folder_a, folder_b, note, sure):
        a, b, common, counts = pair_up(folder_a, folder_b)
        if not sure:
            _check_names(folder_a, folder_b, common, list(zip(a, b)))
        label_a, label_b = labels(folder_a, folder_b)
        summary = (
            f"paired by name: {len(common)} pairs from {label_a} {counts[0]} "
            f"images, {label_b} {counts[1]} images{note}"
        )
        where = {"a": f"'{folder_a}'", "b": f"'{folder_b}'"}
        return {"a": a, "b": b}, {"halves": False}, summary, where


def _directed(a, b, direction=None, domains=None):
    return {"a": b, "b": a} if direction == "ba" else {"a": a, "b": b}


def _check_names(folder_a, folder_b, common, pairs):
    """Raises a ValueError where equal names alone make no pairs.

    female/0.jpg and male/0.jpg are two persons. Names that are more than
    running numbers make pairs; else the folders' names have to, or sizes that
    differ from pair to pair and agree within each.
    """
    names = [class_of(folder) for folder in (folder_a, folder_b)]
    running = {re.sub(r"\d+", "#", stem) for stem in common}
    if (
        len(running) > 1
        or not all(re.search(r"\d", stem) for stem in common)
        or belong_together(names)
        or _sizes_agree(pairs)
    ):
        return
    raise ValueError(
        f"'{names[0]}' and '{names[1]}' are folders of classes whose files "
        f"have the same running numbers ({common[0]} and so on), which alone "
        f"makes no pairs: if {common[0]} shows the same in both, say so with "
        f"{flag('domains', names)}; if not, models of unpaired data or of "
        "domains read this folder."
    )


def _sizes_agree(pairs):
    """Whether pictures of many sizes are in each pair of one size."""
    sizes = []
    for pair in pairs[:SCANNED]:
        try:
            one, other = map(read_size, pair)
        except ImageError:  # named when everything is decoded
            continue
        if one != other:
            return False
        sizes.append(one)
    return len(set(sizes)) >= SIZES
