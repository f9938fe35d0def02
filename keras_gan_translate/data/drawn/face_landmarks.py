"""Landmarks of a drawn face: 68 as iBUG numbers them, or the 5 of CelebA."""

import numpy as np

from keras_gan_translate.data.drawn.face_parts import LIPS
from keras_gan_translate.data.drawn.face_styles import plan_of
from keras_gan_translate.support.messages import check_choice


def landmarks(face, count=68, size=64, style="photo"):
    """Where the points of a face lie.

    Args:
        face: A `Face`.
        count: 68: jaw 0-16, brows 17-26, nose 27-35, eyes 36-47, lips 48-67,
            as the 300-W challenge numbers them. 5: both eyes, tip of the nose,
            both corners of the mouth. The left of the picture comes first.
        size: Height and width of the picture in pixels.
        style: Style of the picture; their eyes differ in height.

    Returns:
        Float array of shape (count, 2): x and y in pixels from the picture's
        top left corner, so that the middle of the first pixel is (0.5, 0.5).

    Raises:
        ValueError: `count` is neither 5 nor 68.

    Reference:
        Sagonas et al., "300 Faces in-the-Wild Challenge", 2013.
    """
    check_choice("count", count, (5, 68))
    shapes = plan_of(face, style).shapes
    points = np.concatenate(
        [
            _jaw(shapes["head"][0]),
            *map(_brow, shapes["brows"]),
            _nose(shapes["nose_area"][0]),
            *map(_eye, shapes["eyes"]),
            _mouth(shapes["lips"][0], 7),
            _mouth(shapes["line"][0], 5),
        ]
    )
    if count == 5:
        eyes = points[36:42].mean(0), points[42:48].mean(0)
        points = np.stack([*eyes, points[30], points[48], points[54]])
    return points * size


def eye_boxes(face, size=64, style="photo"):
    """A box around each eye of a face, as holes are: 255 within.

    Each is a quarter wider and higher than the eye with its lashes, and at
    least half as high as wide.

    Args:
        face: A `Face`.
        size: Height and width of the picture in pixels.
        style: Style of the picture; their eyes differ in height.

    Returns:
        uint8 array of shape (size, size, 1).
    """
    shapes = plan_of(face, style).shapes
    mask = np.zeros((size, size, 1), "uint8")
    for both in zip(shapes["eyes"], shapes["lashes"]):
        points = np.concatenate(both) * size
        middle = (points.min(0) + points.max(0)) / 2
        width, height = 1.25 * np.ptp(points, axis=0)
        half = np.array([width, max(height, width / 2)]) / 2
        left, top = np.floor(middle - half).clip(0, size - 1).astype(int)
        right, bottom = np.ceil(middle + half).clip(1, size).astype(int)
        mask[top:bottom, left:right] = 255
    return mask


def _jaw(head):
    """From the left side of the head around the chin to the right one."""
    around = np.arange(len(head) // 2 + 1)
    at = np.linspace(len(head) / 2, 0, 17)
    return np.stack([np.interp(at, around, head[around, i]) for i in (0, 1)], 1)


def _brow(polygon):
    half = len(polygon) // 2
    middle = (polygon[:half] + polygon[half:][::-1]) / 2
    return middle[np.rint(np.linspace(0, half - 1, 5)).astype(int)]


def _nose(polygon):
    """Four points down the bridge, and five below."""
    half = len(polygon) // 2 - 1
    right, left = polygon[:half], polygon[half + 2 :][::-1]
    middle = (right + left) / 2
    below = polygon[half : half + 2]
    bottom = np.stack(
        [left[-1], below[1], below.mean(0), below[0], right[-1]]
    )  # left to right
    bridge = middle[np.rint(np.linspace(1, half - 2, 4)).astype(int)]
    return np.concatenate([bridge, bottom + (middle[-2] - bottom) * 0.12])


def _eye(polygon):
    """Left corner, upper lid, right corner, lower lid backwards."""
    half = len(polygon) // 2
    third, last = half // 3, half - 1
    upper = [0, third, last - third, last]
    return polygon[[*upper, half + third, 2 * half - 1 - third]]


def _mouth(polygon, count):
    """From the left corner over the upper edge, back along the lower one."""
    at = np.rint(np.linspace(0, LIPS - 1, count)).astype(int)
    return polygon[[*at, *(LIPS + at[1:-1])]]
