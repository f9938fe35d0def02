"""What lies in a folder: images, splits, and folders of domains."""

import os
import pathlib
import re

import numpy as np

from keras_gan_translate.data.images import (
    ImageError,
    is_gray,
    is_image_name,
    list_images,
    read_map,
    read_size,
)
from keras_gan_translate.support.messages import shorten

# The names that folders give to the splits.
SPLITS = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validation"),
    "test": ("test", "testing"),
}
MAX_CLASS = 63  # numbers of one channel up to here are classes, not grays
VOID = 255  # what is of no class


def domain_folders(folder):
    """{split or None: {domain: folder}} by the first layout that fits."""
    inside = subfolders(folder)
    splits = split_folders(inside)
    prefixed = {}
    for name, path in inside.items():
        split, domain = split_and_domain(name)
        if split:
            prefixed.setdefault(split, {})[domain] = path
    classes = {split: _class_folders(path) for split, path in splits.items()}
    taken = {*splits.values()} | {
        path for found in prefixed.values() for path in found.values()
    }
    by_domain, plain = {}, {}
    for name, path in inside.items():
        if path in taken:
            continue
        own = split_folders(subfolders(path))
        for split, inner in own.items():
            by_domain.setdefault(split, {})[name] = inner
        if not own and list_images(path):
            plain.setdefault(None, {})[name] = path
    for layout in (prefixed, classes, by_domain, plain):
        layout = {key: found for key, found in layout.items() if len(found) > 1}
        if layout:
            return layout
    return {}


def split_and_domain(name):
    """("train", "A") of trainA and train_A; (None, the name) of others.

    So are train_label and test-photos; not trainer, or "train images".
    """
    for split, aliases in SPLITS.items():
        match = re.fullmatch(
            rf"(?:{'|'.join(aliases)})(?:([ab])|[_-](.+))", name, re.IGNORECASE
        )
        if match:
            return split, match[1] or match[2]
    return None, name


def lone_domain(folder):
    """' There is trainA, ...' where trainB is missing, else an empty text."""
    inside = subfolders(folder)
    for name in inside:
        split, domain = split_and_domain(name)
        other = dict(zip("aAbB", "bBaA")).get(domain)
        partner = f"{name[:-1]}{other}"
        if other and partner not in inside:
            return f" There is '{name}', and no '{partner}' beside it."
    return ""


def _class_folders(folder):
    """Class folders of a split; none where images lie beside them."""
    if has_images(folder):
        return {}
    inside = subfolders(folder)
    return {name: path for name, path in inside.items() if list_images(path)}


def image_folders(folder):
    """{split or None: folder} of folders with images directly inside."""
    splits = split_folders(subfolders(folder))
    found = {key: path for key, path in splits.items() if has_images(path)}
    if not found and has_images(folder):
        found = {None: folder}
    return found


def photo_folders(folder):
    """{split or None: folders} of images that are all of one kind."""
    inside = subfolders(folder)
    splits = {
        split: [path]
        for split, path in split_folders(inside).items()
        if list_images(path)
    }
    if splits:
        return splits
    found = domain_folders(folder)
    if found and None not in found:
        return {split: list(paths.values()) for split, paths in found.items()}
    if len(inside) == 1 and not has_images(folder):
        return photo_folders(*inside.values())  # an archive's own folder
    return {None: [folder]} if list_images(folder) else {}


def split_folders(folders):
    """{split: folder} of the folders that are named as a split."""
    return {
        split: path
        for split, aliases in SPLITS.items()
        for name, path in folders.items()
        if name.lower() in aliases
    }


def subfolders(folder):
    """{name: folder} of what is directly inside, sorted, nothing hidden."""
    return {
        path.name: path
        for path in sorted(pathlib.Path(folder).iterdir())
        if path.is_dir() and path.name[0] != "." and path.name != "__MACOSX"
    }


def direct_images(folder):
    """The image files directly inside."""
    return [path for path in list_images(folder) if path.parent == folder]


def has_images(folder):
    """Whether image files lie directly inside."""
    with os.scandir(folder) as entries:
        return any(
            is_image_name(entry.name) and entry.name[0] != "."
            for entry in entries
            if entry.is_file()
        )


def looks_paired(folder):
    """Whether the first images are about twice as wide as high."""
    ratios = []
    for path in direct_images(folder)[:16]:
        try:
            height, width = read_size(path)
        except ImageError:  # damaged files are named when they are read
            continue
        ratios.append(width / height)
    return bool(ratios) and all(1.8 <= ratio <= 2.2 for ratio in ratios)


def looks_like_maps(files):
    """Whether the first files hold the numbers of classes, not brightness.

    One channel, and few small numbers: a photo of them would be black. 255 may
    be among them, which is what many sets call unlabelled.
    """
    judged = []
    for path in files[:4]:
        try:
            if not is_gray(path):
                return False
            values = read_map(path)
        except ImageError:  # named when the images are read
            return False
        known = np.unique(values)
        if values.dtype == "uint8":
            known = known[known != VOID]
            if known.size and known.max() > MAX_CLASS:
                return False
        judged.append(1 < len(known) <= MAX_CLASS)
    return any(judged)


def contents(folder):
    """What lies inside, as a sentence for errors."""
    images = len(direct_images(folder))
    return (
        f"It holds {images} images and the folders: "
        f"{shorten(subfolders(folder))}."
    )
