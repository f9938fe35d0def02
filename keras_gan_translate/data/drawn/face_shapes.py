"""The shapes of a drawn face: polygons, shared by both of its styles.

Shapes are arrays of shape (n, 2), x to the right and y down. The head's stand
in its own frame: origin in its middle, upright, in widths of the image.
"""

import numpy as np

TAU = 2 * np.pi


def head_shapes(rx, ry, look):
    """Shapes of the head that both styles share, name -> list of polygons.

    Args:
        rx: Half the width of the head.
        ry: Half its height.
        look: The lots of the face, see `synthetic.draw_lots`.
    """
    t = np.linspace(0, TAU, 72, endpoint=False)
    down = np.clip(np.sin(t), 0, 1)
    head = np.stack(
        [rx * np.cos(t) * (1 - look["jaw"] * down**1.5), ry * np.sin(t)], 1
    )
    nose_y, tip = 0.36 * ry, 0.13 * rx * look["nose"]
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
        "nose": [_crescent(0, nose_y, tip, -0.05 * ry, 0.05 * ry)],
        "bridge": [ellipse(0, 0.24 * ry, 0.07 * rx, 0.20 * ry)],
        "brows": [
            _crescent(
                side * look["eye_gap"],
                (-0.20 + look["brow"]) * ry,
                0.25 * rx,
                0.09 * ry,
                0.065 * ry,
            )
            for side in (-1, 1)
        ],
    }
    if not look["blush"]:
        shapes["blush"] = []
    shapes |= _mouth(rx, ry, look) | _hair(rx, ry, look)
    shapes["glasses"] = _glasses(rx, ry, look) if look["glasses"] else []
    return shapes


def eye_shapes(rx, ry, look, tall):
    """Shapes of both eyes.

    Args:
        rx: Half the width of the head.
        ry: Half its height.
        look: The lots of the face.
        tall: Height over that of a natural eye; 1 in the photo.
    """
    wide = 0.23 * rx * look["eye_size"] * (1 + 0.15 * (tall - 1))
    high = 0.105 * ry * look["eye_size"] * tall
    round_ = min(0.95 * high, 0.62 * wide) if tall > 1 else 0.92 * high
    shapes = {"eyes": [], "iris": [], "pupil": [], "glint": [], "lashes": []}
    u = np.linspace(-1, 1, 24)
    bow = (1 - u**2) ** 0.65
    for side in (-1, 1):
        x, y = side * look["eye_gap"], 0.10 * ry
        upper = np.stack([x + u * wide, y - high * bow], 1)
        lower = np.stack([x + u * wide, y + 0.8 * high * bow], 1)
        lash = upper - [0, 1] * (0.012 + 0.022 * bow * tall**0.5)[:, None] * (
            ry / 0.3
        )
        look_x = x + look["gaze"] * 0.35 * wide
        iris = ellipse(look_x, y - 0.05 * high, round_, max(round_, 0.9 * high))
        shapes["eyes"].append(np.concatenate([upper, lower[::-1]]))
        shapes["lashes"].append(np.concatenate([upper, lash[::-1]]))
        shapes["iris"].append(iris)
        middle = iris.mean(0)
        shapes["pupil"].append(middle + (iris - middle) * 0.52)
        shapes["glint"].append(
            middle
            + (iris - middle) * 0.38
            + [-0.35 * round_, -0.45 * max(round_, 0.9 * high)]
        )
    return shapes


def bust_shapes(x, y, rx, ry):
    """Neck and shoulders below a head at (x, y), in widths of the image."""
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
    t = np.linspace(0, TAU, count, endpoint=False)
    return np.stack([x + rx * np.cos(t), y + ry * np.sin(t)], 1)


def _crescent(x, y, half, rise, thickness):
    """A stroke from tip to tip, its middle `rise` above them."""
    u = np.linspace(-1, 1, 20)
    bow = 1 - u**2
    upper = np.stack([x + u * half, y - (rise + thickness / 2) * bow], 1)
    lower = np.stack([x + u * half, y - (rise - thickness / 2) * bow], 1)
    return np.concatenate([upper, lower[::-1]])


def _mouth(rx, ry, look):
    u = np.linspace(-1, 1, 28)
    half = (0.26 + 0.10 * max(look["smile"], 0)) * rx
    curve = 0.63 * ry - 0.10 * ry * look["smile"] * u**2
    bow = 1 - u**2
    gape = 0.17 * ry * look["open"] if look["open"] > 0.25 else 0.0

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


def _glasses(rx, ry, look):
    """Two rings, a bridge, and the sides."""
    gap, y, width = look["eye_gap"], 0.11 * ry, 0.035 * rx
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
    shapes.append(_crescent(0, y, inside, 0.05 * ry, 2.2 * width))
    return shapes


def _hair(rx, ry, look):
    """Hair in front of the face, behind it, and its shine."""
    style = look["style"]
    locks = {"bob": 0.62, "long": 0.55, "curly": 0.12, "tails": 0.25}
    drop = locks.get(style, 0.02)  # radians below the middle, at the sides
    grow = look["volume"]
    t = np.linspace(np.pi - drop, TAU + drop, 90)
    share = np.linspace(0, 1, 90)
    radius = np.full(90, grow)
    if style == "spiky":
        teeth = 1 - np.abs((share * 8) % 1 * 2 - 1)
        radius += 0.17 * teeth * np.sin(share * np.pi) ** 0.5
    elif style == "curly":
        radius -= 0.06  # the curls are those of the back hair
    outer = np.stack([rx * radius * np.cos(t), ry * radius * np.sin(t)], 1)
    inner = _hairline(rx, ry, look, outer[-1, 1])
    front = np.concatenate([outer, inner])
    t = np.linspace(1.12 * np.pi, 1.62 * np.pi, 25)
    bow = np.sin(np.linspace(0, np.pi, 25)) ** 0.6
    zigzag = 0.035 * (np.arange(25) % 4 < 2)
    high, low = 0.93, 0.93 - 0.12 * bow - zigzag * bow
    high = np.stack([rx * high * np.cos(t), ry * high * np.sin(t)], 1)
    low = np.stack([rx * low * np.cos(t), ry * low * np.sin(t)], 1)
    return {
        "hair": [front],
        "back": _back_hair(rx, ry, style, grow),
        "shine": [np.concatenate([high, low[::-1]])],
    }


def _hairline(rx, ry, look, side):
    """The edge of the hair on the forehead, from right to left."""
    u = np.linspace(1, -1, 81)
    part = look["part"]
    if look["style"] == "spiky" or look["fringe"] == 0:
        teeth = 3.5 if look["style"] == "spiky" else 5
        notch = np.abs((u * teeth / 2 + 0.25) % 1 * 2 - 1)
        top = -0.50 * ry + 0.17 * ry * notch - 0.08 * ry * u**2
    elif look["fringe"] == 1:
        top = -0.76 * ry + 0.48 * ry * np.abs((u - part) / (1 + abs(part)))
    else:
        top = -0.55 * ry + 0.22 * ry * u * np.sign(part)
    inner = 0.90 - 0.10 * (look["style"] in ("bob", "long"))
    weight = np.clip((np.abs(u) - 0.80) / 0.20, 0, 1) ** 1.5
    y = top + (side - top) * weight
    return np.stack([u * rx * (inner + 0.12 * (1 - weight) * 0.5), y], 1)


def _back_hair(rx, ry, style, grow):
    if style == "bun":
        return [ellipse(0, -1.22 * ry, 0.46 * rx, 0.36 * ry)]
    if style == "curly":
        t = np.linspace(0, TAU, 90, endpoint=False)
        radius = 1.36 + 0.08 * np.abs(np.sin(t * 6))
        return [
            np.stack(
                [rx * radius * np.cos(t), 0.98 * ry * radius * np.sin(t)], 1
            )
            * [1, 0.9]
            + [0, -0.14 * ry]
        ]
    if style == "tails":
        shapes = []
        for side in (-1, 1):
            u = np.linspace(0, 1, 30)
            x = 0.95 + 0.85 * np.sin(u * 2.2) ** 0.8
            fat = 0.30 * np.sin(np.pi * u**0.7) ** 0.7
            y = -0.55 + 1.9 * u
            out = np.stack([side * rx * (x + fat), ry * y], 1)
            back = np.stack([side * rx * (x - fat), ry * y], 1)
            shapes.append(np.concatenate([out, back[::-1]]))
        return shapes
    if style in ("bob", "long"):
        end = 0.95 if style == "bob" else 1.75
        flare = 0.14 if style == "bob" else 0.22
        u = np.linspace(0, 1, 30)
        x = grow * np.where(u < 0.3, np.sin(u / 0.3 * np.pi / 2), 1) + flare * u
        y = -grow + (grow + end) * u
        right = np.stack([rx * x, ry * y], 1)
        wave = np.linspace(1, -1, 25)
        bottom = np.stack(
            [
                rx * x[-1] * wave,
                ry * (end + 0.08 * np.cos(wave * 9) - 0.1 * wave**4),
            ],
            1,
        )
        return [np.concatenate([right, bottom, right[::-1] * [-1, 1]])]
    return []
