"""The plan of a drawn face: its shapes in the image, colours and light."""

import dataclasses

import numpy as np

from keras_gan_translate.data.drawn.face_colors import face_colors
from keras_gan_translate.data.drawn.face_extras import (
    extra_shapes,
    necklace_shapes,
    tuck,
)
from keras_gan_translate.data.drawn.face_hair import hair_shapes
from keras_gan_translate.data.drawn.face_shapes import (
    bust_shapes,
    eye_shapes,
    head_shapes,
)
from keras_gan_translate.data.drawn.face_turning import turn_shapes

# In the order of painting: later parts cover earlier ones.
PARTS = (
    "back",
    "neck",
    "shirt",
    "necklace",
    "ears",
    "head",
    "blush",
    "stubble",
    "beard",
    "near_ear",
    "bridge",
    "nose",
    "lips",
    "line",
    "teeth",
    "moustache",
    "shadow",
    "eyes",
    "iris",
    "pupil",
    "glint",
    "lashes",
    "brows",
    "hair",
    "shine",
    "earrings",
    "glasses",
    "hat",
    "hat_band",
)
BUST = ("neck", "shirt", "necklace")  # does not move with the head
WITHIN = {"iris": "eyes", "pupil": "eyes", "glint": "eyes", "shine": "hair"}


@dataclasses.dataclass(frozen=True)
class Plan:
    """What the styles draw.

    Args:
        face: The `Face`.
        shapes: Name of the part -> list of polygons, arrays of shape (n, 2)
            in widths of the image from the top left; of two, the picture's
            left one first.
        colors: Name -> RGB in [0, 1], see `face_colors`.
    """

    face: object
    shapes: dict
    colors: dict


def make_plan(face, tall=1.0):
    """Works out the shapes and the colours of a face.

    Args:
        face: The `Face`.
        tall: Height of its eyes over that of natural ones.

    Returns:
        A `Plan`.
    """
    shapes = head_shapes(face) | extra_shapes(face) | eye_shapes(face, tall)
    hair = hair_shapes(face)
    shapes |= hair if face.hat == "none" else tuck(hair, face)
    placed = {
        name: [place(polygon, face) for polygon in polygons]
        for name, polygons in turn_shapes(shapes, face).items()
    }
    placed |= bust_shapes(face) | necklace_shapes(face)
    return Plan(face, placed, face_colors(face))


def place(points, face, back=False):
    """Points of the head's own frame in the image, or back from there.

    Args:
        points: Array of shape (n, 2), in widths of the image.
        face: The `Face`.
        back: Whether the points come from the image.

    Returns:
        Array of shape (n, 2).
    """
    cos, sin = np.cos(face.tilt), np.sin(face.tilt)
    turn = np.array([[cos, sin], [-sin, cos]])  # for rows of points
    if back:
        return (points - [face.x, face.y]) @ turn.T
    return points @ turn + [face.x, face.y]
