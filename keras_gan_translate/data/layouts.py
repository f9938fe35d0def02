"""Recognises the folder layouts that people already have."""

import dataclasses
import os
import pathlib
import re
import warnings

from PIL import Image

from keras_gan_translate.data.images import FORMATS, is_image_name, list_images
from keras_gan_translate.messages import (
    check_choice,
    check_folder,
    near_matches,
    shorten,
)

# The names that folders give to the splits.
SPLITS = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validation"),
    "test": ("test", "testing"),
}
# Either holds images that were not trained on; training data never stand in.
FALLBACK = {"val": "test", "test": "val"}

KNOWN = {
    "unpaired": (
        "trainA/ + trainB/ (or train_A/ + train_B/), train/<domain>/, "
        "<domain>/train/, or two folders <domain>/ of images"
    ),
    "paired": (
        "images side by side in train/, trainA/ + trainB/ (or train_A/ + "
        "train_B/) with equal file names, A/train/ + B/train/, or two folders "
        "A/ + B/ with equal file names"
    ),
}


@dataclasses.dataclass(frozen=True)
class Layout:
    """What was found in a folder.

    Attributes:
        files_a: Image files of domain A.
        files_b: Image files of domain B; in a paired layout of the same order
            as `files_a`. Empty if `halves`.
        halves: The files hold pairs side by side, A is the left half.
        where_a: The folder of A, or of the pairs, for error messages.
        where_b: The folder of B.
        summary: The finding in one sentence.
    """

    files_a: list
    files_b: list
    halves: bool
    where_a: str
    where_b: str
    summary: str


def find_layout(folder, kind="unpaired", split="train", domains=None):
    """Finds the images of both domains in a folder.

    Known are `trainA/ + trainB/` (also testA, valA, train_A), class folders
    `train/<domain>/`, `<domain>/train/` and `<domain>/`, and for pairs the
    same with equal file names in both domains, or images side by side in
    `train/` or in the folder itself.

    Args:
        folder: The folder.
        kind: `"unpaired"` or `"paired"`.
        split: `"train"`, `"val"` or `"test"`. Where there is no "val", "test"
            stands in, and the other way round.
        domains: Names of the folders that are A and B. Needed where there are
            more than two.

    Returns:
        A `Layout`.

    Raises:
        ValueError: No known layout, no such split or domain, or no pairs. Says
            what lies in the folder.
    """
    check_choice("kind", kind, KNOWN)
    check_choice("split", split, SPLITS)
    folder = check_folder(folder)
    found = _domain_folders(folder)
    if found:
        used, note = _pick_split(folder, split, list(found))
        return _two_domains(folder, kind, found[used], domains, note)
    found = _image_folders(folder)
    if found and kind == "paired":
        used, note = _pick_split(folder, split, list(found))
        return _side_by_side(found[used], note)
    inner = _subfolders(folder)
    if not found and len(inner) == 1:  # an archive unpacked into a folder
        return find_layout(*inner.values(), kind, split, domains)
    pairs = ""
    if found and all(map(_looks_paired, found.values())):
        pairs = " The images look like pairs side by side: read them as paired."
    raise ValueError(
        f"No {kind} data found in '{folder}'. {_contents(folder)}{pairs} "
        f"Known layouts: {KNOWN[kind]}. Or give two folders."
    )


def match_folders(folder_a, folder_b, kind="unpaired", split="train"):
    """Takes the images of domain A from one folder, of B from another.

    Args:
        folder_a: Folder of domain A. If it has a subfolder of the split's
            name and no images beside it, that one is read.
        folder_b: Folder of domain B, likewise.
        kind: `"unpaired"`, or `"paired"` by the names of the files.
        split: `"train"`, `"val"` or `"test"`.

    Returns:
        A `Layout`.

    Raises:
        ValueError: A folder is missing or without images, or no name of a file
            is in both.
    """
    check_choice("kind", kind, KNOWN)
    check_choice("split", split, SPLITS)
    folders = []
    for folder in (folder_a, folder_b):
        folder = check_folder(folder)
        inside = _by_split(_subfolders(folder))
        if split in inside and not _has_images(folder):
            folder = inside[split]
        folders.append(folder)
    return _layout(kind, *folders, note="")


def _two_domains(folder, kind, found, domains, note):
    """The layout of two of the domains found."""
    names = {name.lower(): name for name in found}
    if domains is not None:
        if isinstance(domains, str) or len(domains) != 2:
            raise ValueError(f"domains must be two names, received {domains!r}")
        for name in domains:
            if name.lower() not in names:
                raise ValueError(
                    f"There is no domain '{name}' in '{folder}'."
                    f"{near_matches(name, found)} Found: {shorten(found)}."
                )
        chosen = [names[name.lower()] for name in domains]
    elif {"a", "b"} <= set(names):
        chosen = [names["a"], names["b"]]
    elif len(found) == 2:
        chosen = sorted(found, key=str.lower)
    else:
        raise ValueError(
            f"Which two of the {len(found)} domains in '{folder}'? Found: "
            f"{shorten(found)}. Choose with domains={tuple(found)[:2]}."
        )
    return _layout(kind, *(found[name] for name in chosen), note)


def _layout(kind, folder_a, folder_b, note):
    files_a, files_b = list_images(folder_a), list_images(folder_b)
    for folder, files in ((folder_a, files_a), (folder_b, files_b)):
        if not files:
            raise ValueError(
                f"There is no image in '{folder}'. {_contents(folder)}"
            )
    where = f"'{folder_a}'", f"'{folder_b}'"
    label_a, label_b = _labels(folder_a, folder_b)
    counts = f"{label_a} {len(files_a)} images, {label_b} {len(files_b)} images"
    stems_a, stems_b = _stems(folder_a, files_a), _stems(folder_b, files_b)
    common = [stem for stem in stems_a if stem in stems_b]
    if kind == "unpaired":
        if len(common) == len(files_a) == len(files_b):
            note += "; all names match: if they are pairs, pix2pix can use them"
        summary = f"unpaired: {counts}{note}"
        return Layout(files_a, files_b, False, *where, summary)
    if not common:
        raise ValueError(
            f"No file name of '{folder_a}' is in '{folder_b}', so nothing is "
            f"paired. A holds {shorten([f.name for f in files_a], 3)}; B holds "
            f"{shorten([f.name for f in files_b], 3)}. The names must be equal "
            "up to the suffix."
        )
    pairs_a = [stems_a[stem] for stem in common]
    pairs_b = [stems_b[stem] for stem in common]
    single = sorted({*files_a, *files_b} - {*pairs_a, *pairs_b})
    if single:
        warnings.warn(
            f"{len(single)} images have no partner of the same name and are "
            f"left out: {shorten(single)}.",
            stacklevel=2,
        )
    summary = f"paired by name: {len(common)} pairs from {counts}{note}"
    return Layout(pairs_a, pairs_b, False, *where, summary)


def _side_by_side(folder, note):
    files = _direct_images(folder)
    if not _looks_paired(folder):
        raise ValueError(
            f"The images in '{folder}' are no pairs side by side: those are "
            "about twice as wide as high (A on the left, B on the right). "
            f"Known layouts: {KNOWN['paired']}."
        )
    summary = (
        f"paired side by side: {folder.name} {len(files)} images, A is the "
        f"left half{note}"
    )
    return Layout(files, [], True, f"'{folder}'", "", summary)


def _pick_split(folder, split, found):
    """(split to read, note for the summary)."""
    if split in found:
        return split, ""
    if found == [None] and split == "train":
        return None, ""
    other = FALLBACK.get(split)
    if other in found:
        return other, f"; there is no '{split}', '{other}' is read instead"
    there = shorten([name or "train (no split)" for name in found])
    raise ValueError(
        f"There is no split '{split}' in '{folder}'. Found: {there}."
    )


def _domain_folders(folder):
    """{split or None: {domain: folder}} by the first layout that fits."""
    inside = _subfolders(folder)
    splits = _by_split(inside)
    prefixed = {}
    for split, aliases in SPLITS.items():
        # trainA, train_A, train_label; not 'trainer' or 'train images'.
        pattern = re.compile(
            rf"(?:{'|'.join(aliases)})(?:([ab])|[_-](.+))$", re.IGNORECASE
        )
        for name, path in inside.items():
            match = pattern.match(name)
            if match:
                domain = match[1] or match[2]
                prefixed.setdefault(split, {})[domain] = path
    classes = {split: _domains(path) for split, path in splits.items()}
    taken = {*splits.values()} | {
        path for found in prefixed.values() for path in found.values()
    }
    by_domain, plain = {}, {}
    for name, path in inside.items():
        if path in taken:
            continue
        own = _by_split(_subfolders(path))
        for split, inner in own.items():
            by_domain.setdefault(split, {})[name] = inner
        if not own and list_images(path):
            plain.setdefault(None, {})[name] = path
    for layout in (prefixed, classes, by_domain, plain):
        layout = {key: found for key, found in layout.items() if len(found) > 1}
        if layout:
            return layout
    return {}


def _domains(folder):
    """Class folders of a split; none where images lie beside them."""
    if _has_images(folder):
        return {}
    inside = _subfolders(folder)
    return {name: path for name, path in inside.items() if list_images(path)}


def _image_folders(folder):
    """{split or None: folder} of folders with images directly inside."""
    splits = _by_split(_subfolders(folder))
    found = {key: path for key, path in splits.items() if _has_images(path)}
    if not found and _has_images(folder):
        found = {None: folder}
    return found


def _by_split(folders):
    """{split: folder} of the folders that are named as a split."""
    return {
        split: path
        for split, aliases in SPLITS.items()
        for name, path in folders.items()
        if name.lower() in aliases
    }


def _subfolders(folder):
    return {
        path.name: path
        for path in sorted(pathlib.Path(folder).iterdir())
        if path.is_dir() and path.name[0] != "." and path.name != "__MACOSX"
    }


def _direct_images(folder):
    return [path for path in list_images(folder) if path.parent == folder]


def _has_images(folder):
    with os.scandir(folder) as entries:
        return any(
            is_image_name(entry.name) and entry.name[0] != "."
            for entry in entries
            if entry.is_file()
        )


def _looks_paired(folder):
    """Whether the first images are about twice as wide as high."""
    ratios = []
    for path in _direct_images(folder)[:16]:
        try:
            with Image.open(path, formats=FORMATS) as image:
                ratios.append(image.width / image.height)
        except Exception:  # damaged files are named when they are read
            continue
    return bool(ratios) and all(1.8 <= ratio <= 2.2 for ratio in ratios)


def _stems(folder, files):
    """{name below the folder without suffix: file}, the first of each."""
    stems = {}
    for path in files:
        stem = path.relative_to(folder).with_suffix("").as_posix()
        stems.setdefault(stem, path)
    return stems


def _labels(folder_a, folder_b):
    """Short names of two folders that tell them apart."""
    if folder_a.name != folder_b.name:
        return folder_a.name, folder_b.name
    return tuple(
        f"{folder.parent.name}/{folder.name}" for folder in (folder_a, folder_b)
    )


def _contents(folder):
    images = len(_direct_images(folder))
    return (
        f"It holds {images} images and the folders: "
        f"{shorten(_subfolders(folder))}."
    )
