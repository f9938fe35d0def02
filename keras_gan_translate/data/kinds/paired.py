"""Pairs of images: each has its translation."""

from keras_gan_translate.data.drawn.synthetic import synthetic_faces
from keras_gan_translate.data.drawn.worlds import draw_garments
from keras_gan_translate.data.folders import SPLITS
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
from keras_gan_translate.data.store import decode_images


class Paired(DataKind):
    """Batches of "a" and "b", which share order, crop and flip."""

    name = "paired"
    about = "pairs of images, of which one is translated into the other"
    layouts = (
        "images side by side in train/, trainA/ + trainB/ (or train_A/ + "
        "train_B/) with equal file names, A/train/ + B/train/, or two folders "
        "A/ + B/ with equal file names"
    )
    options = {
        "domains": DOMAINS,
        "direction": Option(
            "Which half is translated into which.", ("ab", "ba")
        ),
    }
    defaults = {"direction": "ab"}
    aligned = True
    worlds = {"faces": ("photo", "toon"), "garments": ()}
    num_styles = (2, 2)

    def find_files(self, folders, split, domains=None, direction=None):
        two = two_domains(folders, self, split, domains)
        if two is None:
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
            _check_names(folder_a, folder_b, common)
        label_a, label_b = labels(folder_a, folder_b)
        summary = (
            f"paired by name: {len(common)} pairs from {label_a} {counts[0]} "
            f"images, {label_b} {counts[1]} images{note}"
        )
        where = {"a": f"'{folder_a}'", "b": f"'{folder_b}'"}
        return {"a": a, "b": b}, {"halves": False}, summary, where


def _directed(a, b, direction=None, domains=None):
    return {"a": b, "b": a} if direction == "ba" else {"a": a, "b": b}


def _check_names(folder_a, folder_b, common):
    """Raises a ValueError where equal running numbers make no pairs."""
    names = [class_of(folder) for folder in (folder_a, folder_b)]
    meant = {name.lower() for name in names} == {"a", "b"} or any(
        folder.name.lower().startswith(tuple(SPLITS)) and name == folder.name
        for folder, name in zip((folder_a, folder_b), names)
    )
    if meant or not all(stem.isdecimal() for stem in common):
        return
    raise ValueError(
        f"'{names[0]}' and '{names[1]}' are folders of classes whose files "
        f"have the same running numbers ({common[0]} and so on), which alone "
        f"makes no pairs: if {common[0]} shows the same in both, say so with "
        f"domains={names}; if not, models of unpaired data or of domains read "
        "this folder."
    )
