"""What is exactly true of a drawn face: regions, edges, strokes, saliency."""

import numpy as np
from PIL import Image

from keras_gan_translate.data.drawn.face_masks import SCALE
from keras_gan_translate.data.drawn.face_parts import (
    RAY,
    SKETCHED,
    number_of,
    paint_parts,
    sample_parts,
)
from keras_gan_translate.data.drawn.face_styles import draw, plan_of
from keras_gan_translate.data.strokes import stroke

# As CelebAMask-HQ names, orders and colours them. `l_` and `r_` are the left
# and the right of the picture; ear_r is an earring, neck_l a necklace.
PARSING_CLASSES = (
    "background",
    "skin",
    "nose",
    "eye_g",
    "l_eye",
    "r_eye",
    "l_brow",
    "r_brow",
    "l_ear",
    "r_ear",
    "mouth",
    "u_lip",
    "l_lip",
    "hair",
    "hat",
    "ear_r",
    "neck_l",
    "neck",
    "cloth",
)
PARSING_PALETTE = np.array(
    [
        (0, 0, 0),
        (204, 0, 0),
        (76, 153, 0),
        (204, 204, 0),
        (51, 51, 255),
        (204, 0, 204),
        (0, 255, 255),
        (255, 204, 204),
        (102, 51, 0),
        (255, 0, 0),
        (102, 204, 0),
        (255, 255, 0),
        (0, 0, 153),
        (0, 0, 204),
        (255, 51, 153),
        (0, 204, 204),
        (0, 51, 0),
        (255, 153, 51),
        (0, 204, 0),
    ],
    "uint8",
)
# Class of each part; a * stands for the side.
_CLASSES = {
    "back": "hair",
    "neck": "neck",
    "shirt": "cloth",
    "necklace": "neck_l",
    "ears": "*_ear",
    "head": "skin",
    "blush": "skin",
    "stubble": "skin",
    "beard": "skin",
    "near_ear": "*_ear",
    "nose_area": "nose",
    "lower_lip": "l_lip",
    "upper_lip": "u_lip",
    "line": "mouth",
    "teeth": "mouth",
    "moustache": "skin",
    "shadow": "skin",
    "eyes": "*_eye",
    "iris": "*_eye",
    "pupil": "*_eye",
    "lashes": "*_eye",
    "brows": "*_brow",
    "hair": "hair",
    "earrings": "ear_r",
    "glasses": "eye_g",
    "hat": "hat",
    "hat_band": "hat",
}


def parsing_map(face, size, style="photo"):
    """The class of each pixel of a drawn face.

    Args:
        face: A `Face`.
        size: Height and width in pixels.
        style: Style of the picture; their eyes differ in height.

    Returns:
        uint8 array of shape (size, size) of indices of `PARSING_CLASSES`.
        Glasses are their frames alone, beards are skin, and a closed mouth is
        its lips.
    """
    plan = plan_of(face, style)
    parts = list(_CLASSES)
    if not plan.shapes["teeth"]:
        parts.remove("line")
    numbers = sample_parts(plan, size, parts)
    table = np.zeros(256, "uint8")
    for name, words in _CLASSES.items():
        for side in (0, 1):
            right = face.yaw < 0 if name == "near_ear" else side
            word = words.replace("*", "r" if right else "l")
            index = PARSING_CLASSES.index(word)
            table[number_of(name, side)] = index
    return table[numbers]


def edges(face, size, style="photo"):
    """The outlines of all parts of a drawn face.

    Args:
        face: A `Face`.
        size: Height and width in pixels.
        style: Style of the picture.

    Returns:
        uint8 array of shape (size, size): 255 where a pixel's middle shows
        another part than that of the pixel to the right or below, else 0.
    """
    numbers = sample_parts(plan_of(face, style), size, SKETCHED)
    lines = np.zeros(numbers.shape, bool)
    lines[:-1] |= numbers[1:] != numbers[:-1]
    lines[:, :-1] |= numbers[:, 1:] != numbers[:, :-1]
    return lines.astype("uint8") * 255


def saliency(face, size):
    """How much of each pixel the person covers.

    Args:
        face: A `Face`.
        size: Height and width in pixels.

    Returns:
        uint8 array of shape (size, size): 0 background, 255 person; the exact
        coverage to 1/16 of a pixel.
    """
    numbers = paint_parts(plan_of(face, "photo"), SCALE * size)
    person = Image.fromarray((numbers > RAY).astype("uint8") * 255)
    return np.array(person.reduce(SCALE))


def colour_strokes(face, size, random, style="photo", count=16):
    """Hints of a painter: a few strokes in the colours of what they lie on.

    Args:
        face: A `Face`.
        size: Height and width in pixels.
        random: `numpy.random.Generator` that places the strokes.
        style: Style of the picture that the colours are taken from.
        count: Number of strokes.

    Returns:
        uint8 array of shape (size, size, 4): RGB, and 255 on strokes. No
        stroke leaves its part; beside the strokes all is 0.
    """
    picture = draw(face, size, style)
    numbers = sample_parts(plan_of(face, style), size, SKETCHED)
    # First choose the part, so that small ones are named too.
    parts = [
        number
        for number in np.unique(numbers)
        if (numbers == number).sum() >= (size / 12) ** 2
    ]
    strokes = np.zeros((size, size, 4), "uint8")
    for _ in range(count):
        inside = numbers == random.choice(parts)
        places = np.argwhere(inside)
        y, x = places[random.integers(len(places))]
        touched = stroke(size, size, x, y, random) & inside
        touched[y, x] = True
        strokes[touched, :3] = np.median(picture[touched], axis=0)
        strokes[touched, 3] = 255
    return strokes
