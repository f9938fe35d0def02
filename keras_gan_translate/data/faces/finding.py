"""Faces in photos: where they are, how large, and how they are turned."""

import dataclasses

import numpy as np

from keras_gan_translate.data.faces import networks
from keras_gan_translate.data.faces.aligning import cut
from keras_gan_translate.data.images import check_uint8

LEAST_SCORE = 0.5  # of the boxes
# The logarithm of the mesh's odds. Upright faces have 13 and more, of 16
# pixels 10; upside down most have less than 8, and a cat's eye 8.5.
LEAST_ODDS = 9.0
# Two boxes that share more than this of their joint area are one face.
SAME_FACE = 0.3
# The boxes' network finds faces down to this share of a picture's side.
LEAST_SHARE = 1 / 12
# One that fills more than this is looked for turned, too, if there is none.
LARGE_SHARE = 0.05
OVERLAP = 0.3  # of windows side by side, more than the share of a face there
# Around a box, for the mesh: MediaPipe's own share.
AROUND = 1.5
TURNS = 8  # in which it is laid over a face, to see how that is turned


@dataclasses.dataclass(frozen=True)
class Face:
    """A face in a photo; all places are in pixels from its top left corner.

    Attributes:
        box: (left, top, right, bottom) of what lies between forehead and
            chin, also where the face is turned.
        eyes: ((x, y), (x, y)), their middles; the one that is on the left
            when the face is upright comes first.
        mouth: (x, y), its middle.
        score: how sure BlazeFace is that this is a face, in [0.5, 1].
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
    faces = _found(image, smallest, 0.0)
    # Of those that lie on their side the boxes' network misses one in ten.
    large = max(smallest, LARGE_SHARE * max(image.shape))
    for turn in (np.pi / 2, -np.pi / 2, np.pi):
        faces = faces or _found(image, large, turn)
    return sorted(faces, key=lambda face: -face.side)


def _found(image, smallest, turn):
    """The faces of a photo that is looked at turned by an angle."""
    boxes, scores = [np.zeros((0, 2, 2))], [np.zeros(0)]
    for middle, side in _windows(*image.shape[:2], smallest):
        picture = cut(image, middle, side, turn, networks.BOX_SIZE)
        found, score = networks.find_boxes(picture)
        sure = score >= LEAST_SCORE
        # The boxes stay upright, and are as good for squares turned so.
        found = np.sort((found[sure] - 0.5) @ _turning(turn).T, 1)
        boxes.append(found * side + middle)
        scores.append(score[sure])
    boxes, scores = np.concatenate(boxes), np.concatenate(scores)
    faces = [
        _looked_at(image, boxes[i], float(scores[i]))
        for i in _best(boxes, scores)
    ]
    faces = [face for face in faces if face is not None]
    kept = _best(
        np.reshape([face.box for face in faces], (-1, 2, 2)),
        np.array([face.score for face in faces]),
    )
    return [faces[i] for i in kept]


def _turning(angle):
    """The matrix that turns places by an angle."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])


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


def _looked_at(image, found, score):
    """The `Face` in a box, or None if the mesh sees none.

    The boxes' network sees faces however they are turned, but not where
    their eyes are; the mesh is surest, by far, of those that stand upright.
    """
    side, middle = AROUND * (found[1] - found[0]).max(), found.mean(0)
    for _ in range(2):
        meshes = [
            _mesh(image, middle, side, turn)
            for turn in np.arange(TURNS) * (2 * np.pi / TURNS)
        ]
        face, odds, size = max(meshes, key=lambda mesh: mesh[1])
        # Where the mesh lies is known better than where the box was.
        middle = np.reshape(face.box, (2, 2)).mean(0)
        if odds >= LEAST_ODDS:
            break
    face, odds, _ = _mesh(image, middle, AROUND * size, face.angle)
    return (
        dataclasses.replace(face, score=score) if odds >= LEAST_ODDS else None
    )


def _mesh(image, middle, side, angle):
    """(the `Face` in a turned square of a photo, log odds, its size there)."""
    picture = cut(image, middle, side, angle, networks.MESH_SIZE)
    points, odds = networks.find_mesh(picture)
    size = side * np.ptp(points, 0).max()
    points = (points - 0.5) * side @ _turning(angle).T + middle

    def at(numbers):
        return tuple(map(float, points[list(numbers)].mean(0)))

    face = Face(
        box=(*map(float, points.min(0)), *map(float, points.max(0))),
        eyes=tuple(map(at, networks.EYES)),
        mouth=at(networks.MOUTH),
        score=0.0,  # not yet known
    )
    return face, odds, size


def _best(boxes, scores):
    """Numbers of the boxes of which none better covers the same face.

    Args:
        boxes: float array (N, 2, 2): left top, and right bottom.
        scores: float array (N,).
    """
    area = np.prod(boxes[:, 1] - boxes[:, 0], -1)
    kept = []
    for i in np.argsort(-scores):
        low = np.maximum(boxes[kept, 0], boxes[i, 0])
        high = np.minimum(boxes[kept, 1], boxes[i, 1])
        shared = np.prod(np.maximum(high - low, 0), -1)
        if np.all(shared <= SAME_FACE * (area[kept] + area[i] - shared)):
            kept.append(int(i))
    return kept
