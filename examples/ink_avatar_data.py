"""Gray portraits and ink avatars, so that both show faces alike.

The portraits' faces are found and cut out as `kgt.data.align_face` does it;
the avatars are cut so that their eyes come to the same places. Those that
have what no portrait has are left out.
"""

import csv

import numpy as np
from avatar_judge import open_judge
from PIL import Image

import keras_gan_translate as kgt
from keras_gan_translate.data.faces.aligning import cut
from keras_gan_translate.metrics import kernel_distance
from keras_gan_translate.metrics.kernel import kernel_distance_deviation

NUM_HELD_OUT = 40  # portraits, and as many avatars
NUM_CROPS = 4  # of each, which are judged
SIZE, CANVAS = 128, 160  # pixels: of a crop, and of what it is cut from
# Where they are in every picture of Lorelei, which are of 128 pixels: its
# faces look to the right.
EYES, MOUTH = ((61.3, 59.3), (87.0, 58.8)), (74.0, 81.0)
# Variants, by their numbers. No portrait has its eyes closed or winks; hair
# over the eyes, and hair that hardly anyone wears.
CLOSED_EYES = (1, 3, 15, 17, 18, 19, 22)
STRANGE_HAIR = (26, 27, 34, 36, 40, 41, 45)
SHORT_HAIR = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 22, 25, 28, 43, 44, 47)


class Material:
    """Portraits and avatars, for training and held out, and the judge.

    Args:
        data: folder of both.
        out: folder of the training, where portraits' crops are kept.
    """

    def __init__(self, data, out):
        random = np.random.default_rng(0)
        photos = read_portraits(data / "portraits_gray", out)
        photos = photos[random.permutation(len(photos))]
        self.held_photos, self.photos = np.split(photos, [NUM_HELD_OUT])
        avatars, rows, odds = read_avatars(data / "avatars" / "lorelei")
        held = random.choice(len(avatars), NUM_HELD_OUT, replace=False, p=odds)
        rest = np.setdiff1d(np.arange(len(avatars)), held)
        self.held_avatars, self.avatars = avatars[held], avatars[rest]
        self.odds = odds[rest] / odds[rest].sum()
        self.features = open_judge(
            out / "judge.keras",
            self.avatars,
            [rows[i] for i in rest],
            random,
            jitter,
        )

    def __call__(self, size):
        """What `train_stages` asks for."""

        def draw(count, random):
            chosen = random.integers(len(self.photos), size=count)
            a = [jitter(self.photos[i], size, random, True) for i in chosen]
            chosen = random.choice(len(self.avatars), count, p=self.odds)
            b = [jitter(self.avatars[i], size, random) for i in chosen]
            return {"a": np.stack(a)[..., :1], "b": np.stack(b)[..., :1]}

        return draw, self.held_out(size)

    def held_out(self, size):
        """Portraits and avatars that are not trained on, two arrays.

        First all of them once, then all again in other crops.
        """
        random = np.random.default_rng(1)
        lots = [None] + [random] * (NUM_CROPS - 1)
        return [
            np.stack([jitter(x, size, lot) for lot in lots for x in images])
            for images in (self.held_photos, self.held_avatars)
        ]

    def judge(self, avatars, others):
        """Kernel distance to avatars, and its standard deviation."""
        real, fake = self.features(avatars), self.features(others)
        return (
            kernel_distance(real, fake),
            kernel_distance_deviation(real, fake),
        )


def read_portraits(folder, out):
    """The faces of portraits, which look to the right if to any side.

    Args:
        folder: of photos, one face in each.
        out: where the crops are kept, for the next time.

    Returns:
        uint8 array (N, CANVAS, CANVAS, 3).
    """
    kept = out / "portraits.npy"
    if not kept.exists():
        crops = []
        for path in sorted(folder.glob("*.jpg")):
            image = kgt.data.read_image(path)
            faces = kgt.data.find_faces(image, smallest=24)
            if faces:
                crop = cut_canvas(image, faces[0])
                left, _, right, _ = faces[0].box
                looks_left = np.mean(faces[0].eyes, 0)[0] < (left + right) / 2
                crops.append(crop[:, ::-1] if looks_left else crop)
        np.save(kept, np.stack(crops))
    return np.load(kept)


def read_avatars(folder):
    """Avatars whose eyes are where those of portraits are.

    Args:
        folder: of pictures of 128 pixels and their attributes.csv.

    Returns:
        (uint8 array (N, CANVAS, CANVAS, 3), list of their attributes, array
        of the odds by which they are drawn: short hair, smiles, and few
        beards, as portraits have them).
    """
    face = kgt.data.Face((0, 0, SIZE, SIZE), EYES, MOUTH, 1.0)
    with open(folder / "attributes.csv", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if not is_strange(row)]
    images = [kgt.data.read_image(folder / row["file"]) for row in rows]
    odds = [
        (1.0 if number_of(row["hair"]) in SHORT_HAIR else 0.5)
        * (0.3 if row["beard"] else 1.0)
        * (0.3 if row["mouth"].startswith("sad") else 1.0)
        for row in rows
    ]
    canvases = np.stack([cut_canvas(image, face) for image in images])
    return canvases, rows, np.array(odds) / sum(odds)


def is_strange(row):
    """Whether an avatar has what no portrait has."""
    return bool(
        number_of(row["eyes"]) in CLOSED_EYES
        or number_of(row["hair"]) in STRANGE_HAIR
        or row["hairAccessories"]
        or row["freckles"]
    )


def number_of(variant):
    """variant07 -> 7."""
    return int(variant[-2:])


def cut_canvas(image, face):
    """A face as `align_face` cuts it, with a margin around it."""
    margin = int(face.side)
    # `align_face` would mirror what is missing, and double the hair.
    image = np.pad(image, [(margin, margin), (margin, margin), (0, 0)], "edge")
    side = face.side * CANVAS / SIZE
    return cut(image, face.middle + margin, side, face.angle, CANVAS)


def jitter(canvas, size, random=None, light=False):
    """A face out of a canvas; moved, smaller or larger, lighter or darker.

    Args:
        canvas: uint8 array (CANVAS, CANVAS, 3).
        size: of the crop in pixels.
        random: NumPy generator; none for the crop of `align_face`.
        light: whether brightness and contrast differ, too.

    Returns:
        uint8 array (size, size, 3).
    """
    side, x, y = SIZE, CANVAS / 2, CANVAS / 2
    if random is not None:
        side = SIZE * random.uniform(0.94, 1.06)
        x, y = CANVAS / 2 + random.uniform(-5, 5, 2)
    box = (x - side / 2, y - side / 2, x + side / 2, y + side / 2)
    crop = np.asarray(
        Image.fromarray(canvas).resize(
            (size, size), Image.Resampling.BICUBIC, box
        )
    )
    if random is None or not light:
        return crop
    gain, shift = random.uniform(0.85, 1.15), random.uniform(-15, 15)
    crop = 128 + gain * (crop - 128.0) + shift
    return np.rint(np.clip(crop, 0, 255)).astype("uint8")
