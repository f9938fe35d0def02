"""Photos, and what is where in them: label maps, and instance maps."""

import os
import pathlib
import re
import warnings

import numpy as np

from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_styles import draw
from keras_gan_translate.data.drawn.face_truth import (
    PARSING_CLASSES,
    PARSING_PALETTE,
    parsing_map,
)
from keras_gan_translate.data.drawn.scene_air import SCENE_CLASSES
from keras_gan_translate.data.drawn.scenes import SCENE_PALETTE
from keras_gan_translate.data.drawn.synthetic import synthetic_faces
from keras_gan_translate.data.drawn.worlds import draw_scene_maps
from keras_gan_translate.data.folders import (
    contents,
    split_folders,
    subfolders,
)
from keras_gan_translate.data.images import (
    ImageError,
    list_images,
    read_image,
    read_map,
    read_palette,
    read_size,
    resize_image,
    resize_map,
)
from keras_gan_translate.data.kinds.kind import DataKind, Found, Option
from keras_gan_translate.data.layouts import (
    find_domains,
    of_split,
    pick_split,
    refuse,
)
from keras_gan_translate.data.store import decode_entries
from keras_gan_translate.fields.label_map import CITYSCAPES
from keras_gan_translate.support.messages import check_folder, shorten
from keras_gan_translate.support.untrusted import read_bytes

# What folders are called, by the key of the batch.
FOLDERS = {
    "label_map": ("label", "labels", "label_map", "label_maps", "annotations"),
    "instances": ("inst", "instance", "instances"),
    "image": ("img", "image", "images", "photo", "photos"),
}
# What Cityscapes adds to the name of a photo.
ADDED = re.compile(r"_(?:gtFine|gtCoarse)_[A-Za-z]+$|_leftImg8bit$")
MAX_CLASSES = 256  # label maps are uint8
SCANNED = 16  # pairs whose proportions are compared

# Of the flat pictures that are drawn: which of red, green and blue is high.
FLAT = ("black", "blue", "green", "cyan", "red", "magenta", "yellow", "white")
# World -> names of the classes that are drawn, and their colours.
DRAWN_CLASSES = {
    "scenes": (SCENE_CLASSES, SCENE_PALETTE),
    "faces": (PARSING_CLASSES, PARSING_PALETTE),
    "flat": (FLAT, None),
}


class Semantic(DataKind):
    """Batches of "label_map", "image" and, where there are, "instances".

    Maps hold the numbers of classes and of objects, and are never smoothed.
    """

    name = "semantic"
    about = "label maps of one channel and their photos"
    layouts = (
        "train_label/ + train_img/ (and train_inst/), train/label/ + "
        "train/img/, labels/ + images/ (with or without train/ inside), with "
        "equal file names; Cityscapes' gtFine/ + leftImg8bit/; or the folder "
        "of the label maps and that of the photos"
    )
    options = {
        "classes": Option(
            "The classes' names in the order of their numbers, or how many "
            "there are, or a file with a name in each line.  [default: "
            "DATA/classes.txt, or as many as the maps hold]",
            many=True,
        ),
        "instances": Option("Whether instance maps are read.", of_model=True),
    }
    aligned = True
    maps = ("label_map", "instances")
    worlds = {"scenes": (), "faces": ("photo",)}
    synthetic = {"flat": ()}
    other_words = {"labels": "scenes"}

    def find_files(self, folders, split, classes=None, instances=None):
        folders = tuple(check_folder(folder) for folder in folders)
        cityscapes = False
        if len(folders) > 3:
            raise ValueError(
                "semantic data lie in two folders, label maps and photos, or "
                f"three, with instance maps. Received {len(folders)}."
            )
        if len(folders) > 1:
            keys = ("label_map", "image", "instances")
            places = [of_split(folder, split) for folder in folders]
            files, note = _listed(dict(zip(keys, places))), ""
        else:
            found = _cityscapes(folders[0], split)
            cityscapes = found is not None
            files, note = found or self._by_folders(folders[0], split)
        if instances is False:
            files.pop("instances", None)
        if instances and "instances" not in files:
            raise ValueError(
                f"'{folders[0]}' has no instance maps, which this model reads: "
                "train_inst/ or *_instanceIds.png, with the names of the label "
                "maps. Known layouts: " + self.layouts + "."
            )
        files = _matched(files)
        _check_proportions(files)
        names, palette, origin = self._classes(
            folders[0], files["label_map"], classes, cityscapes
        )
        also = " and instance maps" if "instances" in files else ""
        return Found(
            files,
            {"classes": names, "palette": palette},
            f"semantic: {len(files['image'])} photos with label maps{also}, "
            f"{len(names)} classes{origin}{note}",
            {key: f"'{paths[0].parent}'" for key, paths in files.items()},
        )

    def find_drawn(self, drawing, classes=None, instances=None):
        names, palette = DRAWN_CLASSES[drawing.world]
        if classes is not None and _names(classes) != list(names):
            raise ValueError(
                f"The classes that are drawn are {', '.join(names)}; received "
                f"classes={classes!r}."
            )
        if instances and drawing.world == "faces":
            raise ValueError(
                "Drawn faces have no instance maps, which this model reads: "
                "take 'drawn:scenes', or a model without instances."
            )
        facts = {
            "classes": list(names),
            "palette": None if palette is None else palette.tolist(),
        }
        scenes = drawing.world == "scenes" and instances is not False
        also = " and instance maps" if scenes else ""
        words = f"{drawing.things} with label maps{also}, {len(names)} classes"
        return facts, words

    def check(self, found, reading):
        if reading.how == "letterbox":
            raise ValueError(
                "how='letterbox' is for photos: the bars would need a class. "
                "Choose 'cover' or 'stretch'."
            )

    def read(self, found, reading):
        load, how = reading.load, reading.how
        count = len(found.facts["classes"])

        def photo(path):
            return resize_image(read_image(path, 2 * max(load)), load, how)

        def label_map(path):
            values = read_map(path)
            check_ids(path, values, count)
            return resize_map(values, load, how)[..., None]

        def instances(path):
            return resize_map(read_map(path), load, how)[..., None]

        readers = {
            "label_map": (label_map, (*load, 1), "uint8"),
            "instances": (instances, (*load, 1), "int32"),
            "image": (photo, (*load, 3), "uint8"),
        }
        return decode_entries(
            found.files,
            {key: readers[key] for key in found.files},
            found.where["label_map"],
        )

    def drawn(self, drawing, size, seed, classes=None, instances=None):
        arrays = DRAW[drawing.world](drawing, size, seed)
        if instances is False:
            arrays.pop("instances", None)
        return arrays

    def describe(self, arrays, found):
        """The shares of the classes' pixels, the largest first."""
        names = found.facts["classes"]
        counts = np.zeros(len(names), "int64")
        for label_map in arrays["label_map"]:
            counts += np.bincount(label_map.ravel(), minlength=len(names))
        order = np.argsort(-counts, kind="stable")
        shares = [
            f"{names[i]} {100 * counts[i] / counts.sum():.2g} %"
            for i in order
            if counts[i]
        ]
        absent = [names[i] for i in order if not counts[i]]
        missing = f"; no pixel of {shorten(absent, 5)}" if absent else ""
        return f"; pixels: {shorten(shares, 12)}{missing}"

    def arguments(self, found):
        facts = {"classes": found.facts["classes"]}
        palette = found.facts["palette"]
        return facts if palette is None else facts | {"palette": palette}

    def of_model(self, model):
        return {"instances": "instances" in model.batch}

    def _by_folders(self, folder, split):
        """({key: {name: file}}, note) of folders that are named for it."""
        found, note = find_domains(folder, split)
        places = {
            key: path
            for name, path in found.items()
            for key, known in FOLDERS.items()
            if name.lower() in known
        }
        if not {"label_map", "image"} <= places.keys():
            refuse(folder, self)
        return _listed(places), note

    def _classes(self, folder, files, classes, cityscapes):
        """(names, palette or None, words for the summary)."""
        given, palette = classes, _palette(files[0])
        if given is None and (folder / "classes.txt").is_file():
            given = str(folder / "classes.txt")
        if given is None and cityscapes:
            colours = [list(colour) for colour in CITYSCAPES.values()]
            return list(CITYSCAPES), colours, " of Cityscapes"
        if given is None:
            count = 1 + max(int(_read_ids(path).max()) for path in files)
            names, words = _numbered(count), " by the largest number"
        else:
            names, words = _names(given), ""
        if not 2 <= len(names) <= MAX_CLASSES:
            raise ValueError(
                f"Label maps have 2 to {MAX_CLASSES} classes, received "
                f"{len(names)}{words}. Say with --classes how many there are."
            )
        if palette is not None:
            palette = palette[: len(names)]
            if len(palette) < len(names):
                palette = None
        return names, palette, words


def _draw_scenes(drawing, size, seed):
    drawn = draw_scene_maps(drawing, size, seed)
    return {
        "image": drawn["image"],
        "label_map": drawn["label"][..., None],
        "instances": drawn["instance"][..., None],
    }


def _draw_faces(drawing, size, seed):
    (style,) = drawing.styles

    def row(number):
        # With hats and jewellery: classes that would have no pixel.
        face = draw_face(number, seed)
        return {
            "image": draw(face, size[0], style),
            "label_map": parsing_map(face, size[0], style)[..., None],
        }

    return drawing.rows(row, "Drawing faces")


def _draw_flat(drawing, size, seed):
    """Photos with maps of their toons, whose colours are the `FLAT` classes."""
    photos, flat = synthetic_faces(drawing.count, size[0], seed, drawing.first)
    label_map = (flat > 127).astype("uint8") @ np.array([4, 2, 1], "uint8")
    label_map = label_map[..., None].astype("uint8")
    return {
        "image": photos,
        "label_map": label_map,
        "instances": label_map.astype("int32"),
    }


# World -> what draws a `Drawing` of it at a (height, width) with a seed.
DRAW = {"scenes": _draw_scenes, "faces": _draw_faces, "flat": _draw_flat}


def check_ids(path, values, count):
    """Raises a ValueError that names the file and the first wrong number."""
    low, high = int(values.min()), int(values.max())
    wrong = low if low < 0 else high
    if 0 <= wrong < count:
        return
    hint = (
        " 255 is what many sets call unlabelled: give it a number of its own "
        "in the files, the last one, and count it."
        if wrong == 255
        else ""
    )
    raise ValueError(
        f"'{path}' holds the number {wrong}, and the {count} classes have 0 to "
        f"{count - 1}. Say with --classes how many there are.{hint}"
    )


def _palette(path):
    try:
        return read_palette(path)
    except ImageError:  # named when everything is decoded
        return None


def _read_ids(path):
    try:
        return read_map(path)
    except ImageError as error:
        # Damaged files are named and skipped when everything is decoded.
        warnings.warn(str(error), stacklevel=5)
        return np.zeros((1, 1), "uint8")


def _numbered(count):
    return [f"class {i}" for i in range(count)]


def _names(given):
    """The names of classes from names, a number of them, or a file."""
    words = [given] if isinstance(given, (str, int, pathlib.Path)) else given
    words = [str(word) for word in words]
    if len(words) > 1:
        return words
    (word,) = words
    if word.isdecimal():
        return _numbered(int(word))
    if not os.path.isfile(word):
        raise ValueError(
            f"classes={word!r} is neither a number, nor several names, nor a "
            "file with a name in each line."
        )
    return read_classes(word)


def read_classes(path):
    """The names of classes in a file, a name in each line.

    Raises:
        ValueError: It is no text, or has no name.
    """
    try:
        lines = read_bytes(path).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"'{path}' is no list of names: {error}.") from error
    names = [line.strip() for line in lines if line.strip()]
    if not names:
        raise ValueError(f"'{path}' is empty: a name in each line is expected.")
    return names


def _cityscapes(folder, split):
    """({key: {name: file}}, note) of Cityscapes' own folders, or None."""
    inside = subfolders(folder)
    labels = inside.get("gtFine") or inside.get("gtCoarse")
    photos = inside.get("leftImg8bit")
    if labels is None or photos is None:
        return None
    places, note = [], ""
    for place in (labels, photos):
        splits = split_folders(subfolders(place))
        used, note = pick_split(place, split, list(splits) or [None])
        places.append(splits.get(used, place))
    of_labels = list_images(places[0])
    files = {
        "label_map": [p for p in of_labels if p.stem.endswith("_labelIds")],
        "instances": [p for p in of_labels if p.stem.endswith("_instanceIds")],
        "image": list_images(places[1]),
    }
    for key, place in (("label_map", places[0]), ("image", places[1])):
        if not files[key]:
            sort = "*_labelIds.png" if key == "label_map" else "photo"
            raise ValueError(
                f"There is no {sort} in '{place}'. {contents(place)}"
            )
    roots = {"label_map": places[0], "instances": places[0]}
    return {
        key: _by_name(roots.get(key, places[1]), paths)
        for key, paths in files.items()
        if paths
    }, note


def _listed(places):
    """{key: {name: file}} of the folders by key."""
    files = {}
    for key, folder in places.items():
        paths = list_images(folder)
        if not paths:
            raise ValueError(
                f"There is no image in '{folder}'. {contents(folder)}"
            )
        if key != "image":
            _check_one_sort(folder, paths)
        files[key] = _by_name(folder, paths)
    return files


def _check_one_sort(folder, paths):
    sorts = {
        match[0] for match in (ADDED.search(p.stem) for p in paths) if match
    }
    if len(sorts) > 1:
        raise ValueError(
            f"'{folder}' holds {' and '.join(sorted(sorts))} files together. "
            "Give the folder that holds gtFine/ and leftImg8bit/, in which "
            "they are told apart."
        )


def _by_name(folder, paths):
    """{name below the folder, without what Cityscapes adds: file}."""
    found = {}
    for path in paths:
        stem = path.relative_to(folder).with_suffix("")
        name = stem.with_name(ADDED.sub("", stem.name)).as_posix()
        found.setdefault(name, path)
    return found


def _matched(files):
    """The lists of files with equal names; warns of those without."""
    common = [
        name
        for name in files["label_map"]
        if all(name in paths for paths in files.values())
    ]
    if not common:
        examples = [
            f"{key} {shorten([p.name for p in paths.values()], 2)}"
            for key, paths in files.items()
        ]
        raise ValueError(
            "No label map has a photo of the same name. There are "
            f"{'; '.join(examples)}. Names must be equal up to the suffix and "
            "to what Cityscapes adds."
        )
    single = sorted(
        path
        for paths in files.values()
        for name, path in paths.items()
        if name not in set(common)
    )
    if single:
        warnings.warn(
            f"{len(single)} files have no partner of the same name and are "
            f"left out: {shorten(single)}.",
            stacklevel=4,
        )
    return {key: [paths[n] for n in common] for key, paths in files.items()}


def _check_proportions(files):
    """Raises a ValueError where a map and its photo differ in shape."""
    for key in files.keys() - {"image"}:
        for path, photo in list(zip(files[key], files["image"]))[:SCANNED]:
            try:
                one, other = read_size(path), read_size(photo)
            except ImageError:  # named when everything is decoded
                continue
            if abs(one[0] * other[1] / (one[1] * other[0]) - 1) > 0.02:
                raise ValueError(
                    f"'{path}' is {one[1]} x {one[0]} pixels and its photo "
                    f"'{photo}' {other[1]} x {other[0]}: of other proportions, "
                    "so they do not show the same."
                )
