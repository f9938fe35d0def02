"""Faces in photos: where they are, how large, and how they are turned."""

import dataclasses

import numpy as np

from keras_gan_translate.data.faces import networks
from keras_gan_translate.data.faces.aligning import cut
from keras_gan_translate.data.images import check_uint8

LEAST_SCORE = 0.5  # of both networks
# Two boxes that share more than this of their joint area are one face.
SAME_FACE = 0.3
# The boxes' network finds faces down to this share of a picture's side.
LEAST_SHARE = 1 / 12
OVERLAP = 0.3  # of windows side by side, more than the share of a face there
# Around a box, for the mesh: MediaPipe's own share.
AROUND = 1.5
# And to see how it is turned: neck and hair tell.
AROUND_FOR_TURN = 2.5


@dataclasses.dataclass(frozen=True)
class Face:
    """A face in a photo; all places are in pixels from its top left corner.

    Attributes:
        box: (left, top, right, bottom) of what lies between forehead and
            chin, also where the face is turned.
        eyes: ((x, y), (x, y)), their middles; the one that is on the left
            when the face is upright comes first.
        mouth: (x, y), its middle.
        score: how sure it is that this is a face, in [0, 1].
    """

    box: tuple[float, float, float, float]
    eyes: tuple[tuple[float, float], tuple[float, float]]
    mouth: tuple[float, float]
    score: float

    @property
    def angle(self):
        """By which it is turned in the photo, radians; clockwise is more."""
        x, y = np.subtract(*self.eyes[::-1])
        return float(np.arctan2(y, x))

    @property
    def side(self):
        """Of the square that `align_face` cuts out, in pixels."""
        between = np.hypot(*np.subtract(*self.eyes))
        return float(max(4 * between, 3.6 * np.hypot(*self._down)))

    @property
    def middle(self):
        """(x, y) of the square that `align_face` cuts out."""
        return np.mean(self.eyes, 0) + 0.1 * self._down

    @property
    def _down(self):
        """From the eyes to the mouth, (x, y) in pixels."""
        return np.subtract(self.mouth, np.mean(self.eyes, 0))


def find_faces(image, smallest=48):
    """Finds the faces in a photo, however they are turned.

    MediaPipe's networks do it: BlazeFace finds boxes, in the whole picture
    and in windows of it, and what their face mesh does not see as a face is
    left out. Both are built for faces that look at the camera, or past it by
    60 degrees.

    Args:
        image: uint8 array (H, W, 3), upright or not.
        smallest: pixels; faces whose boxes are narrower may be passed over.
            Half of it takes up to four times as long in large photos.

    Returns:
        List of `Face`, the largest first.

    Raises:
        ValueError: `image` is no uint8 RGB image, or `smallest` below 8.
        ImportError: the extra `faces` is not installed; says so.

    Example:
        >>> photo = kgt.data.read_image("selfie.jpg")
        >>> faces = kgt.data.find_faces(photo)
        >>> crops = [kgt.data.align_face(photo, f, 256) for f in faces]

    Reference:
        Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection
        on Mobile GPUs", 2019; Kartynnik et al., "Real-time Facial Surface
        Geometry from Monocular Video on Mobile GPUs", 2019.
    """
    image = check_uint8(image)
    if smallest < 8:
        raise ValueError(
            f"smallest is 8 pixels or more. Received: {smallest!r}."
        )
    boxes = [np.zeros((0, 4, 2))]
    scores = [np.zeros(0)]
    for middle, side in _windows(*image.shape[:2], smallest):
        picture = cut(image, middle, side, 0.0, networks.BOX_SIZE)
        found, score = networks.find_boxes(picture)
        sure = score >= LEAST_SCORE
        boxes.append(found[sure] * side + middle - side / 2)
        scores.append(score[sure])
    boxes, scores = np.concatenate(boxes), np.concatenate(scores)
    faces = [
        _looked_at(image, boxes[i])
        for i in _best(boxes[:, :2].reshape(-1, 4), scores)
    ]
    faces = [face for face in faces if face is not None]
    kept = _best(
        np.reshape([face.box for face in faces], (-1, 4)),
        np.array([face.score for face in faces]),
    )
    return sorted((faces[i] for i in kept), key=lambda face: -face.side)


def _windows(height, width, smallest):
    """(middle, side) of squares that together show faces of all sizes.

    The first holds the whole photo; those of the next have half its side and
    so on, until the smallest face would be found.
    """
    side = max(height, width)
    yield np.array([width / 2, height / 2]), side
    while side * LEAST_SHARE > smallest:
        side /= 2
        for y in _steps(height, side):
            for x in _steps(width, side):
                yield np.array([x, y]), side


def _steps(length, side):
    """Middles of windows that overlap along a side of a photo."""
    if length <= side:
        return [length / 2]
    count = int(np.ceil((length - side) / (side * (1 - OVERLAP)))) + 1
    return np.linspace(side / 2, length - side / 2, count)


def _looked_at(image, found):
    """The `Face` at a box with its eyes, or None if the mesh sees none."""
    (left, top), (right, bottom) = found[:2]
    middle, size = found[:2].mean(0), max(right - left, bottom - top)
    angle = _angle(image, middle, AROUND_FOR_TURN * size)
    face = _laid_over(image, middle, AROUND * size, angle)
    if face is None:
        return None
    # Where the mesh lies is known better than where the box was.
    middle = np.mean(np.reshape(face.box, (2, 2)), 0)
    return _laid_over(image, middle, AROUND * size, face.angle) or face


def _angle(image, middle, side):
    """By which a face is turned, in radians.

    A network that has learnt upright faces sees those upside down as well,
    but not their eyes. It looks four times, each time turned by a quarter,
    and the angles that agree most are taken.
    """
    angles, scores = [], []
    for turn in np.arange(4) * np.pi / 2:
        picture = cut(image, middle, side, turn, networks.BOX_SIZE)
        found, score = networks.find_boxes(picture)
        best = score.argmax()
        x, y = found[best, 3] - found[best, 2]
        angles.append(turn + np.arctan2(y, x))
        scores.append(score[best])
    angles, scores = np.array(angles), np.array(scores)
    agree = np.cos(angles[:, None] - angles) > np.cos(np.pi / 4)
    votes = agree @ scores
    # Of those that agree the surest one.
    return angles[np.lexsort((scores, votes.round(6)))[-1]]


def _laid_over(image, middle, side, angle):
    picture = cut(image, middle, side, angle, networks.MESH_SIZE)
    points, score = networks.find_mesh(picture)
    if score < LEAST_SCORE:
        return None
    x, y = (points.T - 0.5) * side
    cos, sin = np.cos(angle), np.sin(angle)
    points = np.stack([cos * x - sin * y, sin * x + cos * y], -1) + middle

    def at(numbers):
        return tuple(map(float, points[list(numbers)].mean(0)))

    box = (*points.min(0), *points.max(0))
    return Face(
        box=tuple(map(float, box)),
        eyes=tuple(map(at, networks.EYES)),
        mouth=at(networks.MOUTH),
        score=float(score),
    )


def _best(boxes, scores):
    """Numbers of the boxes of which none better covers the same face.

    Args:
        boxes: float array (N, 4): left, top, right, bottom.
        scores: float array (N,).
    """
    area = np.prod(boxes[:, 2:] - boxes[:, :2], -1)
    kept = []
    for i in np.argsort(-scores):
        low = np.maximum(boxes[kept, :2], boxes[i, :2])
        high = np.minimum(boxes[kept, 2:], boxes[i, 2:])
        shared = np.prod(np.maximum(high - low, 0), -1)
        if np.all(shared <= SAME_FACE * (area[kept] + area[i] - shared)):
            kept.append(int(i))
    return kept
