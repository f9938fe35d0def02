"""Images, and of several attributes which hold of each."""

import numpy as np

from keras_gan_translate import fields
from keras_gan_translate.data.drawn.avatars import (
    STYLES,
    avatar_labels,
    avatars,
)
from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_attributes import (
    ATTRIBUTES,
    attributes,
)
from keras_gan_translate.data.drawn.face_styles import draw
from keras_gan_translate.data.kinds.kind import DataKind, Found, Option
from keras_gan_translate.data.layouts import refuse
from keras_gan_translate.data.store import decode_images
from keras_gan_translate.data.tables import open_table
from keras_gan_translate.support.messages import near_matches, shorten

AVATARS = ("glasses", "beard", "hat", "smile")


class Attributes(DataKind):
    """Batches of "image" and "attributes": 1 for those that hold, else 0."""

    name = "attributes"
    about = "images, and a table of what holds of each"
    layouts = (
        "images and list_attr_celeba.txt as CelebA has them, or images with a "
        "CSV file: a column of file names, others of 0 and 1 (or -1 and 1; or "
        "of anything, empty where it does not hold). DATA is the folder of "
        "both, that of the images with the table beside it, or the table. "
        "Splits are those of list_eval_partition.txt, of a column 'split', or "
        "folders"
    )
    options = {
        "attributes": Option(
            "Columns of the table, in their order.  [default: all of 0 and 1]",
            many=True,
        ),
        "key": Option("What batches call the attributes.", of_model=True),
    }
    worlds = {"faces": ("photo",), "avatars": STYLES}
    num_styles = (1, None)

    def find_files(self, folders, split, attributes=None, key=None):
        if len(folders) > 1:
            raise ValueError(
                f"attributes data lie in one folder, received {len(folders)}. "
                "Give the table instead of it, if it has several."
            )
        found = open_table(folders[0], split)
        if found is None:
            refuse(folders[0], self)
        table, folder, files, note = found
        names = table.binary if attributes is None else attributes
        if not names:
            raise ValueError(
                f"No column of '{table.path}' is of 0 and 1. It has "
                f"{shorten(table.columns)}."
            )
        names, truth = table.truth(names)
        values = {file: truth[row] for row, file in files.items()}
        return Found(
            {"image": list(values)},
            {"attributes": names, "values": values},
            f"{self.name}: {len(values)} images of {folder.name}, "
            f"{len(names)} attributes of {table.path.name}{note}",
            {"image": f"'{folder}'"},
        )

    def find_drawn(self, drawing, attributes=None, key=None):
        names = _drawn_names(drawing)
        if attributes is not None:
            names = _chosen(attributes, names, drawing)
        return {
            "attributes": names
        }, f"{drawing.things}, {len(names)} attributes"

    def read(self, found, reading):
        store = decode_images(
            [(path,) for path in found.files["image"]],
            reading.load,
            reading.how,
            where=found.where["image"],
        )
        values = found.facts["values"]
        rows = [values[path] for (path,) in store.files]
        images = store.images[:, 0]
        key = found.options.get("key", "attributes")
        return {"image": images, key: np.stack(rows)}, store.skipped

    def drawn(self, drawing, size, seed, attributes=None, key="attributes"):
        names = self.find_drawn(drawing, attributes)[0]["attributes"]
        parts = [
            DRAW[drawing.world](drawing, i, size[0], seed, names)
            for i in range(len(drawing.styles))
        ]
        # The styles by turns.
        images, told = (
            np.stack(each, axis=1).reshape(-1, *each[0].shape[1:])
            for each in zip(*parts)
        )
        return {"image": images, key: told}

    def describe(self, arrays, found):
        key = found.options.get("key", "attributes")
        shares = 100 * np.mean(arrays[key], axis=0)
        words = [
            f"{name} {share:.2g} %"
            for name, share in zip(found.facts["attributes"], shares)
        ]
        return f": {shorten(words, 40)}"

    def arguments(self, found):
        names = found.facts["attributes"]
        # Of a model of domains which are attributes, too.
        return {"attributes": names, "domains": names}

    def of_model(self, model):
        return {
            "key": next(
                name
                for name, field in model.batch.items()
                if isinstance(field, fields.Attributes)
            )
        }


def _chosen(names, known, drawing):
    """Names as the world writes them."""
    lower = {name.lower(): name for name in known}
    for name in names:
        if name.lower() not in lower:
            raise ValueError(
                f"The {drawing.world} that are drawn tell no attribute "
                f"{name!r}.{near_matches(name, known)} There are "
                f"{', '.join(known)}."
            )
    chosen = list(dict.fromkeys(lower[name.lower()] for name in names))
    if len(chosen) < len(names):
        raise ValueError(f"An attribute is named twice: {shorten(names)}.")
    return chosen


def _drawn_names(drawing):
    """Attributes that a world tells, of which some pictures have each."""
    if drawing.world == "faces":
        return list(ATTRIBUTES)
    told = [row for style in drawing.styles for row in avatars(style)[1]]
    return [
        name for name in AVATARS if {row[name] for row in told} == {True, False}
    ]


def _draw_faces(drawing, part, size, seed, names):
    """Those of one of its styles; no face is in two."""

    def row(number):
        face = draw_face(number + part * drawing.count, seed)
        told = attributes(face)
        return {
            "image": draw(face, size, drawing.styles[part]),
            "told": np.array([told[n] for n in names], "float32"),
        }

    rows = drawing.rows(row, "Drawing faces")
    return rows["image"], rows["told"]


def _draw_avatars(drawing, part, size, seed, names):
    images, told = avatars(
        drawing.styles[part], drawing.count, drawing.split, size
    )
    return images, avatar_labels(told, names)


DRAW = {"faces": _draw_faces, "avatars": _draw_avatars}
