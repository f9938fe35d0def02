"""Photos, and the same reduced."""

from keras_gan_translate.data.drawn.avatars import STYLES
from keras_gan_translate.data.kinds.kind import DataKind, Found, Option
from keras_gan_translate.data.layouts import photos_anywhere
from keras_gan_translate.data.reduction import reduce_images
from keras_gan_translate.data.sizes import check_scale
from keras_gan_translate.data.store import decode_photos
from keras_gan_translate.support.messages import shorten


class SuperResolution(DataKind):
    """Batches of "b", crops of photos as they are, and "a", these reduced.

    Reference:
        Ledig et al., "Photo-Realistic Single Image Super-Resolution Using a
        Generative Adversarial Network", 2017, section 3.2.
    """

    name = "super_resolution"
    about = "one folder of photos, from which the small images are made"
    layouts = (
        "photos in train/ (and test/ or val/), in folders inside these, in "
        "<class>/train/, or anywhere in the folder"
    )
    options = {
        "scale": Option(
            "How many times smaller the small images are.", of_model=True
        )
    }
    defaults = {"scale": 4}
    aligned = True
    image_size = 96
    resizes = False
    worlds = {"faces": ("photo",), "avatars": STYLES}
    num_styles = (1, None)

    def find_files(self, folders, split, scale=None):
        if len(folders) > 1:
            raise ValueError(
                "super_resolution takes one folder of photos, received "
                f"{len(folders)}: the small images are made from them."
            )
        files, found, note = photos_anywhere(folders[0], self, split)
        names = shorten([inner.name for inner in found], 3)
        where = ", ".join(f"'{inner}'" for inner in found)
        return Found(
            {"b": files},
            {},
            f"super_resolution: {names} {len(files)} photos{note}"
            + _reduced(scale),
            {"b": where},
        )

    def find_drawn(self, drawing, scale=None):
        return {}, drawing.things + _reduced(scale)

    def check(self, found, reading):
        check_scale(reading.size, found.options["scale"])

    def read(self, found, reading):
        store = decode_photos(found.files["b"], reading.size, found.where["b"])
        return {"b": store.images}, store.skipped

    def drawn(self, drawing, size, seed, scale=None):
        return {"b": drawing.by_turns(size, seed)}

    def extras(self, arrays, found, reading):
        scale = found.options["scale"]
        return {"derive": lambda crops: {"a": reduce_images(crops["b"], scale)}}

    def of_model(self, model):
        return {"scale": model.scale}


def _reduced(scale):
    return "" if scale is None else f"; reduced {scale} times"
