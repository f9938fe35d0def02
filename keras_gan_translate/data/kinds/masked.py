"""Photos with holes that are to be filled."""

import os

from keras_gan_translate.data.drawn.avatars import STYLES
from keras_gan_translate.data.folders import contents
from keras_gan_translate.data.holes import HOLES
from keras_gan_translate.data.images import (
    ImageError,
    list_images,
    read_image,
    read_map,
    resize_image,
    resize_map,
)
from keras_gan_translate.data.kinds.kind import DataKind, Found, Option
from keras_gan_translate.data.layouts import (
    of_split,
    photos_and,
    photos_anywhere,
    stems,
    warn_of_singles,
)
from keras_gan_translate.data.store import decode_entries, decode_images
from keras_gan_translate.support.messages import near_matches

MASKS = ("mask", "masks", "hole", "holes")  # what folders of masks are called


class Masked(DataKind):
    """Batches of "image" and "mask": 255 where the image is missing.

    Holes are drawn: others in every epoch, the same ones for held-out images.
    Or they are files, white where the image is missing: those of the images'
    names, or else any.
    """

    name = "masked"
    about = "photos, and holes that are drawn or lie in files"
    layouts = (
        "photos in train/ (and test/ or val/), in folders inside these, or "
        "anywhere in the folder; with files of holes <images>/ + masks/, or "
        "two folders"
    )
    options = {
        "holes": Option(
            f"What is missing: {', '.join(HOLES)}, or a folder of masks, "
            "which are white there.  [default: strokes]",
        )
    }
    maps = ("mask",)
    worlds = {"faces": ("photo",), "avatars": STYLES, "scenes": ()}
    num_styles = (1, None)

    def find_files(self, folders, split, holes=None):
        folder, masks = photos_and_holes(folders, split, holes)
        images, where, note = photos_anywhere(folder, self, split)
        root = where[0] if len(where) == 1 else None
        files, facts, words = with_holes(images, root, masks, split)
        return Found(
            files,
            facts,
            f"{self.name}: {len(files['image'])} photos{words}{note}",
            {"image": f"'{folder}'"},
        )

    def find_drawn(self, drawing, holes=None):
        masks = None
        if holes is not None and holes not in HOLES:
            masks = list(_masks_of(holes, drawing.split).values())
        words = f"{drawing.things}; holes: {holes or 'strokes'}"
        return {"masks": masks}, words

    def read(self, found, reading):
        load, how = reading.load, reading.how
        if "mask" not in found.files:
            store = decode_images(
                [(path,) for path in found.files["image"]],
                load,
                how,
                where=found.where["image"],
            )
            return {"image": store.images[:, 0]}, store.skipped

        def photo(path):
            return resize_image(read_image(path, 2 * max(load)), load, how)

        readers = {
            "image": (photo, (*load, 3), "uint8"),
            "mask": _mask_reader(load, how),
        }
        return decode_entries(found.files, readers, found.where["image"])

    def drawn(self, drawing, size, seed, holes=None):
        return {"image": drawing.by_turns(size, seed)}

    def groups(self, arrays):
        return [{k: arrays[k] for k in ("image", "mask") if k in arrays}]

    def extras(self, arrays, found, reading):
        if "mask" in arrays:
            return {}
        draw = HOLES.get(found.options.get("holes") or "strokes")
        if found.facts["masks"] is not None:
            masks, _ = decode_entries(
                {"mask": found.facts["masks"]},
                {"mask": _mask_reader(reading.size, "cover")},
                "the masks",
            )

            def draw(random, size):
                mask = masks["mask"][random.randint(len(masks["mask"]))]
                return mask[:, ::-1] if random.randint(2) else mask

        return {"draw": {"mask": draw}}


def photos_and_holes(folders, split, holes):
    """The folder of photos, and what their holes are, as they are given.

    Args:
        folders: tuple of one folder, or of that of the photos and of holes.
        split: "train", "val" or "test".
        holes: a word or a folder, or None.

    Returns:
        (folder, a word or a folder or None)

    Raises:
        ValueError: holes are given twice.
    """
    if len(folders) == 2 and holes is None:
        return tuple(of_split(each, split) for each in folders)
    if len(folders) > 1:
        raise ValueError(
            f"Holes are given once: by a second folder, or by holes={holes!r}."
        )
    (folder,) = folders
    if holes is None and os.path.isdir(folder):
        return photos_and(MASKS, folder, split) or (folder, None)
    return folder, holes


def with_holes(images, root, holes, split):
    """Files of images, and of their holes if these have the images' names.

    Args:
        images: list of paths.
        root: folder below which the names are to be equal; None if none are.
        holes: a word of `HOLES`, a folder of masks, or None.
        split: "train", "val" or "test".

    Returns:
        (files of a `Found`, its facts, how the holes are made in words)
    """
    if holes is None or holes in HOLES:
        words = f"; holes: {holes or 'strokes'}"
        return {"image": images}, {"masks": None}, words
    masks = _masks_of(holes, split)
    own = {} if root is None else stems(root, images)
    common = [stem for stem in own if stem in masks]
    if not common:
        words = f"; holes: any of {len(masks)} files"
        return {"image": images}, {"masks": list(masks.values())}, words
    warn_of_singles({own[stem] for stem in own if stem not in masks})
    files = {
        "image": [own[stem] for stem in common],
        "mask": [masks[stem] for stem in common],
    }
    return files, {"masks": None}, ", each with its own hole"


def _masks_of(folder, split):
    """{name: file} of a folder of masks."""
    if not os.path.isdir(folder):
        raise ValueError(
            f"holes={str(folder)!r} is neither a folder of masks nor one of "
            f"{', '.join(HOLES)}.{near_matches(str(folder), HOLES)}"
        )
    folder = of_split(folder, split)
    files = list_images(folder)
    if not files:
        raise ValueError(f"There is no mask in '{folder}'. {contents(folder)}")
    return stems(folder, files)


def _mask_reader(size, how):
    """(function, shape, type) as `decode_entries` takes them."""

    def read(path):
        values = read_map(path)
        # 0 and 1, or 0 and 255.
        white = 127 if values.max() > 1 else 0
        mask = resize_map((values > white).astype("uint8") * 255, size, how)
        if mask.all():
            raise ImageError(
                path,
                "it is white all over, and masks are white where the photo is "
                "missing: nothing is known to fill it from",
            )
        return mask[..., None]

    return read, (*size, 1), "uint8"
