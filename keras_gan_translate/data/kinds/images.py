"""Photos, and nothing else."""

from keras_gan_translate.data.drawn.avatars import STYLES
from keras_gan_translate.data.kinds.kind import DataKind, Found
from keras_gan_translate.data.layouts import photos_anywhere
from keras_gan_translate.data.store import decode_images
from keras_gan_translate.support.messages import shorten


class Images(DataKind):
    """Batches of "a": what a model learns of a teacher, not of examples."""

    name = "images"
    about = "one folder of photos, and nothing beside them"
    layouts = (
        "photos in train/ (and test/ or val/), in folders inside these, in "
        "<class>/train/, or anywhere in the folder"
    )
    worlds = {"faces": ("photo",), "avatars": STYLES, "scenes": ()}
    num_styles = (1, None)

    def find_files(self, folders, split):
        if len(folders) > 1:
            raise ValueError(
                "images data are one folder of photos, received "
                f"{len(folders)}: a teacher says what is to be made of them."
            )
        files, found, note = photos_anywhere(folders[0], self, split)
        names = shorten([inner.name for inner in found], 3)
        where = ", ".join(f"'{inner}'" for inner in found)
        return Found(
            {"a": files},
            {},
            f"{self.name}: {names} {len(files)} photos{note}",
            {"a": where},
        )

    def read(self, found, reading):
        store = decode_images(
            [(path,) for path in found.files["a"]],
            reading.load,
            reading.how,
            where=found.where["a"],
        )
        return {"a": store.images[:, 0]}, store.skipped

    def drawn(self, drawing, size, seed):
        return {"a": drawing.by_turns(size, seed)}
