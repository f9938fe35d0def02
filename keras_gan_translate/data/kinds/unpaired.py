"""Two sets of images, none of which belongs to another."""

from keras_gan_translate.data.kinds.kind import DataKind, Found, Option
from keras_gan_translate.data.layouts import (
    choose_two,
    labels,
    photos_of,
    refuse,
    stems,
    two_domains,
)
from keras_gan_translate.data.pair_lists import find_pairs
from keras_gan_translate.data.store import decode_images
from keras_gan_translate.data.tables import images_by_label

DOMAINS = Option(
    "The two folders in DATA that are A and B; of what is drawn the styles.",
    many=True,
)


class Unpaired(DataKind):
    """Batches of "a" and "b", each with its own order, crops and flips."""

    name = "unpaired"
    about = (
        "images of two domains, A and B, which are swapped by naming them the "
        "other way round"
    )
    layouts = (
        "trainA/ + trainB/ (or train_A/ + train_B/), train/<domain>/, "
        "<domain>/train/, or two folders <domain>/ of images; or metadata.csv "
        "with a column 'label', or with two columns that name files"
    )
    options = {"domains": DOMAINS}
    public = can_pack = True
    worlds = {"faces": ("photo", "toon"), "avatars": None}
    num_styles = (2, 2)

    def find_files(self, folders, split, domains=None):
        if len(folders) == 1:
            listed = find_pairs(folders[0], split, self.words, domains)
            if listed is not None:
                return self._listed(listed)
        two = two_domains(folders, self, split, domains)
        if two is None:
            told = images_by_label(folders[0], split)
            if told is None:
                refuse(folders[0], self)
            return self._by_label(folders[0], *told, domains)
        folder_a, folder_b, note = two
        a, b = photos_of(folder_a), photos_of(folder_b)
        label_a, label_b = labels(folder_a, folder_b)
        common = stems(folder_a, a).keys() & stems(folder_b, b).keys()
        if len(common) == len(a) == len(b):
            note += "; all names match: if they are pairs, pix2pix can use them"
        return Found(
            {"a": a, "b": b},
            {},
            f"{self.name}: {label_a} {len(a)} images, {label_b} {len(b)} "
            f"images{note}",
            {"a": f"'{folder_a}'", "b": f"'{folder_b}'"},
        )

    def _listed(self, pairs):
        name, (label_a, label_b) = pairs.path.name, pairs.names
        a, b = (list(dict.fromkeys(files)) for files in (pairs.a, pairs.b))
        return Found(
            {"a": a, "b": b},
            {},
            f"{self.name}: {label_a} {len(a)} images, {label_b} {len(b)} "
            f"images of {name}, which lists pairs{pairs.note}",
            {"a": f"'{pairs.path}'", "b": f"'{pairs.path}'"},
        )

    def _by_label(self, folder, found, table, note, domains):
        (a, b), said = choose_two(folder, found, self, domains)
        counts = [f"{name} {len(found[name])} images" for name in (a, b)]
        return Found(
            {"a": photos_of(found[a]), "b": photos_of(found[b])},
            {},
            f"{self.name}: {', '.join(counts)}, by the labels of "
            f"{table}{note}{said}",
            {"a": f"'{folder}'", "b": f"'{folder}'"},
        )

    def find_drawn(self, drawing):
        count = drawing.count
        return {}, f"A {count} images, B {count} images{drawing.note}"

    def read(self, found, reading):
        arrays, skipped = {}, {}
        for key, files in found.files.items():
            store = decode_images(
                [(path,) for path in files],
                reading.load,
                reading.how,
                where=found.where[key],
            )
            arrays[key] = store.images[:, 0]
            skipped |= store.skipped
        return arrays, skipped

    def drawn(self, drawing, size, seed):
        return dict(zip("ab", drawing.pictures(size, seed)))

    def groups(self, arrays):
        return [{key: images} for key, images in arrays.items()]
