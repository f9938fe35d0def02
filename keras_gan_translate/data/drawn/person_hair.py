"""What is on the head of a drawn person: hair, beard, glasses, hat."""

import numpy as np

from keras_gan_translate.data.drawn.cloth import Frame, cloth, round_light
from keras_gan_translate.data.drawn.colors import noise
from keras_gan_translate.data.drawn.painting import (
    Layer,
    ellipse,
    rounded,
    tube,
)
from keras_gan_translate.data.drawn.person_body import tags

INK = np.array([0.16, 0.12, 0.14])
WIDTH = 0.80  # of the head, over its height


def head_frame(head):
    """Light and patterns lie on a head as on a limb: its `Frame`."""
    top, bottom = head.put([0, -1]), head.put([0, 1])
    return Frame(tuple(top), tuple(bottom), 1.05 * head.rx, head.unit)


def hair_fill(head, looks, seed):
    """The fill of hair: strands, and the shine on the crown."""
    color, frame = np.array(looks.hair_rgb), head_frame(head)

    def fill(x, y):
        across = frame.locate(x, y)[0]
        strands = noise(x * 5 + y * 0.4, y * 0.6, 0.016 * head.unit, seed)
        shade = round_light(0.85 * across, -0.45) * (1 + 0.10 * strands)
        rel = (y - head.center[1]) / head.ry
        shine = np.clip(1 - np.abs(rel + 0.62 - 0.15 * across**2) / 0.16, 0, 1)
        return color * shade[..., None] + 0.09 * shine[..., None]

    return fill


def beard_layers(head, looks, hair, outline):
    """Layers of a beard, which leaves the mouth free."""
    t = np.linspace(-1.45, 1.45, 24)
    x, y, z = head.point(t, 0.36 + 0.0 * t)
    if head.facing < -0.25:
        return []
    upper = np.stack([x, y + 0.10 * np.cos(t) ** 2], 1)
    x, y, z = head.point(t, 1.3)
    lower = np.stack([np.interp(t, t, upper[:, 0]) * 1.05, 0 * t + 1.12], 1)
    mouth = head.point(0, 0.61)
    cut = ellipse(mouth[0], mouth[1] + 0.03, 0.23 * max(head.facing, 0.3), 0.10)
    return [
        Layer(
            [head.put(np.concatenate([upper, lower[::-1]]))],
            hair,
            tags("hair", "head"),
            minus=(head.put(cut),),
            within=(head.outline(looks, 1.04),),
        )
    ]


def cap_layers(head, looks, hair):
    """The hair on the skull."""
    if looks.hair == "bald":
        return []
    face = head.face(looks)
    grow = {"curly": 1.16, "spiky": 1.10, "short": 1.07}.get(looks.hair, 1.09)
    t = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    radius = np.full(72, grow)
    up = np.clip(-np.sin(t), 0, 1)
    if looks.hair == "spiky":
        teeth = np.abs((t * 11 / (2 * np.pi)) % 1 - 0.5) * 2
        radius = radius + 0.22 * teeth * up**0.5
    if looks.hair == "curly":
        radius = radius + 0.05 * np.abs(np.sin(t * 6)) + 0.16 * up
    shape = np.stack([WIDTH * radius * np.cos(t), radius * np.sin(t)], 1)
    # It reaches the nape, which from the front is behind the ears.
    nape = {"bob": 0.80, "long": 0.90}.get(looks.hair)
    if nape is None:
        nape = 0.12 + 0.55 * np.clip(-head.facing + 0.25, 0, 1)
    low = nape + 0.05 * np.cos(3 * shape[:, 0])
    shape[:, 1] = np.minimum(shape[:, 1], low)
    minus = () if face is None else (face,)
    label = tags("hair", "hair")
    return [Layer([head.put(shape)], hair, label, minus=minus)]


def back_hair(head, looks, hair):
    """(what hangs behind the head, what is tied up)."""
    label = tags("hair", "hair")
    away = -np.sin(head.yaw)  # where the back of the head is
    side = 0.35 * away
    hang, tied = [], []
    if looks.hair in ("bob", "long"):
        end = 1.25 if looks.hair == "bob" else 2.15
        wide = 0.93 if looks.hair == "bob" else 0.98
        shape = [
            [side - 0.86, -0.60],
            [side - wide, 0.30],
            [side - wide - 0.03, end - 0.25],
            [side - 0.50, end],
            [side, end - 0.06],
            [side + 0.50, end],
            [side + wide + 0.03, end - 0.25],
            [side + wide, 0.30],
            [side + 0.86, -0.60],
            [side, -1.05],
        ]
        hang = [Layer([head.put(rounded(shape))], hair, label, shadow=0.3)]
    if looks.hair == "curly":
        t = np.linspace(0, 2 * np.pi, 80, endpoint=False)
        radius = 1.24 + 0.07 * np.abs(np.sin(t * 6.5))
        shape = np.stack([radius * np.cos(t), radius * np.sin(t)], 1)
        shape = shape * [0.86, 0.92] + [0.6 * side, -0.12]
        hang = [Layer([head.put(shape)], hair, label, shadow=0.2)]
    if looks.hair == "ponytail":
        x = 0.95 * away
        points = [
            [0.8 * x, -0.55],
            [1.25 * x, -0.35],
            [1.4 * x, 0.3],
            [1.25 * x, 1.2],
        ]
        radii = np.array([0.16, 0.26, 0.26, 0.06]) * head.ry
        tied = [Layer([tube(head.put(points), radii)], hair, label)]
    if looks.hair == "bun":
        shape = ellipse(0.75 * away, -0.98, 0.40, 0.38)
        tied = [Layer([head.put(shape)], hair, label)]
    return hang, tied


def glasses_layers(head):
    """Layers of glasses: rings, a bridge and the sides."""
    label, layers = tags("glasses", "head"), []
    for side in (-1, 1):
        x, y, z = head.point(side * 0.43, 0.07, 1.03)
        if z < 0.1:
            continue
        squeeze = min(1.0, 0.3 + 0.8 * z)
        outer = ellipse(x, y, 0.235 * squeeze, 0.225)
        inner = ellipse(x, y, 0.180 * squeeze, 0.175)
        layers.append(
            Layer([head.put(outer)], INK, label, minus=(head.put(inner),))
        )
    t = np.linspace(-0.13, 0.13, 4)
    x, y, z = head.point(t, 0.02 + 0 * t, 1.06)
    if z.min() > 0.05:
        shape = tube(head.put(np.stack([x, y], 1)), np.full(4, 0.025) * head.ry)
        layers.append(Layer([shape], INK, label))
    for side in (-1, 1):
        t = side * np.linspace(0.72, 1.45, 5)
        x, y, z = head.point(t, 0.02 + 0 * t, 1.03)
        keep = z > 0.05
        if keep.sum() > 1:
            line = np.stack([x, y], 1)[keep]
            shape = tube(head.put(line), np.full(len(line), 0.022) * head.ry)
            layers.append(Layer([shape], INK, label))
    return layers


def hat_layers(head, hat, seed):
    """Layers of a beanie or a sun hat."""
    label = tags("hat", "hair")
    fill = cloth(hat, head_frame(head), seed)
    t = np.linspace(np.pi, 2 * np.pi, 30)
    if hat.kind == "beanie":
        dome = np.stack([0.92 * np.cos(t), -0.38 + 0.92 * np.sin(t)], 1)
        band = [[-0.93, -0.55], [0.93, -0.55], [0.92, -0.22], [-0.92, -0.22]]
        bobble = ellipse(0, -1.36, 0.20, 0.20)
        return [
            Layer([head.put(bobble)], np.array(hat.second_rgb), label),
            Layer([head.put(dome)], fill, label),
            Layer(
                [head.put(band)], np.array(hat.second_rgb), label, shadow=0.3
            ),
        ]
    dome = np.stack([0.86 * np.cos(t), -0.42 + 0.80 * np.sin(t)], 1)
    brim = ellipse(0, -0.42, 1.55, 0.22)
    ribbon = [[-0.86, -0.68], [0.86, -0.68], [0.88, -0.46], [-0.88, -0.46]]
    return [
        Layer([head.put(brim)], fill, label, shadow=0.4),
        Layer([head.put(dome)], fill, label),
        Layer([head.put(ribbon)], np.array(hat.second_rgb), label),
    ]
