"""Houses of a drawn scene: walls, roofs, windows and doors."""

import numpy as np

from keras_gan_translate.data.drawn.colors import between, noise, rgb
from keras_gan_translate.data.drawn.painting import Layer, ellipse
from keras_gan_translate.data.drawn.scene_air import CLASS
from keras_gan_translate.data.drawn.scene_things import PAINTS, shadow

WALLS = ("#f1e7d3", "#e9cfa4", "#d99a72", "#c96f5a", "#b9c9d6", "#dcdcd6")
WALLS += ("#a9b89a", "#efd98f")
ROOFS = ("#a4483a", "#7d4a3c", "#545a66", "#8a6a4a", "#3f5a60")


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
