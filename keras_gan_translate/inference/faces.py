"""Faces of photos translated, and nothing else of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from keras_gan_translate.data.faces import (
    Face,
    align_face,
    find_faces,
    paste_face,
)


def translate_faces(
    image: np.ndarray,
    translate: Callable[[np.ndarray], np.ndarray],
    size: int = 256,
    faces: list[Face] | None = None,
) -> tuple[np.ndarray, list[Face]]:
    """Translates the faces in a photo where they are, at full resolution.

    Each is cut out upright, as `align_face` does, translated, and put back
    with a soft edge. All other pixels stay as they are, bit for bit; without
    faces all do.

    Args:
        image: uint8 array (H, W, 3), the photo.
        translate: takes a uint8 array (size, size, 3) and returns one of any
            size: `model.translate`, or an exported model's.
        size: pixels; what the model was trained with is best.
        faces: those to translate; None for all that `find_faces` finds.

    Returns:
        (the photo, uint8 array (H, W, 3); list of the faces translated)

    Raises:
        ValueError: `image` is no uint8 RGB image.
        ImportError: faces are to be found, and the extra `faces` is not
            installed; says so.

    Example:
        >>> model = kgt.load("runs/anime")
        >>> photo = kgt.data.read_image("party.jpg")
        >>> anime, faces = translate_faces(photo, model.translate)
    """
    if faces is None:
        faces = find_faces(image)
    # The photo's own pixels are translated, not those of a neighbour's face;
    # the largest, which stands in front, is put back last.
    crops = [translate(align_face(image, face, size)) for face in faces]
    pasted = np.array(image)
    for face, crop in sorted(
        zip(faces, crops, strict=True), key=lambda pair: pair[0].side
    ):
        pasted = paste_face(pasted, face, crop)
    return pasted, faces
