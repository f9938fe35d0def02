"""What there is to look at: the kind of data, splits, parts, files."""

from __future__ import annotations

import dataclasses
import pathlib
import warnings

import numpy as np

from keras_gan_translate.data.doctor.looking import Look, look_at_all
from keras_gan_translate.data.folders import (
    SPLITS,
    domain_folders,
    looks_like_maps,
)
from keras_gan_translate.data.images import list_images
from keras_gan_translate.data.kinds import find_kind, origin_of
from keras_gan_translate.data.kinds.colorization import SALIENCY
from keras_gan_translate.data.kinds.masked import MASKS
from keras_gan_translate.data.kinds.semantic import FOLDERS
from keras_gan_translate.data.layouts import class_of
from keras_gan_translate.support.messages import check_folder

# Keys of batches that hold gray pictures which belong to photos.
GRAY = ("saliency",)
ANY = "256"  # classes, while nobody knows how many there are
PAIRED = 0.8  # of the pictures that have a partner, where they are pairs
PHOTOS = "masked"  # the kind that takes a folder of photos and resizes them
QUICK_FILES = 60  # of each part of each split
QUICK_SECONDS = 3.0


@dataclasses.dataclass
class Material:
    """What the checks are given.

    Attributes:
        source: the folders, a tuple of paths.
        kind: the `DataKind` as which they are read; None if by none.
        guessed: whether nobody has said so.
        photos: whether they are photos of which nobody knows what for.
        options: of the kind, as they were given.
        splits: name -> its `Found`; the same files are never in two.
        parts: (split, part) -> list of pictures. A part is a domain, or a key
            of the batch; what belongs together has one place in the parts of
            a split if the kind is `aligned`.
        maps: (split, key) -> list of files of numbers.
        looks: path -> `Look`, of all files, or of some of each (`quick`).
        image_size: of the training in pixels; None if nobody has said it.
        only: the one split that was asked for; None if all are.
        quick: whether only some files were looked at.
        warnings: what the reader has warned of, in sentences.
        error: why it cannot be read at all, in sentences; "" if it can.
        damaged: warnings that came while the files were looked at.
    """

    source: tuple
    kind: object = None
    guessed: bool = False
    photos: bool = False
    options: dict = dataclasses.field(default_factory=dict)
    splits: dict = dataclasses.field(default_factory=dict)
    parts: dict = dataclasses.field(default_factory=dict)
    maps: dict = dataclasses.field(default_factory=dict)
    looks: dict[pathlib.Path, Look] = dataclasses.field(default_factory=dict)
    image_size: int | None = None
    only: str | None = None
    quick: bool = False
    warnings: list = dataclasses.field(default_factory=list)
    error: str = ""
    damaged: list = dataclasses.field(default_factory=list)

    @property
    def files(self):
        """All files, pictures and maps, each once."""
        lists = [*self.parts.values(), *self.maps.values()]
        return list(dict.fromkeys(path for paths in lists for path in paths))

    @property
    def halves(self):
        """Whether each file holds two pictures side by side."""
        return any(f.facts.get("halves") for f in self.splits.values())

    @property
    def domains(self):
        """Names of the domains of the first split; () if there are none."""
        if not self.splits or self.kind is None or self.kind.aligned:
            return ()
        first = next(iter(self.splits))
        names = [part for split, part in self.parts if split == first]
        return tuple(names) if len(names) > 1 else ()

    @property
    def first(self):
        """The split that is trained on: the first that there is."""
        return next(iter(self.splits), "train")

    def seen(self, split=None, part=None):
        """`Look`s of the pictures that can be read, of a split and a part."""
        paths = dict.fromkeys(
            path
            for (of, name), files in self.parts.items()
            if split in (None, of) and part in (None, name)
            for path in files
        )
        looks = (self.looks.get(path) for path in paths)
        return [seen for seen in looks if seen is not None and seen.header]

    def seen_maps(self, key, split=None):
        """`Look`s of the maps of a key that can be read."""
        paths = dict.fromkeys(
            path
            for (of, name), files in self.maps.items()
            if split in (None, of) and key == name
            for path in files
        )
        looks = (self.looks.get(path) for path in paths)
        return [seen for seen in looks if seen is not None and seen.ids]

    def rows(self, *keys):
        """Tuples of `Look`s of files that belong together, all of them read.

        Args:
            *keys: of the batch.
        """
        for found in self.splits.values():
            if not set(keys) <= found.files.keys():
                continue
            for row in zip(*(found.files[key] for key in keys)):
                looks = [self.looks.get(path) for path in row]
                if all(seen is not None and not seen.reason for seen in looks):
                    yield looks

    def name_of(self, split, part):
        """What a part of a split is called in sentences."""
        words = [] if len(self.splits) == 1 else [split]
        several = len({name for _, name in self.parts}) > 1
        return " ".join([*words, *([str(part)] if several else [])]) or "there"


def find_material(source, kind=None, split=None, **options):
    """Finds what there is to look at; opens no picture.

    Args:
        source: a folder, or a tuple of folders.
        kind: name of a kind of data; None to find it out.
        split: the only one that is looked at; None for all.
        **options: of the kind.

    Returns:
        A `Material` without looks.

    Raises:
        ValueError: there is no such folder, it holds no pictures, or an
            option is wrong.
    """
    folders = source if isinstance(source, (tuple, list)) else (source,)
    for folder in folders:
        if origin_of(folder)[0] != "folders":
            raise ValueError(
                f"'{folder}' is drawn or downloaded: files are looked at. Give "
                "a folder of images."
            )
    options = {k: v for k, v in options.items() if v is not None}
    folders = tuple(pathlib.Path(folder) for folder in folders)
    for folder in folders:
        if not folder.is_file():  # a table of attributes
            check_folder(folder)
    material = Material(folders, guessed=kind is None, options=options)
    material.only = split
    # Val stands in for a test split that is not there, so it comes last.
    splits = ("train", "test", "val") if split is None else (split,)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = _read_as(material, kind, splits)
    texts = dict.fromkeys(str(warning.message) for warning in caught)
    material.warnings = list(texts) if found else []
    if not found:
        return material
    for name, one in found.items():
        if material.photos:
            summary = f"{len(one.paths)} photos"
            one = dataclasses.replace(one, summary=summary)
        _add_split(material, name, one)
    return material


def look(material, quick=False):
    """Looks at the files of a `Material`, or at some of each part."""
    material.quick = quick
    pictures = _lists(material.parts, quick)
    maps = _lists(material.maps, quick)
    material.looks, material.damaged = look_at_all(
        pictures, maps, QUICK_SECONDS if quick else None
    )


def _read_as(material, name, splits):
    """{split: `Found`}; sets the kind, or the error if there is none."""
    source = material.source
    if name is not None:
        kind = find_kind(name)
        kind.check_options(material.options)
        found, error = _all_splits(kind, source, splits, material.options)
        material.kind = kind
        if not found:
            _hold_anyway(material, error)
        return found
    error = None
    for name, may_be, fits in GUESSES:
        kind = find_kind(name)
        known = material.options.keys() <= kind.options.keys()
        if not known or not may_be(source):
            continue
        # What a kind that does not fit warns of is of no interest.
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found, refused = _all_splits(kind, source, splits, material.options)
        if not found and name == "semantic":
            material.kind = kind
            _hold_anyway(material, refused)
            return {}
        if found and fits(next(iter(found.values()))):
            material.kind = kind
            material.photos = fits is _any and name == PHOTOS
            for warning in caught:
                warnings.warn(str(warning.message), stacklevel=2)
            return found
        error = refused or error
    _hold_anyway(material, error)
    return {}


def _all_splits(kind, source, splits, options):
    """({split: `Found`}, the first error or None)."""
    found, error, known = {}, None, set()
    source = source if len(source) > 1 else source[0]
    given = kind.defaults | options
    if kind.name == "semantic" and "classes" not in given:
        given |= _any_classes(source)
    for split in splits:
        try:
            one = kind.find(source, split, **given)
        except ValueError as refused:
            error = error or refused
            continue
        if given.get("classes") == ANY:
            summary = one.summary.replace(f", {ANY} classes", "")
            one = dataclasses.replace(one, summary=summary)
        # Another split may stand in for one that is not there.
        if one.paths and not one.paths <= known:
            found[split] = one
            known |= one.paths
    return found, error


def _any_classes(source):
    """The reader would decode all maps only to count the classes."""
    folder = source[0] if isinstance(source, tuple) else source
    known = ("classes.txt", "gtFine", "gtCoarse")
    if any((folder / name).exists() for name in known):
        return {}
    return {"classes": ANY}


def _may_be_semantic(source):
    """Whether folders are named for label maps, or hold some."""
    if len(source) > 1:
        return looks_like_maps(list_images(source[0])[:4])
    (folder,) = source
    if not folder.is_dir():
        return False
    if any((folder / name).is_dir() for name in ("gtFine", "gtCoarse")):
        return True
    names = {
        name.lower()
        for found in domain_folders(folder).values()
        for name in found
    }
    return all(names & set(FOLDERS[key]) for key in ("label_map", "image"))


def _same_names(found):
    """Whether most pictures are pairs by names that are no running numbers."""
    if found.facts["halves"]:
        return True
    names = [path.stem for path in found.files["a"]]
    folders = [found.files[key][0].parent for key in "ab"]
    most = max(len(list_images(folder)) for folder in folders)
    return len(names) >= PAIRED * most and not all(map(str.isdecimal, names))


def _second_is(names):
    """Of two folders the second has one of some names."""
    return lambda source: (
        len(source) == 1 or class_of(source[1]).lower() in names
    )


def _any(_):
    return True


# (kind, whether a source may be it, whether what was found is it), from the
# plainest to what nearly any folder is.
GUESSES = (
    ("semantic", _may_be_semantic, _any),
    ("attributes", _any, _any),
    (
        "masked",
        _second_is(MASKS),
        lambda found: "mask" in found.files or found.facts["masks"],
    ),
    (
        "colorization",
        _second_is(SALIENCY),
        lambda found: "saliency" in found.files,
    ),
    ("paired", _any, _same_names),
    ("unpaired", _any, _any),
    ("domains", _any, _any),
    (PHOTOS, _any, _any),
)


def _hold_anyway(material, error):
    """Keeps all pictures for the checks of files, and why nothing fits."""
    by_folder = {}
    for folder in filter(pathlib.Path.is_dir, material.source):
        for path in list_images(folder):
            by_folder.setdefault(path.parent, []).append(path)
    if not by_folder:
        raise error
    material.error = str(error)
    for paths in by_folder.values():
        lists = material.maps if looks_like_maps(paths) else material.parts
        lists.setdefault((material.first, "files"), []).extend(paths)


def _add_split(material, split, found):
    """Sorts the files of a split into pictures and maps."""
    material.splits[split] = found
    numbers = found.facts.get("numbers")
    for key, paths in found.files.items():
        if key in material.kind.maps or key in GRAY:
            material.maps[split, key] = list(paths)
        elif numbers is not None:
            for number, name in enumerate(found.facts["domains"]):
                material.parts[split, name] = [
                    path for path in paths if numbers[path] == number
                ]
        else:
            material.parts[split, _title(key, found)] = list(paths)
    if found.facts.get("masks"):
        material.maps[split, "mask"] = list(found.facts["masks"])


def _title(key, found):
    """What a part is called: by its folder, or A for "a"."""
    folder = pathlib.Path(found.where.get(key, "").strip("'"))
    name, several = class_of(folder), len(found.files) > 1
    splits = tuple(alias for aliases in SPLITS.values() for alias in aliases)
    if len(key) > 1:
        return key
    if found.facts.get("halves"):
        return "pairs"
    if not several or not name or name.lower().startswith(splits):
        return key.upper()
    return name


def _lists(lists, quick):
    """The files to look at, each once."""
    if not quick:
        chosen = lists.values()
    else:
        chosen = [_some(paths) for paths in lists.values()]
    return list(dict.fromkeys(path for paths in chosen for path in paths))


def _some(paths):
    """Some of the files: the same rows of lists of one length."""
    if len(paths) <= QUICK_FILES:
        return paths
    rows = np.linspace(0, len(paths) - 1, QUICK_FILES).astype(int)
    return [paths[row] for row in rows]
