"""Photos and their gray pictures, to which colours are to be added."""

from keras_gan_translate.data.drawn import face_truth
from keras_gan_translate.data.drawn.avatars import STYLES
from keras_gan_translate.data.drawn.face_styles import draw
from keras_gan_translate.data.images import read_image, resize_image
from keras_gan_translate.data.kinds.kind import DataKind, Found, Option
from keras_gan_translate.data.layouts import (
    of_split,
    pair_up,
    photos_and,
    photos_anywhere,
)
from keras_gan_translate.data.store import allocate, decode_entries, run_rows
from keras_gan_translate.support.colours import gray_of

SALIENCY = ("saliency", "sal", "saliency_maps")  # what folders are called


class Colorization(DataKind):
    """Batches of "image" and "gray", and of "saliency" where there is any.

    Gray has the lightness of the colours. Saliency is how much a pixel
    belongs to what one looks at, white where it does: files with the photos'
    names, or the persons of drawn faces.
    """

    name = "colorization"
    about = "photos, of which gray pictures are made"
    layouts = (
        "photos in train/ (and test/ or val/), in folders inside these, or "
        "anywhere in the folder; with saliency maps <images>/ + saliency/, or "
        "two folders, with equal file names"
    )
    options = {
        "saliency": Option("Folder of saliency maps of the photos' names."),
        "parts": Option("What batches hold beside.", of_model=True),
    }
    aligned = True
    worlds = {"faces": ("photo",), "avatars": STYLES, "scenes": ()}
    num_styles = (1, None)

    def find_files(self, folders, split, saliency=None, parts=()):
        folder, maps = folders[0], saliency
        if len(folders) == 2 and saliency is None:
            folder, maps = folders
        elif len(folders) > 1:
            raise ValueError(
                "Saliency maps are given once: by a second folder, or by "
                f"saliency={saliency!r}."
            )
        elif saliency is None:
            folder, maps = photos_and(SALIENCY, folder, split) or (folder, None)
        if maps is None:
            if "saliency" in parts:
                raise ValueError(
                    f"There are no saliency maps in '{folder}', and the model "
                    "is guided by them: gray files of the photos' names, white "
                    "where one looks, in saliency/ beside the folder of the "
                    "photos, or in a folder that `saliency` names."
                )
            images, _, note = photos_anywhere(folder, self, split)
            files, words = {"image": images}, f"{len(images)} photos{note}"
        else:
            folder, maps = of_split(folder, split), of_split(maps, split)
            images, maps, common, _ = pair_up(folder, maps)
            files = {"image": images, "saliency": maps}
            words = f"{len(common)} photos, each with its saliency"
        return Found(
            files,
            {},
            f"{self.name}: {words}",
            {"image": f"'{folder}'"},
        )

    def find_drawn(self, drawing, saliency=None, parts=()):
        if saliency is not None:
            raise ValueError(
                f"saliency={saliency!r} is for photos: drawn faces know their "
                "own."
            )
        if drawing.world == "faces":
            return {}, f"{drawing.things}, each with its saliency"
        if "saliency" in parts:
            raise ValueError(
                f"There is no saliency of the {drawing.world}, and the model "
                "is guided by it: take 'drawn:faces', or photos with saliency "
                "maps."
            )
        return {}, drawing.things

    def read(self, found, reading):
        load, how = reading.load, reading.how

        def photo(path):
            return resize_image(read_image(path, 2 * max(load)), load, how)

        readers = {"image": (photo, (*load, 3), "uint8")}
        if "saliency" in found.files:
            readers["saliency"] = (
                lambda path: photo(path)[..., :1],
                (*load, 1),
                "uint8",
            )
        arrays, skipped = decode_entries(
            found.files, readers, found.where["image"]
        )
        return _with_gray(arrays), skipped

    def drawn(self, drawing, size, seed, saliency=None, parts=()):
        if drawing.world != "faces":
            return _with_gray({"image": drawing.by_turns(size, seed)})

        def made(face, random, style):
            yield "image", draw(face, size[0], style)
            yield "saliency", face_truth.saliency(face, size[0])[..., None]

        return _with_gray(drawing.faces(made, seed))

    def of_model(self, model):
        return {"parts": tuple(set(model.batch) & {"saliency"})}


def _with_gray(arrays):
    images = arrays["image"]
    gray = allocate((*images.shape[:3], 1))

    def make(row):
        gray[row] = gray_of(images[row])

    for _ in run_rows(make, len(images), "Making gray pictures"):
        pass
    return arrays | {"gray": gray}
