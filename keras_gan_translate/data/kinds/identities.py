"""Photos with holes, each beside another of the same person or thing."""

import functools
import itertools
import os
import pathlib
import warnings

import numpy as np

from keras_gan_translate.data.drawn.face import draw_face, same_person
from keras_gan_translate.data.drawn.face_landmarks import eye_boxes
from keras_gan_translate.data.drawn.face_styles import draw
from keras_gan_translate.data.holes import HOLES
from keras_gan_translate.data.kinds.kind import Found, Option
from keras_gan_translate.data.kinds.masked import (
    Masked,
    photos_and_holes,
    with_holes,
)
from keras_gan_translate.data.layouts import (
    find_domains,
    photos_of,
    pick_split,
    refuse,
)
from keras_gan_translate.data.tables import (
    find_table,
    locate,
    read_identities,
    splits_of,
)
from keras_gan_translate.support.messages import check_folder, shorten

EYES = "eyes"  # a hole where these are, if that is known
PICTURES = 4  # of a person that is drawn, at least where there are so many
ALONE = "no other picture of its person can be used"


class Identities(Masked):
    """Batches of "image", "mask", and "exemplar": the same person once more.

    The exemplar is another picture of who is in the image: any of them, in
    every epoch anew; without shuffling the next one. Each has its own crop.
    Holes are those of masked data, or the eyes of faces that are drawn.
    """

    name = "identities"
    about = "photos with holes, two or more of each person or thing"
    layouts = (
        "a folder of photos for each person, <person>/, train/<person>/ or "
        "<person>/train/; or photos, and a list of who is in them, in their "
        "folder or beside it: CelebA's identity_CelebA.txt, or a CSV file with "
        "'identit' in its name and a column 'identity'. DATA may be the list"
    )
    options = {
        "holes": Option(
            f"What is missing: {', '.join(HOLES)}, or a folder of masks, "
            "which are white there; or eyes, of faces that are drawn.  "
            "[default: strokes]",
        )
    }
    worlds = {"faces": ("photo",)}
    other_words = {"identities": "faces"}

    def find_files(self, folders, split, holes=None):
        if holes == EYES:
            raise ValueError(
                f"holes={EYES!r}: where the eyes are is known of faces that "
                "are drawn. For photos give a folder of masks, or one of "
                f"{', '.join(HOLES)}."
            )
        folder, masks = photos_and_holes(folders, split, holes)
        persons, note = self._persons(folder, split)
        _check_company(persons.values(), f"'{folder}'")
        images = list(persons)
        root = pathlib.Path(os.path.commonpath([p.parent for p in images]))
        files, facts, words = with_holes(images, root, masks, split)
        names = sorted(set(persons.values()))
        numbers = {name: number for number, name in enumerate(names)}
        facts["persons"] = {path: numbers[persons[path]] for path in images}
        return Found(
            files,
            facts,
            f"{self.name}: {len(files['image'])} photos of "
            f"{_persons_in_words(len(names))}{words}{note}",
            {"image": f"'{folder}'"},
        )

    def find_drawn(self, drawing, holes=None):
        if drawing.count < 2:
            raise ValueError(
                "An exemplar is another picture of the same person: ask for "
                f"2 or more, received {drawing.count}."
            )
        many = _persons_in_words(_num_persons(drawing))
        things = f"{drawing.things} of {many}"
        if holes == EYES:
            return {"masks": None}, f"{things}; holes: {EYES}"
        facts, words = super().find_drawn(drawing, holes)
        return facts, words.replace(drawing.things, things)

    def read(self, found, reading):
        arrays, skipped = super().read(found, reading)
        paths = [
            row[0]
            for row in zip(*found.files.values())
            if not skipped.keys() & set(row)
        ]
        persons = np.array([found.facts["persons"][path] for path in paths])
        _check_company(persons.tolist(), found.where["image"])
        kept = np.flatnonzero(np.bincount(persons)[persons] > 1)
        for row in set(range(len(paths))) - set(kept.tolist()):
            skipped[paths[row]] = ALONE
        for array in arrays.values():
            for target, row in enumerate(kept):  # in place: it may be large
                if target != row:
                    array[target] = array[row]
        arrays = {key: array[: len(kept)] for key, array in arrays.items()}
        return arrays | {"person": persons[kept]}, skipped

    def drawn(self, drawing, size, seed, holes=None):
        many = _num_persons(drawing)

        def make(number):
            k, person = divmod(number - drawing.first, many)
            face = draw_face(drawing.first + person, seed, extras=False)
            return same_person(face, k)

        def made(face, random, style):
            yield "image", draw(face, size[0], style)
            if holes == EYES:
                yield "mask", eye_boxes(face, size[0], style)

        arrays = drawing.faces(made, seed, make)
        persons = np.repeat(
            np.arange(drawing.count) % many, len(drawing.styles)
        )
        return arrays | {"person": persons}

    def groups(self, arrays):
        return [*super().groups(arrays), {"exemplar": arrays["image"]}]

    def extras(self, arrays, found, reading):
        meet = functools.partial(_meet, arrays["person"])
        return super().extras(arrays, found, reading) | {"arrange": meet}

    def _persons(self, folder, split):
        """({path: person} of those with two pictures, note)."""
        path = pathlib.Path(folder)
        listed = path.exists() and find_table(path, "identit", only=True)
        if listed:
            persons, note = _of_list(*listed, split)
        else:
            found, note = find_domains(check_folder(folder), split)
            if not found:
                refuse(folder, self)
            persons = {
                photo: name
                for name, inner in found.items()
                for photo in photos_of(inner)
            }
        photos = {}
        for photo, name in persons.items():
            photos.setdefault(name, []).append(photo)
        alone = [name for name, own in photos.items() if len(own) < 2]
        if len(alone) < len(photos):
            photos = {n: own for n, own in photos.items() if len(own) > 1}
            if alone:
                warnings.warn(
                    f"{len(alone)} persons have one photo only, and are left "
                    f"out: {shorten(sorted(alone))}.",
                    stacklevel=4,
                )
        # By turns, so that the first ones are of all persons.
        turns = itertools.zip_longest(*photos.values())
        return {
            photo: name
            for row in turns
            for photo, name in zip(row, photos)
            if photo is not None
        }, note


def _of_list(path, folder, split):
    """({path: person}, note) of a split, by a list."""
    table = read_identities(path)
    files = locate(table, folder)
    if not files:
        raise ValueError(
            f"None of the images that '{table.path}' names is in '{folder}': "
            f"{shorten(table.images, 3)}."
        )
    splits = splits_of(table, files, folder)
    known = [name for name in dict.fromkeys(splits.values()) if name]
    used, note = pick_split(folder, split, known or [None])
    persons = table.columns["identity"]
    return {
        file: persons[row] for row, file in files.items() if splits[row] == used
    }, note


def _check_company(persons, where):
    """Raises a ValueError where no two pictures are of the same person."""
    persons = list(persons)
    if len(set(persons)) == len(persons):
        raise ValueError(
            f"Nobody has two photos in {where}: an exemplar is another picture "
            f"of the same person. Found: {len(persons)} photos of as many "
            "persons."
        )


def _persons_in_words(count):
    return f"{count} person{'s' * (count > 1)}"


def _num_persons(drawing):
    return max(1, drawing.count // PICTURES)


def _meet(persons, orders, random):
    """Orders of images, and of other ones of the same persons."""
    images, exemplars = orders
    grouped = np.argsort(persons, kind="stable")
    counts = np.bincount(persons)
    first = np.cumsum(counts) - counts  # of each person in `grouped`
    place = np.empty_like(grouped)
    place[grouped] = np.arange(len(grouped))
    who = persons[images]
    steps = 1 if random is None else random.randint(1, counts[who])
    turned = (place[images] - first[who] + steps) % counts[who]
    return [images, grouped[first[who] + turned]]
