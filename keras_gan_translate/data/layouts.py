"""Recognises the folder layouts that people already have."""

import dataclasses
import warnings

from keras_gan_translate.data.folders import (
    SPLITS,
    contents,
    direct_images,
    domain_folders,
    has_images,
    image_folders,
    looks_paired,
    photo_folders,
    split_folders,
    subfolders,
)
from keras_gan_translate.data.images import list_images
from keras_gan_translate.support.messages import (
    check_choice,
    check_folder,
    near_matches,
    shorten,
)

# Either holds images that were not trained on; training data never stand in.
FALLBACK = {"val": "test", "test": "val"}

TWO_DOMAINS = (
    "trainA/ + trainB/ (or train_A/ + train_B/), train/<domain>/, "
    "<domain>/train/, or two folders <domain>/ of images"
)
KNOWN = {
    "unpaired": TWO_DOMAINS,
    "paired": (
        "images side by side in train/, trainA/ + trainB/ (or train_A/ + "
        "train_B/) with equal file names, A/train/ + B/train/, or two folders "
        "A/ + B/ with equal file names"
    ),
    "cartoon": TWO_DOMAINS,
    "super_resolution": (
        "photos in train/ (and test/ or val/), in folders inside these, in "
        "<class>/train/, or anywhere in the folder"
    ),
}


@dataclasses.dataclass(frozen=True)
class Layout:
    """What was found in a folder.

    Attributes:
        files_a: Image files of domain A, or all where there is one domain.
        files_b: Image files of domain B; in a paired layout of the same order
            as `files_a`. Empty if `halves`, or where there is one domain.
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
    """Finds the images of both domains, or of the one, in a folder.

    Known are `trainA/ + trainB/` (also testA, valA, train_A), class folders
    `train/<domain>/`, `<domain>/train/` and `<domain>/`, and for pairs the
    same with equal file names in both domains, or images side by side in
    `train/` or in the folder itself. Photos for super-resolution may lie in
    `train/`, in `<class>/train/`, or anywhere.

    Args:
        folder: The folder.
        kind: `"unpaired"`, `"paired"`, `"cartoon"` (two domains, as unpaired)
            or `"super_resolution"` (one domain).
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
    if kind == "super_resolution":
        return _one_domain(folder, split)
    found = domain_folders(folder)
    if found:
        used, note = _pick_split(folder, split, list(found))
        return _two_domains(folder, kind, found[used], domains, note)
    found = image_folders(folder)
    if found and kind == "paired":
        used, note = _pick_split(folder, split, list(found))
        return _side_by_side(found[used], note)
    inner = subfolders(folder)
    if not found and len(inner) == 1:  # an archive unpacked into a folder
        return find_layout(*inner.values(), kind, split, domains)
    pairs = ""
    if found and all(map(looks_paired, found.values())):
        pairs = " The images look like pairs side by side: read them as paired."
    raise ValueError(
        f"No {kind} data found in '{folder}'. {contents(folder)}{pairs} "
        f"Known layouts: {KNOWN[kind]}. Or give two folders."
    )


def match_folders(folder_a, folder_b, kind="unpaired", split="train"):
    """Takes the images of domain A from one folder, of B from another.

    Args:
        folder_a: Folder of domain A. If it has a subfolder of the split's
            name and no images beside it, that one is read.
        folder_b: Folder of domain B, likewise.
        kind: `"unpaired"`, `"cartoon"`, or `"paired"` by the names of the
            files.
        split: `"train"`, `"val"` or `"test"`.

    Returns:
        A `Layout`.

    Raises:
        ValueError: A folder is missing or without images, or no name of a file
            is in both.
    """
    check_choice("kind", kind, ("unpaired", "paired", "cartoon"))
    check_choice("split", split, SPLITS)
    folders = []
    for folder in (folder_a, folder_b):
        folder = check_folder(folder)
        inside = split_folders(subfolders(folder))
        if split in inside and not has_images(folder):
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
                f"There is no image in '{folder}'. {contents(folder)}"
            )
    where = f"'{folder_a}'", f"'{folder_b}'"
    label_a, label_b = _labels(folder_a, folder_b)
    counts = f"{label_a} {len(files_a)} images, {label_b} {len(files_b)} images"
    stems_a, stems_b = _stems(folder_a, files_a), _stems(folder_b, files_b)
    common = [stem for stem in stems_a if stem in stems_b]
    if kind != "paired":
        if len(common) == len(files_a) == len(files_b):
            note += "; all names match: if they are pairs, pix2pix can use them"
        summary = f"{kind}: {counts}{note}"
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


def _one_domain(folder, split):
    found = photo_folders(folder)
    if not found:
        raise ValueError(
            f"There is no image in '{folder}'. {contents(folder)} Known "
            f"layouts: {KNOWN['super_resolution']}."
        )
    used, note = _pick_split(folder, split, list(found))
    files = sorted(path for inner in found[used] for path in list_images(inner))
    names = shorten([inner.name for inner in found[used]], 3)
    where = ", ".join(f"'{inner}'" for inner in found[used])
    summary = f"super_resolution: {names} {len(files)} photos{note}"
    return Layout(files, [], False, where, "", summary)


def _side_by_side(folder, note):
    files = direct_images(folder)
    if not looks_paired(folder):
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
