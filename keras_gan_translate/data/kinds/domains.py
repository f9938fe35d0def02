"""Images of several domains, each with the number of its own."""

import itertools

import numpy as np

from keras_gan_translate.data.drawn.avatars import STYLES
from keras_gan_translate.data.drawn.face_styles import FACE_STYLES
from keras_gan_translate.data.kinds.kind import DataKind, Found, Option
from keras_gan_translate.data.layouts import (
    choose_domains,
    class_of,
    find_domains,
    of_split,
    photos_of,
    refuse,
)
from keras_gan_translate.data.store import decode_images
from keras_gan_translate.data.tables import images_by_label
from keras_gan_translate.support.messages import shorten


class Domains(DataKind):
    """Batches of "image" and "domain", the number of the image's domain.

    An epoch has every image of every domain once, so that larger domains are
    seen more often.
    """

    name = "domains"
    about = "images of two domains or more, a folder each"
    layouts = (
        "train/<domain>/, <domain>/train/, or folders <domain>/ of images; or "
        "images and metadata.csv with a column 'label'"
    )
    options = {
        "domains": Option(
            "The folders in DATA that are domains, in the order of their "
            "numbers; of what is drawn the styles.",
            many=True,
        )
    }
    spread = "domain"
    worlds = {"faces": tuple(FACE_STYLES), "avatars": STYLES}
    synthetic = {"faces": ("photo", "toon")}
    num_styles = (2, None)

    def find_files(self, folders, split, domains=None):
        told = None
        if len(folders) > 1:
            folders = [of_split(folder, split) for folder in folders]
            found, note = {class_of(path): path for path in folders}, ""
        else:
            found, note = find_domains(folders[0], split)
        if not found:
            told = images_by_label(folders[0], split)
            if told is None:
                refuse(folders[0], self)
            found, name, note = told
            note = f", by the labels of {name}{note}"
        if domains is None:
            domains = sorted(found, key=str.lower)
        found = choose_domains(folders[0], found, domains)
        if len(found) < 2:
            raise ValueError(
                f"Domains are two or more, received {shorten(found)}."
            )
        files = [photos_of(images) for images in found.values()]
        places = folders if told else found.values()
        counts = [f"{n} {len(paths)}" for n, paths in zip(found, files)]
        # By turns, so that the first ones are of all domains.
        rounds = [
            (path, number)
            for paths in itertools.zip_longest(*files)
            for number, path in enumerate(paths)
            if path is not None
        ]
        paths, numbers = zip(*rounds)
        return Found(
            {"image": list(paths)},
            {"domains": list(found), "numbers": dict(rounds)},
            f"{self.name}: {len(paths)} images, {', '.join(counts)}{note}",
            {"image": shorten([f"'{place}'" for place in places])},
        )

    def find_drawn(self, drawing):
        words = [f"{style} {drawing.count}" for style in drawing.styles]
        return {"domains": list(drawing.styles)}, ", ".join(words)

    def read(self, found, reading):
        store = decode_images(
            [(path,) for path in found.files["image"]],
            reading.load,
            reading.how,
            where=found.where["image"],
        )
        numbers = [found.facts["numbers"][path] for (path,) in store.files]
        for number, name in enumerate(found.facts["domains"]):
            if number not in numbers:
                raise ValueError(f"No image of the domain '{name}' is usable.")
        return _arrays(store.images[:, 0], numbers), store.skipped

    def drawn(self, drawing, size, seed):
        numbers = list(range(len(drawing.styles))) * drawing.count
        return _arrays(drawing.by_turns(size, seed), numbers)

    def arguments(self, found):
        return {"domains": found.facts["domains"]}


def _arrays(images, numbers):
    return {"image": images, "domain": np.array(numbers, "int32")}
