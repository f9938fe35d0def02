"""Things that stand in a drawn scene: houses, trees, cars and boats."""

import numpy as np

from keras_gan_translate.data.drawn.colors import between, noise, rgb
from keras_gan_translate.data.drawn.painting import (
    Layer,
    ellipse,
    rounded,
    tube,
)
from keras_gan_translate.data.drawn.scene_ground import CLASS

WALLS = ("#f1e7d3", "#e9cfa4", "#d99a72", "#c96f5a", "#b9c9d6", "#dcdcd6")
WALLS += ("#a9b89a", "#efd98f")
ROOFS = ("#a4483a", "#7d4a3c", "#545a66", "#8a6a4a", "#3f5a60")
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


def house(random, air, x, y, number):
    """Layers of a house whose front stands at (x, y)."""
    metre = air.scale(y)
    storeys = int(random.integers(1, 3))
    w, h = random.uniform(2.8, 4.6) * metre, (0.6 + 2.5 * storeys) * metre
    roof_h = random.uniform(1.6, 2.8) * metre
    wall = rgb(str(random.choice(WALLS)))
    tiles = rgb(str(random.choice(ROOFS)))
    gable = random.random() < 0.45
    style = int(random.integers(3))

    def tag(name):
        return CLASS[name], number

    def box(x0, y0, x1, y1):
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])

    front = box(x - w, y - h, x + w, y)
    over = 0.35 * metre
    if gable:
        roof = [[x - w - over, y - h + 0.1 * metre], [x, y - h - 1.3 * roof_h]]
        roof = np.array([*roof, [x + w + over, y - h + 0.1 * metre]])
        inner = [[x - w, y - h], [x, y - h - 1.12 * roof_h], [x + w, y - h]]
        inner = np.array(inner)
    else:
        inset = random.uniform(0.15, 0.5) * w
        roof = np.array(
            [
                [x - w - over, y - h],
                [x - w + inset, y - h - roof_h],
                [x + w - inset, y - h - roof_h],
                [x + w + over, y - h],
            ]
        )
    layers = [shadow(air, x, y, 1.1 * w)]
    if random.random() < 0.6:
        side = random.choice([-1, 1]) * 0.5 * w
        chimney = box(
            x + side - 0.3 * metre,
            y - h - 1.15 * roof_h,
            x + side + 0.3 * metre,
            y - h,
        )
        layers.append(Layer([chimney], air.lit(tiles * 0.8, y), tag("roof")))
    walls = air.lit(_wall(wall, style, metre, x, w, air), y)
    cover = air.lit(_tiles(tiles, metre, air), y)
    layers.append(Layer([roof], cover, tag("roof")))
    layers.append(
        Layer([front, inner] if gable else [front], walls, tag("house"))
    )
    if not gable:
        eave = box(x - w, y - h, x + w, y - h + 0.35 * metre)
        layers.append(Layer([eave], np.zeros(3), opacity=0.22))
    columns = max(2, int(w / metre / 1.15))
    door = int(random.integers(columns))
    lights = air.hour == "evening"
    for storey in range(storeys):
        for column in range(columns):
            cx = x + w * (2 * (column + 0.5) / columns - 1)
            base = y - storey * 2.6 * metre
            if storey == 0 and column == door:
                paint = rgb(str(random.choice(PAINTS))) * 0.85
                shape = box(
                    cx - 0.5 * metre, base - 2.0 * metre, cx + 0.5 * metre, base
                )
                layers.append(Layer([shape], air.lit(paint, y), tag("door")))
                knob = cx + 0.33 * metre, base - metre
                knob = ellipse(*knob, 0.08 * metre, 0.08 * metre)
                layers.append(Layer([knob], np.array([0.9, 0.8, 0.4])))
                continue
            layers += _window(
                air,
                cx,
                base - 1.5 * metre,
                metre,
                y,
                tag("window"),
                lights and random.random() < 0.6,
            )
    return layers


def _window(air, x, y, metre, ground, tag, shines):
    w, h = 0.55 * metre, 0.65 * metre
    outer = [[x - w, y - h], [x + w, y - h], [x + w, y + h], [x - w, y + h]]
    outer = np.array(outer)
    middle = np.array([x, y])
    panes = []
    for dx in (-1, 1):
        for dy in (-1, 1):
            pane = (outer - middle) * [0.40, 0.42]
            panes.append(pane + middle + [dx * 0.45 * w, dy * 0.45 * h])
    if shines:
        glass = np.array([1.0, 0.86, 0.52])
    else:

        def glass(px, py):
            share = np.clip(0.5 + (px - x) / (3 * w) - (py - y) / (3 * h), 0, 1)
            dark = np.array([0.25, 0.34, 0.42])
            bright = np.array([0.70, 0.82, 0.90])
            return between(dark, bright, share[..., None])

        glass = air.lit(glass, ground)
    frame = air.lit(np.array([0.96, 0.95, 0.92]), ground)
    return [Layer([outer], frame, tag), Layer(panes, glass, tag)]


def _wall(color, style, metre, x0, w, air):
    def fill(x, y):
        u, v = (x - x0) / metre, y / metre
        if style == 0:  # planks
            line = ((v / 0.28) % 1 < 0.16) * 0.10
        elif style == 1:  # bricks
            row = np.floor(v / 0.30)
            shifted = (u / 0.7 + 0.5 * (row % 2)) % 1
            gap = ((v / 0.30) % 1 < 0.18) | (shifted < 0.08)
            line = gap * 0.12 - 0.05 * noise(u, v, 0.5, air.seed + 50)
        else:
            line = -0.03 * noise(u, v, 0.6, air.seed + 51)
        light = 1.0 + 0.10 * air.light * (x - x0) / w - line
        return color * light[..., None]

    return fill


def _tiles(color, metre, air):
    def fill(x, y):
        u, v = x / metre, y / metre
        row = np.floor(v / 0.32)
        edge = ((v / 0.32) % 1 < 0.2) * 0.14
        column = np.floor(u / 0.36 + 0.5 * (row % 2))
        own = noise(column, row, 0.9, air.seed + 52)
        return color * (1.04 + 0.09 * own - edge)[..., None]

    return fill


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
