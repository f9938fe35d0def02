"""The worlds that are drawn, by name: what sources of data ask for."""

import dataclasses
import functools

import numpy as np

from keras_gan_translate.data.drawn.avatars import COUNT, STYLES, avatars
from keras_gan_translate.data.drawn.avatars import SPLITS as TENTHS
from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_styles import FACE_STYLES
from keras_gan_translate.data.drawn.person_lots import make_person
from keras_gan_translate.data.drawn.persons import draw_person, garment
from keras_gan_translate.data.drawn.scenes import draw_scenes
from keras_gan_translate.data.drawn.synthetic import synthetic_faces
from keras_gan_translate.data.store import run_rows

# The first example of each split: far from each other, so none is in two.
FIRST_DRAWN = {"train": 0, "val": 10_000_000, "test": 20_000_000}
FEW = {"val": 100, "test": 100}  # of what takes long to draw


@dataclasses.dataclass(frozen=True)
class World:
    """What can be drawn.

    Attributes:
        title: what it is called in a summary.
        thing: what one of its pictures is called there, in the plural.
        styles: names of all its styles; empty where it has but one.
        square: whether its pictures must be.
        most: split -> how many pictures of a style there are, at most.
    """

    title: str
    thing: str
    styles: tuple = ()
    square: bool = False
    most: dict = dataclasses.field(default_factory=dict)


WORLDS = {
    "faces": World("synthetic faces", "photos", tuple(FACE_STYLES), True),
    "flat": World("synthetic faces", "photos", (), True),
    "avatars": World(
        "avatars",
        "portraits",
        STYLES,
        True,
        {split: COUNT * len(rows) // 10 for split, rows in TENTHS.items()},
    ),
    "garments": World("drawn persons", "persons", most=FEW),
    "scenes": World("drawn scenes", "photos", most=FEW),
}


@dataclasses.dataclass(frozen=True)
class Drawing:
    """What is to be drawn of a world.

    Attributes:
        world: a name of `WORLDS`.
        styles: names of its styles, in the order of domains.
        count: number of pictures, of each style if it has some.
        split: "train", "val" or "test"; no picture is in two of them.
        note: the styles in brackets where they are not those of everybody.
    """

    world: str
    styles: tuple
    count: int
    split: str = "train"
    note: str = ""

    @property
    def first(self):
        """Number of the first picture."""
        return FIRST_DRAWN[self.split]

    @property
    def things(self):
        """How many pictures of what there are, in words."""
        total = self.count * max(1, len(self.styles))
        thing = "pictures" if self.note else WORLDS[self.world].thing
        return f"{total} {thing}{self.note}"

    def check(self, size):
        """Raises a ValueError where the world is square and a size is not."""
        if WORLDS[self.world].square and size[0] != size[1]:
            raise ValueError(
                f"{'Avatars' if self.world == 'avatars' else 'Faces'} are "
                f"square, received image_size={size}."
            )

    def pictures(self, size, seed):
        """Draws the pictures: no face, person or scene is in two styles.

        Args:
            size: (height, width) in pixels.
            seed: another seed, others; avatars are always the same.

        Returns:
            List of uint8 arrays (count, height, width, 3), one for each style.
        """
        if self.world == "avatars":
            return [
                avatars(style, self.count, self.split, size[0])[0]
                for style in self.styles
            ]
        if self.world == "scenes":
            return [draw_scene_maps(self, size, seed)["image"]]
        return [
            synthetic_faces(
                self.count, size[0], seed, self.first + i * self.count, (style,)
            )[0]
            for i, style in enumerate(self.styles)
        ]

    def by_turns(self, size, seed):
        """The `pictures` of all styles in one array, the styles by turns."""
        drawn = self.pictures(size, seed)
        return np.stack(drawn, axis=1).reshape(-1, *drawn[0].shape[1:])

    def faces(self, function, seed, make=None):
        """Draws faces, each in all styles by turns, with what is true of them.

        Args:
            function: takes a `Face`, a `numpy.random.Generator` and the name
                of a style, and yields (key, array).
            seed: another seed, others.
            make: function from the number of a picture to its `Face`; a face
                of that number if None.

        Returns:
            Dict of arrays.
        """
        make = make or functools.partial(draw_face, seed=seed, extras=False)

        def row(number):
            face = make(number)
            random = np.random.default_rng([seed, number])
            made = [dict(function(face, random, s)) for s in self.styles]
            return {
                key: np.stack([one[key] for one in made]) for key in made[0]
            }

        drawn = self.rows(row, "Drawing faces")
        return {k: v.reshape(-1, *v.shape[2:]) for k, v in drawn.items()}

    def rows(self, function, description):
        """Draws what has several parts, in several threads.

        Args:
            function: takes the number of a picture and returns a dict of
                arrays.
            description: stands beside the bar that shows the progress.

        Returns:
            Dict of arrays, the parts stacked.
        """
        numbers = range(self.first, self.first + self.count)
        rows = list(
            run_rows(lambda i: function(numbers[i]), self.count, description)
        )
        return {key: np.stack([row[key] for row in rows]) for key in rows[0]}


def draw_scene_maps(drawing, size, seed):
    """The scenes of a `Drawing` as `draw_scenes`, without the captions."""

    def draw(number):
        scene = draw_scenes(1, size, seed, number)
        return {key: scene[key][0] for key in ("image", "label", "instance")}

    return drawing.rows(draw, "Drawing scenes")


def draw_garments(drawing, size, seed):
    """The persons of a `Drawing`, and what each wears on the trunk."""

    def draw(number):
        person = make_person(seed, number)
        return {
            "image": draw_person(person, size),
            "garment": garment(person, size),
        }

    return drawing.rows(draw, "Drawing persons")
