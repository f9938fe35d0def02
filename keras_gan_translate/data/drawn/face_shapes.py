"""The shapes of a drawn face: polygons, shared by all of its styles.

Shapes are arrays of shape (n, 2), x to the right and y down. The head's stand
in its own frame: origin in its middle, upright, in widths of the image.
"""

import functools

import numpy as np

TAU = 2 * np.pi


def head_shapes(face):
    """Shapes of the head that all styles share, name -> list of polygons."""
    rx, ry = face.width, face.height
    t = np.linspace(0, TAU, 72, endpoint=False)
    down = np.clip(np.sin(t), 0, 1)
    head = np.stack(
        [rx * np.cos(t) * (1 - face.jaw * down**1.5), ry * np.sin(t)], 1
    )
    nose_y, tip = 0.36 * ry, 0.13 * rx * face.nose
    shapes = {
        "ears": [
            ellipse(side * rx * 0.97, 0.12 * ry, 0.16 * rx, 0.19 * ry)
            for side in (-1, 1)
        ],
        "head": [head],
        "blush": [
            ellipse(side * 0.60 * rx, 0.40 * ry, 0.22 * rx, 0.13 * ry)
            for side in (-1, 1)
        ],
        "nose": [crescent(0, nose_y, tip, -0.05 * ry, 0.05 * ry)],
        "nose_area": [_nose_area(ry, tip)],
        "bridge": [ellipse(0, 0.24 * ry, 0.07 * rx, 0.20 * ry)],
        "brows": [
            crescent(
                side * face.eye_gap * rx,
                (-0.20 + face.brow) * ry,
                0.25 * rx,
                0.09 * ry,
                0.065 * ry,
            )
            for side in (-1, 1)
        ],
    }
    if not face.blush:
        shapes["blush"] = []
    shapes |= _mouth(face)
    shapes["glasses"] = _glasses(face) if face.glasses else []
    return shapes


def eye_shapes(face, tall):
    """Shapes of both eyes.

    Args:
        face: The `Face`.
        tall: Height over that of a natural eye; 1 in the photo.
    """
    rx, ry = face.width, face.height
    wide = 0.23 * rx * face.eye_size * (1 + 0.15 * (tall - 1))
    high = 0.105 * ry * face.eye_size * tall
    round_ = min(0.95 * high, 0.62 * wide) if tall > 1 else 0.92 * high
    names = ("shadow", "eyes", "iris", "pupil", "glint", "lashes")
    shapes = {name: [] for name in names}
    u = np.linspace(-1, 1, 24)
    bow = (1 - u**2) ** 0.65
    for side in (-1, 1):
        x, y = side * face.eye_gap * rx, 0.10 * ry
        upper = np.stack([x + u * wide, y - high * bow], 1)
        lower = np.stack([x + u * wide, y + 0.8 * high * bow], 1)
        if face.makeup == "heavy":
            lid = upper - [0, 1] * (0.075 * ry * bow**0.7)[:, None]
            shapes["shadow"].append(np.concatenate([lid, lower[::-1]]))
        if face.lid < 1:
            upper = lower + (upper - lower) * face.lid
        lash = upper - [0, 1] * (0.012 + 0.022 * bow * tall**0.5)[:, None] * (
            ry / 0.3
        )
        look_x = x + face.gaze * 0.35 * wide
        iris = ellipse(look_x, y - 0.05 * high, round_, max(round_, 0.9 * high))
        shapes["eyes"].append(np.concatenate([upper, lower[::-1]]))
        shapes["lashes"].append(np.concatenate([upper, lash[::-1]]))
        shapes["iris"].append(iris)
        middle = iris.mean(0)
        shapes["pupil"].append(middle + (iris - middle) * 0.52)
        if face.lid < 0.6:
            continue  # the lid covers the glint
        shapes["glint"].append(
            middle
            + (iris - middle) * 0.38
            + [-0.35 * round_, -0.45 * max(round_, 0.9 * high)]
        )
    return shapes


def bust_shapes(face):
    """Neck and shoulders, in widths of the image from the top left."""
    x, y, rx, ry = face.x, face.y, face.width, face.height
    lean = 0.5 + 0.5 * (x - 0.5)
    chin = y + ry
    neck = [
        [x - 0.40 * rx, chin - 0.35 * ry],
        [x + 0.40 * rx, chin - 0.35 * ry],
        [lean + 0.44 * rx, chin + 0.2],
        [lean - 0.44 * rx, chin + 0.2],
    ]
    u = np.linspace(-1, 1, 81)
    top = chin + 0.055 + 0.17 * np.abs(u) ** 2.4
    neckline = np.clip(1 - (u * 0.42 / (0.62 * rx)) ** 2, 0, None) ** 0.5
    top += 0.06 * neckline
    shirt = np.stack([lean + u * 0.42, top], 1)
    shirt = np.concatenate([shirt, [[lean + 0.46, 1.1], [lean - 0.46, 1.1]]])
    return {"neck": [np.array(neck)], "shirt": [shirt]}


def ellipse(x, y, rx, ry, count=40):
    """An ellipse around (x, y)."""
    cosine, sine = _circle(count)
    return np.stack([x + rx * cosine, y + ry * sine], 1)


@functools.cache
def _circle(count):
    t = np.linspace(0, TAU, count, endpoint=False)
    return np.cos(t), np.sin(t)


def crescent(x, y, half, rise, thickness):
    """A stroke from tip to tip around (x, y), its middle `rise` above them."""
    u = np.linspace(-1, 1, 20)
    bow = 1 - u**2
    upper = np.stack([x + u * half, y - (rise + thickness / 2) * bow], 1)
    lower = np.stack([x + u * half, y - (rise - thickness / 2) * bow], 1)
    return np.concatenate([upper, lower[::-1]])


def _nose_area(ry, tip):
    """The whole nose, from between the eyes to below its wings."""
    u = np.linspace(0, 1, 12)
    half = tip * (0.42 + 0.68 * u**2.2)
    y = (0.06 + 0.32 * u) * ry
    right = np.stack([half, y], 1)
    below = np.array([[0.55 * tip, 0.425 * ry], [-0.55 * tip, 0.425 * ry]])
    return np.concatenate([right, below, right[::-1] * [-1, 1]])


def _mouth(face):
    rx, ry = face.width, face.height
    u = np.linspace(-1, 1, 28)
    half = (0.26 + 0.10 * max(face.smile, 0)) * rx
    curve = 0.63 * ry - 0.10 * ry * face.smile * u**2
    bow = 1 - u**2
    gape = 0.17 * ry * face.open if face.open > 0.25 else 0.0

    def between(above, below):
        upper = np.stack([u * half, curve - above * bow], 1)
        lower = np.stack([u * half, curve + below * bow], 1)
        return np.concatenate([upper, lower[::-1]])

    shapes = {
        "lips": [between(0.045 * ry, 0.065 * ry + gape)],
        "line": [between(0.012 * ry, 0.012 * ry + gape)],
        "teeth": [],
    }
    if gape:
        shapes["teeth"] = [between(0.012 * ry, 0.45 * gape) * [0.86, 1]]
    return shapes


def _glasses(face):
    """Two rings, a bridge, and the sides."""
    rx, ry = face.width, face.height
    gap, y, width = face.eye_gap * rx, 0.11 * ry, 0.035 * rx
    ring_x, ring_y = 0.37 * rx, 0.26 * ry
    shapes = []
    for side in (-1, 1):
        outer = ellipse(side * gap, y, ring_x, ring_y)
        inner = ellipse(side * gap, y, ring_x - 2 * width, ring_y - 2 * width)
        # One path around a hole: out along the seam and back.
        shapes.append(
            np.concatenate([outer, outer[:1], inner[:1], inner[::-1]])
        )
        edge = np.array([side * (gap + ring_x - width), y - 0.05 * ry])
        ear = np.array([side * 0.98 * rx, y - 0.08 * ry])
        thick = np.array([0, width])
        shapes.append(
            np.array([edge - thick, ear - thick, ear + thick, edge + thick])
        )
    inside = gap - ring_x + width
    shapes.append(crescent(0, y, inside, 0.05 * ry, 2.2 * width))
    return shapes
