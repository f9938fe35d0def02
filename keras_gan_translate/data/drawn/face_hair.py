"""Hair of a drawn face, in the head's own frame; see `face_shapes`."""

import numpy as np

from keras_gan_translate.data.drawn.face_shapes import TAU, ellipse


def hair_shapes(face):
    """Hair in front of the face, behind it, and its shine."""
    rx, ry = face.width, face.height
    style = face.style
    if style == "bald":
        return {"hair": [], "back": [], "shine": []}
    locks = {"bob": 0.62, "long": 0.55, "curly": 0.12, "tails": 0.25}
    drop = locks.get(style, 0.02)  # radians below the middle, at the sides
    grow = face.volume
    t = np.linspace(np.pi - drop, TAU + drop, 90)
    share = np.linspace(0, 1, 90)
    radius = np.full(90, grow)
    if style == "spiky":
        teeth = 1 - np.abs((share * 8) % 1 * 2 - 1)
        radius += 0.17 * teeth * np.sin(share * np.pi) ** 0.5
    elif style == "curly":
        radius -= 0.06  # the curls are those of the back hair
    outer = np.stack([rx * radius * np.cos(t), ry * radius * np.sin(t)], 1)
    inner = _hairline(rx, ry, face, outer[-1, 1])
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


def _hairline(rx, ry, face, side):
    """The edge of the hair on the forehead, from right to left."""
    u = np.linspace(1, -1, 81)
    part = face.part
    if face.style == "spiky" or face.fringe == "bangs":
        teeth = 3.5 if face.style == "spiky" else 5
        notch = np.abs((u * teeth / 2 + 0.25) % 1 * 2 - 1)
        top = -0.50 * ry + 0.17 * ry * notch - 0.08 * ry * u**2
    elif face.fringe == "parted":
        top = -0.76 * ry + 0.48 * ry * np.abs((u - part) / (1 + abs(part)))
    else:
        top = -0.55 * ry + 0.22 * ry * u * np.sign(part)
    inner = 0.90 - 0.10 * (face.style in ("bob", "long"))
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
