"""Recognises the folder layouts that people already have."""

import pathlib
import re
import warnings

from keras_gan_translate.data.directions import in_order
from keras_gan_translate.data.folders import (
    SPLITS,
    contents,
    direct_images,
    domain_folders,
    has_images,
    image_folders,
    lone_domain,
    looks_like_maps,
    looks_paired,
    photo_folders,
    split_and_domain,
    split_folders,
    subfolders,
)
from keras_gan_translate.data.images import list_images
from keras_gan_translate.support.messages import (
    check_folder,
    flag,
    near_matches,
    shorten,
)

# Either holds images that were not trained on; training data never stand in.
FALLBACK = {"val": "test", "test": "val"}
# What Cityscapes' gtFine/ holds of every photo.
CITYSCAPES = re.compile(r"_(color|labelIds|labelTrainIds|instanceIds)$")


def find_domains(folder, split):
    """The folders of a split's domains, by the first layout that fits.

    Args:
        folder: one that may hold `trainA/ + trainB/`, `train/<domain>/`,
            `<domain>/train/` or `<domain>/`, or a folder that does.
        split: "train", "val" or "test".

    Returns:
        ({domain: folder}, note for the summary); nothing if no layout fits.

    Raises:
        ValueError: there is no such folder or split.
    """
    folder = check_folder(folder)
    found = domain_folders(folder)
    if found:
        used, note = pick_split(folder, split, list(found))
        return found[used], note
    inner = subfolders(folder)
    # An archive that was unpacked into a folder.
    if len(inner) == 1 and not image_folders(folder):
        return find_domains(*inner.values(), split)
    return {}, ""


def refuse(folder, kind):
    """Raises a ValueError that says what lies in a folder, and what might."""
    folder = check_folder(folder)
    found, inner = image_folders(folder), subfolders(folder)
    lone = lone_domain(folder)
    if not found and len(inner) == 1 and not lone:
        refuse(*inner.values(), kind)
    pairs = ""
    if found and all(map(looks_paired, found.values())):
        pairs = " The images look like pairs side by side: read them as paired."
    raise ValueError(
        f"No {kind.name} data found in '{folder}'.{lone} {contents(folder)}"
        f"{pairs} Known layouts: {kind.layouts}. Or give two folders, with "
        "--data-a and --data-b (in Python a tuple)."
    )


def choose_domains(folder, found, domains):
    """The folders of the domains that were named.

    Args:
        folder: where they were found, for the words of errors.
        found: {domain: folder}
        domains: names, in any case.

    Returns:
        {domain: folder} in their order.

    Raises:
        ValueError: a name is unknown, or given twice.
    """
    names = {name.lower(): name for name in found}
    for name in domains:
        if name.lower() not in names:
            raise ValueError(
                f"There is no domain '{name}' in '{folder}'."
                f"{near_matches(name, found)} Found: {shorten(found)}."
            )
    chosen = {names[name.lower()]: None for name in domains}
    if len(chosen) < len(domains):
        raise ValueError(f"A domain is named twice: {shorten(domains)}.")
    return {name: found[name] for name in chosen}


def two_domains(folders, kind, split, domains=None):
    """The folders of A and B, and how they were found.

    Which is A the names say, as `kind.words` knows them; else the alphabet.

    Args:
        folders: tuple of one folder with both, or of the two.
        kind: a `DataKind`, for the words of errors.
        split: "train", "val" or "test".
        domains: names of the folders that are A and B, or None.

    Returns:
        (folder of A, folder of B, note for the summary), or None where one
        folder holds no domains.

    Raises:
        ValueError: there are more than two and none is named.
    """
    if len(folders) > 1:
        if domains is not None:
            raise ValueError(
                f"{flag('domains', domains)} chooses folders within one; "
                f"{len(folders)} folders were given already."
            )
        if len(folders) > 2:
            raise ValueError(
                f"{kind.name} data lie in two folders, received {len(folders)}."
            )
        return *(of_split(folder, split) for folder in folders), ""
    (folder,) = folders
    found, note = find_domains(folder, split)
    if not found:
        return None
    chosen, said = choose_two(folder, found, kind, domains)
    return *(found[name] for name in chosen), note + said


def choose_two(folder, found, kind, domains=None):
    """The names of A and B, and what the summary says of their order.

    Args:
        folder: where they were found, for the words of errors.
        found: dict by the names of domains.
        kind: as of `two_domains`.
        domains: as of `two_domains`.

    Returns:
        ([name of A, name of B], note for the summary)

    Raises:
        ValueError: there are more than two and none is named.
    """
    lower = {name.lower(): name for name in found}
    if domains is not None:
        if isinstance(domains, str) or len(domains) != 2:
            raise ValueError(f"domains must be two names, received {domains!r}")
        return list(choose_domains(folder, found, domains)), ""
    if {"a", "b"} <= set(lower):
        return [lower["a"], lower["b"]], ""
    if len(found) != 2:
        raise ValueError(
            f"Which two of the {len(found)} domains in '{folder}'? Found: "
            f"{shorten(found)}. Choose with "
            f"{flag('domains', tuple(found)[:2])}."
        )
    ordered = in_order(found, kind.words)
    if ordered is not None:
        a, b = ordered
        return [a, b], f"; A is {a}, B is {b}, by their names"
    return sorted(found, key=str.lower), ""


def of_split(folder, split):
    """A folder itself, or that of the split if it holds nothing else."""
    folder = check_folder(folder)
    inside = split_folders(subfolders(folder))
    return (
        inside[split] if split in inside and not has_images(folder) else folder
    )


def photos_of(folder):
    """The photos of one domain.

    Args:
        folder: that holds them; or a list of the files.

    Raises:
        ValueError: there is none, or the files are no photos.
    """
    if isinstance(folder, list):
        check_photos(folder, folder[0].parent)
        return folder
    files = list_images(folder)
    if not files:
        raise ValueError(f"There is no image in '{folder}'. {contents(folder)}")
    check_photos(files, folder)
    return files


def check_photos(files, folder):
    """Raises a ValueError where files are something else than photos.

    Args:
        files: list of paths.
        folder: where they lie, for the words of errors.
    """
    kinds = {match[1] for match in map(_cityscapes, files) if match}
    if len(kinds) > 1:
        raise ValueError(
            f"'{folder}' holds Cityscapes' {' and '.join(sorted(kinds))} files "
            "of the same photos, which are no one domain. Models of semantic "
            "data read the folder that holds gtFine/ and leftImg8bit/ as it "
            "is; for other models put the files of one sort in a folder of "
            "their own."
        )
    if looks_like_maps(files):
        raise ValueError(
            f"The images in '{folder}' are maps: one channel with a few small "
            "numbers, those of classes or objects, which as a photo are "
            "black. Models of semantic data read them, which `kgt models` "
            "lists; for other models draw them in colours first."
        )


def pair_up(folder_a, folder_b):
    """The files of two folders that have equal names.

    Returns:
        (files of A, files of B in the same order, the names that are common,
        how many files there are in A and in B)

    Raises:
        ValueError: no name is in both.
    """
    files_a, files_b = photos_of(folder_a), photos_of(folder_b)
    stems_a, stems_b = stems(folder_a, files_a), stems(folder_b, files_b)
    common = [stem for stem in stems_a if stem in stems_b]
    if not common:
        raise ValueError(
            f"No file name of '{folder_a}' is in '{folder_b}', so nothing is "
            f"paired. A holds {shorten([f.name for f in files_a], 3)}; B holds "
            f"{shorten([f.name for f in files_b], 3)}. The names must be equal "
            "up to the suffix."
        )
    pairs_a = [stems_a[stem] for stem in common]
    pairs_b = [stems_b[stem] for stem in common]
    warn_of_singles({*files_a, *files_b} - {*pairs_a, *pairs_b})
    return pairs_a, pairs_b, common, (len(files_a), len(files_b))


def warn_of_singles(files):
    """Warns of files that have no partner of the same name."""
    if files:
        warnings.warn(
            f"{len(files)} images have no partner of the same name and are "
            f"left out: {shorten(sorted(files))}.",
            stacklevel=4,
        )


def photos_and(names, folder, split):
    """The two folders that lie in one: photos, and what belongs to them.

    Args:
        names: what folders of the latter are called.
        folder: that may hold both.
        split: "train", "val" or "test".

    Returns:
        (folder of photos, folder of the other), or None.
    """
    found, _ = find_domains(folder, split)
    others = [name for name in found if name.lower() in names]
    if len(others) != 1 or len(found) != 2:
        return None
    (photos,) = found.keys() - others
    return found[photos], found[others[0]]


def photos_anywhere(folder, kind, split):
    """The photos of a split, all of one domain.

    Returns:
        (files, their folders, note for the summary)

    Raises:
        ValueError: there is no image, or no such split.
    """
    folder = check_folder(folder)
    found = photo_folders(folder)
    if not found:
        raise ValueError(
            f"There is no image in '{folder}'. {contents(folder)} Known "
            f"layouts: {kind.layouts}."
        )
    used, note = pick_split(folder, split, list(found))
    files = []
    for inner in found[used]:
        own = list_images(inner)
        check_photos(own, inner)
        files += own
    return sorted(files), found[used], note


def side_by_side(folder, kind, split):
    """The files that hold pairs side by side.

    Returns:
        (files, folder, note for the summary), or None where there is none.

    Raises:
        ValueError: there is no such split, or they are not twice as wide as
            high.
    """
    folder = check_folder(folder)
    found = image_folders(folder)
    inner = subfolders(folder)
    if not found:
        if len(inner) == 1 and not lone_domain(folder):
            return side_by_side(*inner.values(), kind, split)
        return None
    used, note = pick_split(folder, split, list(found))
    if not looks_paired(found[used]):
        raise ValueError(
            f"The images in '{found[used]}' are no pairs side by side: those "
            "are about twice as wide as high (A on the left, B on the right). "
            f"Known layouts: {kind.layouts}."
        )
    return direct_images(found[used]), found[used], note


def pick_split(folder, split, found):
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
        f"{lone_domain(folder)}"
    )


def stems(folder, files):
    """{name below the folder without suffix: file}, the first of each."""
    found = {}
    for path in files:
        stem = path.relative_to(folder).with_suffix("").as_posix()
        found.setdefault(stem, path)
    return found


def labels(folder_a, folder_b):
    """Short names of two folders that tell them apart."""
    if folder_a.name != folder_b.name:
        return folder_a.name, folder_b.name
    return tuple(
        f"{folder.parent.name}/{folder.name}" for folder in (folder_a, folder_b)
    )


def class_of(folder):
    """The name that a folder gives to what lies in it, not the split's."""
    folder = pathlib.Path(folder)
    aliases = {alias for found in SPLITS.values() for alias in found}
    if folder.name.lower() in aliases:
        return folder.parent.name
    return split_and_domain(folder.name)[1]


def _cityscapes(path):
    return CITYSCAPES.search(path.stem)
