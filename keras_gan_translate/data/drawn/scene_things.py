"""Trees, cars and boats of a drawn scene, and their shadows."""

import numpy as np

from keras_gan_translate.data.drawn.colors import between, noise, rgb
from keras_gan_translate.data.drawn.painting import (
    Layer,
    ellipse,
    rounded,
    tube,
)
from keras_gan_translate.data.drawn.scene_air import CLASS

PAINTS = ("#c8373a", "#2f5f9e", "#e9e6e0", "#3a3d44", "#e2b33c", "#4f8a6a")
PAINTS += ("#9aa3ab", "#d9773a")
LEAVES = {
    "spring": ("#7fae4a", "#94b955", "#6a9a45", "#e7b3c2"),
    "summer": ("#4f8a3c", "#5c9440", "#3f7a3c", "#6b9a4a"),
    "autumn": ("#c9792c", "#b8502c", "#d6a23a", "#7f8a3c"),
}


def shadow(air, x, y, wide):
    """The layer of the shadow that something throws on the ground."""
    away = -0.6 * air.light * wide
    shape = ellipse(x + away, y, 1.05 * wide, 0.20 * wide)
    dark = 0.20 if air.hour == "gray" else 0.36
    return Layer(
        [shape], np.array([0.10, 0.13, 0.16]), opacity=dark, soft=0.05 * wide
    )


def tree(random, air, x, y, number):
    """Layers of a tree that stands at (x, y)."""
    metre = air.scale(y)
    high = random.uniform(4.2, 7.5) * metre
    tag = (CLASS["tree"], number)
    bark = air.lit(np.array([0.38, 0.27, 0.19]), y)
    leaf = rgb(str(random.choice(LEAVES[air.season])))
    if random.random() < 0.35:
        return _fir(random, air, x, y, high, bark, tag)
    thick = 0.05 * high
    trunk = tube([[x, y], [x, y - 0.55 * high]], [thick, 0.6 * thick])
    cx, cy, r = x, y - 0.66 * high, 0.34 * high
    puffs = [ellipse(cx, cy, 0.72 * r, 0.80 * r)]
    for angle in np.linspace(0, 2 * np.pi, 8)[:-1] + random.uniform(0, 1):
        size = r * random.uniform(0.40, 0.58)
        at = 0.62 * r
        puffs.append(
            ellipse(
                cx + at * np.cos(angle), cy + at * np.sin(angle), size, size
            )
        )

    def fill(px, py):
        u, v = (px - cx) / r, (py - cy) / r
        bumps = noise(px, py, 0.22 * r, air.seed + number)
        fine = noise(px, py, 0.07 * r, air.seed + 60 + number)
        light = 0.86 + 0.30 * (air.light * u - 0.62 * v)
        light = light + 0.16 * bumps + 0.12 * fine
        return leaf * light[..., None]

    return [
        shadow(air, x, y, 0.9 * r),
        Layer([trunk], bark, tag),
        Layer(puffs, air.lit(fill, y), tag),
    ]


def _fir(random, air, x, y, high, bark, tag):
    thick = 0.035 * high
    trunk = tube([[x, y], [x, y - 0.3 * high]], [thick, thick])
    color = np.array([0.20, 0.40, 0.28]) * random.uniform(0.85, 1.2)
    layers = [shadow(air, x, y, 0.26 * high), Layer([trunk], bark, tag)]

    def fill(px, py):
        u, v = (px - x) / (0.25 * high), ((y - py) / high * 11) % 1
        needles = noise(px * 2, py, 0.02 * high, air.seed + tag[1])
        light = 0.95 + 0.35 * air.light * u + 0.13 * needles - 0.16 * v
        return color * light[..., None]

    for step in range(4):
        low, wide = 0.12 + 0.20 * step, 0.25 - 0.05 * step
        t = np.linspace(-1, 1, 15)
        hem = low + 0.03 * (np.arange(15) % 2) - 0.05 * (1 - t**2)
        shape = np.stack([x + t * wide * high, y - hem * high], 1)
        shape = np.concatenate([shape, [[x, y - (low + 0.30) * high]]])
        layers.append(Layer([shape], air.lit(fill, y), tag, shadow=0.25))
    return layers


def car(random, air, x, y, number):
    """Layers of a car seen from its side, its wheels at (x, y)."""
    metre = air.scale(y)
    way = int(random.choice([-1, 1]))
    color = rgb(str(random.choice(PAINTS)))
    tag = (CLASS["car"], number)
    van = random.random() < 0.3

    def put(points):
        return np.asarray(points, float) * [way * metre, metre] + [x, y]

    roof = -2.0 if van else -1.5
    body = [
        [-2.1, -0.35], [-2.12, -0.95], [-1.7, -1.02],
        [-1.35 if not van else -1.95, roof], [0.45, roof],
        [1.15, -0.98], [2.0, -0.86], [2.12, -0.45], [2.0, -0.28], [-2.0, -0.28],
    ]  # fmt: skip
    body = rounded(put(body), 5)
    rear = -1.15 if not van else -1.75
    top = roof + 0.14
    panes = [
        [[rear, -1.0], [rear + 0.25, top], [-0.35, top], [-0.35, -1.0]],
        [[-0.25, -1.0], [-0.25, top], [0.38, top], [0.92, -1.0]],
    ]

    def fill(px, py):
        up = np.clip((y - py) / (1.5 * metre), 0, 1)
        shine = 0.16 * np.exp(-(((up - 0.60) / 0.06) ** 2))
        return color * (0.72 + 0.36 * up)[..., None] + shine[..., None]

    def glass(px, py):
        streak = ((px - x) / metre + (py - y) / metre * 0.6) % 1.3 < 0.35
        return np.array([0.30, 0.40, 0.48]) + 0.16 * streak[..., None]

    def discs(radius):
        middles = put([[-1.3, -0.33], [1.3, -0.33]])
        return [ellipse(*at, radius * metre, radius * metre) for at in middles]

    lamp = ellipse(*put([1.98, -0.68]), 0.12 * metre, 0.10 * metre)
    stop = ellipse(*put([-2.02, -0.74]), 0.10 * metre, 0.12 * metre)
    return [
        shadow(air, x, y, 2.2 * metre),
        Layer([body], air.lit(fill, y), tag),
        Layer([put(pane) for pane in panes], air.lit(glass, y), tag),
        Layer(discs(0.40), air.lit(np.array([0.13, 0.13, 0.15]), y), tag),
        Layer(discs(0.19), air.lit(np.array([0.72, 0.73, 0.75]), y), tag),
        Layer([lamp], np.array([1.0, 0.96, 0.75]), tag),
        Layer([stop], np.array([0.80, 0.15, 0.15]), tag),
    ]


def boat(random, air, x, y, number):
    """Layers of a sailing boat whose water line is at (x, y)."""
    metre = air.scale(y) * 1.3
    way = int(random.choice([-1, 1]))
    tag = (CLASS["boat"], number)
    hull = rgb(str(random.choice(PAINTS)))
    sail = rgb(str(random.choice(PAINTS)))
    sail = between(sail, np.ones(3), random.uniform(0.3, 0.9))

    def put(points):
        return np.asarray(points, float) * [way * metre, metre] + [x, y]

    body = put([[-2.2, -0.9], [2.6, -0.95], [1.9, 0.12], [-1.8, 0.12]])
    rim = put([[-2.25, -1.0], [2.7, -1.05], [2.55, -0.78], [-2.15, -0.74]])
    main = put([[-0.1, -6.2], [-0.1, -1.4], [-2.1, -1.4]])
    fore = put([[0.15, -5.6], [0.2, -1.4], [2.2, -1.2]])
    mast = tube(put([[0, -0.9], [0, -6.4]]), np.full(2, 0.06) * metre)

    def canvas(px, py):
        u, v = (px - x) / metre, (py - y) / metre
        return sail * (0.90 + 0.12 * np.sin(1.7 * u + 0.5 * v))[..., None]

    wake = Layer(
        [ellipse(x, y + 0.14 * metre, 2.3 * metre, 0.30 * metre)],
        hull * 0.5,
        opacity=0.35,
        soft=0.06 * metre,
    )
    return [
        wake,
        Layer([main, fore], air.lit(canvas, y), tag),
        Layer([mast], air.lit(np.array([0.40, 0.30, 0.22]), y), tag),
        Layer([body], air.lit(hull, y), tag),
        Layer([rim], air.lit(np.array([0.93, 0.91, 0.86]), y), tag),
    ]
