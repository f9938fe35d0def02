"""The data sets of benchmark.py, and the questions that they ask."""

import csv
import dataclasses
import pathlib
import re
import zlib

import numpy as np

import keras_gan_translate as kgt
from keras_gan_translate.data.drawn.avatars import (
    avatar_labels,
    normalise,
    resize,
)
from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_attributes import (
    attributes,
    with_attribute,
)
from keras_gan_translate.data.drawn.face_styles import draw
from keras_gan_translate.data.drawn.worlds import FIRST_DRAWN
from keras_gan_translate.support.files import written_aside

IMAGE_SIZE = 64
SEED = 0
STYLES = {
    "emoji": ("noto", "twemoji", "openmoji", "fluentui"),
    "faces": ("photo", "toon", "line", "watercolour"),
}
# The styles that models of two domains learn.
PAIRS = {"emoji": ("noto", "twemoji"), "faces": ("photo", "toon")}
ATTRIBUTES = {
    "attributes": ("Eyeglasses", "Smiling", "Wearing_Hat"),
    "avatars": ("glasses", "beard", "smile"),
}
NUM_FACES = 1000  # for training, of each style
NUM_HELD_OUT = 100  # drawn faces
# Words that tell variants of one emoji apart.
VARIANTS = set(
    "man men woman women person people boy girl child adult older old prince "
    "princess mx mrs santa claus light medium dark skin tone one two three "
    "four five six seven eight nine ten eleven twelve thirty".split()
)


def names_of(name):
    """The names of a data set's labels: styles, or attributes."""
    return STYLES.get(name) or ATTRIBUTES[name]


def make_data(name, path, emoji=None, avatars=None):
    """Draws or reads a data set, and keeps it in a file.

    Args:
        name: of the data set.
        path: the file, `.npz`.
        emoji: folder of `emoji`.
        avatars: folder of `avatars`; those in the package if None.

    Returns:
        Dict of `images` (N, H, W, 3) uint8 and `labels` (N, names) float32 to
        train on, `test_images` and `test_labels`. Of styles the pictures come
        style by style, the same things in the same order in `test_images`.
        `truth` (names, M, H, W, 3), for attributes: what each test picture is
        with one of them changed; absent where nobody knows.
    """
    if name == "emoji":
        data = styles_data(*read_emoji(emoji))
    elif name == "faces":
        data = styles_data(*draw_faces())
    elif name == "attributes":
        data = draw_attributes()
    else:
        data = read_avatars(avatars)
    with written_aside(path) as aside:
        np.savez(aside, **data)
    return data


def load_data(path):
    """What `make_data` keeps."""
    with np.load(path) as file:
        return dict(file)


def styles_data(train, test):
    """Lists of arrays, one a style, as `make_data` returns them."""

    def labels(arrays):
        numbers = np.repeat(range(len(arrays)), [len(x) for x in arrays])
        return np.eye(len(arrays), dtype="float32")[numbers]

    return {
        "images": np.concatenate(train),
        "labels": labels(train),
        "test_images": np.concatenate(test),
        "test_labels": labels(test),
    }


def read_emoji(folder):
    """Emoji that all styles have; of seven concepts about one is held out."""
    folder = pathlib.Path(folder)
    with open(folder / "index.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    parts = {True: [], False: []}
    for row in rows:
        file = f"{row['codepoints']}.png"
        paths = [folder / style / file for style in STYLES["emoji"]]
        if all(path.exists() for path in paths):
            concept = concept_of(row["name"])
            held_out = zlib.crc32(concept.encode()) % 7 == 0
            parts[held_out].append(
                [kgt.data.read_image(path) for path in paths]
            )
    train, test = (np.array(parts[key]).swapaxes(0, 1) for key in (False, True))
    return list(train), list(test)


def concept_of(name):
    """What an emoji is of, whoever does it and whatever the clock says."""
    words = re.split("[^a-z]+", name.lower())
    return " ".join(word for word in words if word not in VARIANTS)


def draw_faces():
    """Faces of which none is in two styles to train on."""
    styles = STYLES["faces"]
    train = [
        kgt.data.synthetic_faces(
            NUM_FACES, IMAGE_SIZE, SEED, i * NUM_FACES, (style,)
        )[0]
        for i, style in enumerate(styles)
    ]
    first = FIRST_DRAWN["test"]
    test = kgt.data.synthetic_faces(
        NUM_HELD_OUT, IMAGE_SIZE, SEED, first, styles
    )
    return train, list(test)


def draw_attributes():
    """Drawn faces and what they have; held-out ones with each changed."""
    names = ATTRIBUTES["attributes"]

    def rows(faces):
        images = np.stack([draw(face, IMAGE_SIZE) for face in faces])
        table = [[attributes(face)[name] for name in names] for face in faces]
        return images, np.array(table, "float32")

    first = FIRST_DRAWN["test"]
    train = rows([draw_face(i, SEED) for i in range(2 * NUM_FACES)])
    faces = [draw_face(first + i, SEED) for i in range(NUM_HELD_OUT)]
    test = rows(faces)
    changed = [
        [
            draw(
                with_attribute(face, name, not attributes(face)[name]),
                IMAGE_SIZE,
            )
            for face in faces
        ]
        for name in names
    ]
    keys = ("images", "labels", "test_images", "test_labels")
    return dict(zip(keys, (*train, *test))) | {"truth": np.array(changed)}


def read_avatars(folder):
    """Open Peeps and what they wear; every tenth is held out."""
    style, names = "open-peeps", ATTRIBUTES["avatars"]
    if folder is None:
        images, rows = kgt.data.avatars(style, image_size=IMAGE_SIZE)
        test_images, test_rows = kgt.data.avatars(
            style, split="test", image_size=IMAGE_SIZE
        )
    else:
        folder = pathlib.Path(folder) / style
        with open(folder / "attributes.csv", encoding="utf-8") as file:
            table = list(csv.DictReader(file))
        parts = [], []
        for i, row in enumerate(table):
            image = kgt.data.read_image(folder / row["file"])
            image = resize(style, image, IMAGE_SIZE)
            parts[i % 10 == 9].append((image, normalise(style, row)))
        (images, rows), (test_images, test_rows) = (
            zip(*part) for part in parts
        )
    return {
        "images": np.array(images),
        "labels": avatar_labels(rows, names),
        "test_images": np.array(test_images),
        "test_labels": avatar_labels(test_rows, names),
    }


def flipped(images, random):
    """Half of the images mirrored."""
    mirrored = random.random(len(images)) < 0.5
    return np.where(mirrored[:, None, None, None], images[:, :, ::-1], images)


@dataclasses.dataclass
class Task:
    """One question to all models.

    Attributes:
        name: such as "noto to openmoji".
        pair: (style, style), None of attributes.
        images: uint8 array (N, H, W, 3), what is translated.
        truth: the same of what it should be, or None.
        now: labels (N, names) of `images`.
        wanted: labels (N, names) of the translations.
    """

    name: str
    pair: tuple | None
    images: object
    truth: object
    now: object
    wanted: object


def tasks_of(name, data):
    """The questions of a data set, the pair of `PAIRS` first."""
    images, labels = data["test_images"], data["test_labels"]
    if name in ATTRIBUTES:
        for i, attribute in enumerate(ATTRIBUTES[name]):
            wanted = labels.copy()
            wanted[:, i] = 1 - wanted[:, i]
            truth = data["truth"][i] if "truth" in data else None
            yield Task(
                f"change {attribute}", None, images, truth, labels, wanted
            )
        return
    styles = STYLES[name]
    parts = [labels.argmax(1) == i for i in range(len(styles))]
    pairs = [PAIRS[name], PAIRS[name][::-1]]
    pairs += [
        (a, b) for a in styles for b in styles if a != b and (a, b) not in pairs
    ]
    for a, b in pairs:
        one, other = parts[styles.index(a)], parts[styles.index(b)]
        yield Task(
            f"{a} to {b}",
            (a, b),
            images[one],
            images[other],
            labels[one],
            np.ascontiguousarray(labels[other]),
        )
