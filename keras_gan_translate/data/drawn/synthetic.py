"""Faces drawn by code in several styles: data that needs no download."""

import numpy as np

from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_styles import FACE_STYLES, draw_styles
from keras_gan_translate.support.messages import check_choice


def synthetic_faces(
    count, image_size=64, seed=0, start=0, styles=("photo", "toon")
):
    """Draws faces, each as a soft shaded 'photo' and as a flat 'toon'.

    All pictures of a face come from the same shapes and the same colours, so
    the toon is the exact ground truth for translating the photo, and the other
    way round. Face k depends on `seed` and k alone: any number can be drawn,
    in any order, and `start` gives held-out faces. These are plain faces; those
    of `draw_face` wear beards, hats, makeup and jewellery too.

    Args:
        count: Number of faces.
        image_size: Height and width in pixels, 16 at least.
        seed: Another seed, other faces.
        start: Index of the first face.
        styles: What to draw, and in which order it is returned: names of
            `FACE_STYLES`.

    Returns:
        One uint8 array of shape (count, image_size, image_size, 3) for each
        style: `(photos, toons)`.

    Raises:
        ValueError: `count` or `image_size` is too small, `seed` or `start`
            negative, or a style unknown.

    Example:
        >>> photos, toons = synthetic_faces(8, image_size=128)
    """
    least = {"count": 1, "image_size": 16, "seed": 0, "start": 0}
    for name, value in zip(least, (count, image_size, seed, start)):
        if value < least[name]:
            raise ValueError(
                f"{name} must be at least {least[name]}, received {value}."
            )
    for style in styles:
        check_choice("style", style, tuple(FACE_STYLES))
    shape = (count, image_size, image_size, 3)
    drawn = [np.empty(shape, "uint8") for _ in styles]
    for i in range(count):
        face = draw_face(start + i, seed, extras=False)
        for images, image in zip(drawn, draw_styles(face, image_size, styles)):
            images[i] = image
    return tuple(drawn)
