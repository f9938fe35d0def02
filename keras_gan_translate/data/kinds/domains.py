"""Images of several domains, each with the number of its own."""

import itertools

import numpy as np

from keras_gan_translate.data.drawn.synthetic import synthetic_faces
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
from keras_gan_translate.support.messages import check_choice, shorten

FACE_STYLES = ("photo", "toon")  # in which faces are drawn: the domains


class Domains(DataKind):
    """Batches of "image" and "domain", the number of the image's domain.

    An epoch has every image of every domain once, so that larger domains are
    seen more often.
    """

    name = "domains"
    about = "images of two domains or more, a folder each"
    layouts = "train/<domain>/, <domain>/train/, or folders <domain>/ of images"
    options = {
        "domains": Option(
            "The folders in DATA that are domains, in the order of their "
            "numbers.",
            many=True,
        )
    }
    spread = "domain"

    def find_files(self, folders, split, domains=None):
        if len(folders) > 1:
            folders = [of_split(folder, split) for folder in folders]
            found, note = {class_of(path): path for path in folders}, ""
        else:
            found, note = find_domains(folders[0], split)
        if not found:
            refuse(folders[0], self)
        if domains is None:
            domains = sorted(found, key=str.lower)
        found = choose_domains(folders[0], found, domains)
        _check_several(found)
        files = [photos_of(folder) for folder in found.values()]
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
            {"image": shorten([f"'{path}'" for path in found.values()])},
        )

    def find_drawn(self, count, split, domains=None):
        styles = list(domains or FACE_STYLES)
        for style in styles:
            check_choice("domain", style, FACE_STYLES)
        _check_several(dict.fromkeys(styles))
        words = ", ".join(f"{style} {count}" for style in styles)
        return {"domains": styles}, words

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

    def drawn(self, count, size, first, seed, domains=None):
        # No face is in two of them.
        drawn = [
            synthetic_faces(count, size, seed, first + i * count, (style,))[0]
            for i, style in enumerate(domains or FACE_STYLES)
        ]
        images = np.stack(drawn, axis=1).reshape(-1, *drawn[0].shape[1:])
        return _arrays(images, list(range(len(drawn))) * count)

    def arguments(self, found):
        return {"domains": found.facts["domains"]}


def _arrays(images, numbers):
    return {"image": images, "domain": np.array(numbers, "int32")}


def _check_several(domains):
    if len(domains) < 2:
        raise ValueError(
            f"Domains are two or more, received {shorten(domains)}."
        )
