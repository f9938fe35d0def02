"""What a drawn scene stands on: sky, hills, grass, water and roads."""

import numpy as np

from keras_gan_translate.data.drawn.colors import between, noise
from keras_gan_translate.data.drawn.painting import Layer, ellipse
from keras_gan_translate.data.drawn.scene_air import (
    CAMERA,
    CLASS,
    HOURS,
    SEASONS,
)


def sky(air):
    """The fill of the sky."""
    top, low, _ = map(np.array, HOURS[air.hour])

    def fill(x, y):
        share = np.clip(y / air.horizon, 0, 1)[..., None] ** 0.8
        veil = 0.03 * noise(x, y * 3, 0.25, air.seed)
        return between(top, low, share) + veil[..., None]

    return fill


def sun(air):
    """Layers of the sun and its glow, none behind a gray sky."""
    if air.hour == "gray":
        return []
    x, y = air.sun
    color = (1.0, 0.86, 0.62) if air.hour == "evening" else (1.0, 0.97, 0.80)
    color = np.array(color)
    glow = Layer([ellipse(x, y, 0.10, 0.10)], color, opacity=0.55, soft=0.05)
    disc = Layer([ellipse(x, y, 0.045, 0.045)], color, (CLASS["sun"], 0))
    return [glow, disc]


def cloud(random, air):
    """Layers of one cloud."""
    x = random.uniform(-air.half, air.half)
    y = random.uniform(0.08, 0.70) * air.horizon
    wide = random.uniform(0.06, 0.14) * (1.15 - y / air.horizon)
    puffs = []
    for _ in range(7):
        at = random.uniform(-1, 1)
        size = wide * random.uniform(0.35, 0.60) * (1.1 - 0.6 * abs(at))
        puffs.append(ellipse(x + at * wide, y - 0.35 * size, size, 0.72 * size))
    box = np.array(
        [
            [x - 2 * wide, y - 2 * wide],
            [x + 2 * wide, y - 2 * wide],
            [x + 2 * wide, y],
            [x - 2 * wide, y],
        ]
    )
    low = np.array(HOURS[air.hour][1])

    def fill(px, py):
        up = np.clip((y - py) / (0.75 * wide), 0, 1)
        bumps = 0.12 * noise(px, py, 0.30 * wide, air.seed + 3)
        share = np.clip(0.35 + 0.65 * up + bumps, 0, 1)[..., None]
        return between(0.88 * low, 0.5 + 0.5 * low, share)

    return [Layer(puffs, fill, (CLASS["cloud"], 0), within=(box,))]


def hills(random, air):
    """Layers of the hills at the horizon, the farthest first."""
    layers = []
    count = int(random.integers(0, 4))
    for row in range(count, 0, -1):
        high = random.uniform(0.03, 0.065) * (0.4 + row)
        u = np.linspace(-1, 1, 90) * (air.half + 0.05)
        ridge = np.zeros(90)
        for octave in (1.0, 2.1, 4.3, 9.0):
            phase = random.uniform(0, 2 * np.pi)
            ridge += np.sin(u * 3.1 * octave + phase) / octave
        top = air.horizon - high * (0.55 + 0.30 * ridge)
        top = np.minimum(top, air.horizon + 0.002)
        shape = np.stack([u, top], 1)
        shape = np.concatenate(
            [shape, [[u[-1], air.horizon + 0.02], [u[0], air.horizon + 0.02]]]
        )
        wood = between(
            np.array(SEASONS[air.season]) * 0.62,
            np.array([0.45, 0.52, 0.66]),
            0.25 * row,
        )
        layers.append(
            Layer([shape], _hill_fill(air, wood, row), (CLASS["hill"], 0))
        )
    return layers


def _hill_fill(air, color, row):
    haze = np.array(HOURS[air.hour][1])

    def fill(x, y):
        bumps = noise(x * 1.2, y * 2.0, 0.030, air.seed + 10 + row)
        fine = noise(x, y * 1.5, 0.008, air.seed + 20 + row)
        side = noise(x, 0 * y, 0.09, air.seed + 30 + row)
        light = 1 + 0.12 * bumps + 0.06 * fine + 0.10 * side
        mist = np.clip(0.18 * row + 1.6 * (y - air.horizon + 0.05), 0.1, 0.75)
        return between(color * light[..., None], haze, mist[..., None])

    return air.lit(fill)


def grass(air):
    """The layer of the ground."""
    color = np.array(SEASONS[air.season])
    dry = color * [1.22, 1.06, 0.9]
    shape = [
        [-air.half - 0.1, air.horizon],
        [air.half + 0.1, air.horizon],
        [air.half + 0.1, 1.1],
        [-air.half - 0.1, 1.1],
    ]

    def fill(x, y):
        depth = np.clip(y - air.horizon, 0, None) + 0.05
        # Patches of the ground's own plane, so that they shrink far away.
        patch = noise(x / depth, 0.35 / depth, 0.55, air.seed + 4)
        blades = noise(x * 2.2, y, 0.010 + 0 * x, air.seed + 5)
        fine = noise(x * 1.6, y * 0.6, 0.004, air.seed + 6)
        share = np.clip(0.5 + 0.5 * patch, 0, 1)[..., None]
        near = np.clip(depth / 0.4, 0.2, 1)
        light = 0.94 + 0.12 * near * blades + 0.07 * near * fine
        side = 1 + 0.10 * air.light * x / air.half
        haze = 0.30 * np.exp(-depth / 0.07)[..., None]
        green = between(color, dry, share) * (light * side)[..., None]
        return between(green, np.array(HOURS[air.hour][1]), haze)

    return Layer([np.array(shape)], air.lit(fill), (CLASS["grass"], 0))


def flowers(random, air):
    """Layers of flowers in the grass; they have no class of their own."""
    spots = {}
    palette = ((0.97, 0.95, 0.90), (0.96, 0.80, 0.25), (0.86, 0.35, 0.45))
    for _ in range(int(random.integers(0, 90))):
        y = air.horizon + random.uniform(0.25, 1) * (1 - air.horizon)
        x = random.uniform(-air.half, air.half)
        size = 0.06 * air.scale(y)
        hue = int(random.integers(3))
        spots.setdefault(hue, []).append(ellipse(x, y, size, 0.8 * size, 0, 8))
    return [
        Layer(shapes, air.lit(np.array(palette[hue])))
        for hue, shapes in spots.items()
    ]


def water(random, air, top, bottom):
    """The layer of a lake between two heights."""
    u = np.linspace(-1, 1, 60) * (air.half + 0.05)
    phase = random.uniform(0, 2 * np.pi, 4)
    shore = 0.012 * np.sin(u * 5 + phase[0]) + 0.007 * np.sin(u * 13 + phase[1])
    upper = np.stack([u, 0 * u + top + 0.3 * shore * (top > air.horizon)], 1)
    lower = np.stack([u, bottom + shore], 1)
    high, low, _ = map(np.array, HOURS[air.hour])
    deep = between(between(high, low, 0.4), np.array([0.12, 0.38, 0.50]), 0.45)

    def fill(x, y):
        depth = np.clip(y - air.horizon, 0, None) + 0.03
        ripple = noise(x / depth * 0.5, 1.6 / depth, 0.60, air.seed + 7)
        fine = noise(x * 0.7, y * 5, 0.020, air.seed + 8)
        far = np.exp(-(y - top) / 0.06)[..., None]
        color = between(deep, low, 0.55 * far)
        glint = np.exp(-(((x - air.sun[0]) / 0.09) ** 2)) * (fine > 0.25)
        light = 1 + 0.09 * ripple + 0.06 * fine + 0.20 * glint
        return color * light[..., None]

    shape = np.concatenate([upper, lower[::-1]])
    return Layer([shape], air.lit(fill), (CLASS["water"], 0))


def cross_road(air, top, bottom):
    """Layers of a road from the left to the right, with its markings."""
    half = air.half + 0.1

    def band(above, below, x0=-half, x1=half):
        return np.array([[x0, above], [x1, above], [x1, below], [x0, below]])

    high = bottom - top
    middle = top + 0.46 * high
    tag = (CLASS["road"], 0)
    step = 2.2 * high
    starts = np.arange(-half - step, half, step) + 0.37 * step
    dashes = [
        band(middle, middle + 0.05 * high, x, x + 0.45 * step) for x in starts
    ]
    curb = [band(top, top + 0.05 * high), band(bottom - 0.07 * high, bottom)]
    return [
        Layer([band(top, bottom)], asphalt(air), tag),
        Layer(curb, air.lit(np.array([0.78, 0.77, 0.74])), tag),
        Layer(dashes, air.lit(np.array([0.95, 0.94, 0.90])), tag),
    ]


def long_road(random, air):
    """The layer of a way to the horizon, and its (x, y, half width)."""
    t = np.linspace(0, 1, 60)
    y = air.horizon + (1.05 - air.horizon) * t**1.6
    depth = y - air.horizon
    goal, start = random.uniform(-0.6, 0.6, 2) * air.half
    bend = random.uniform(-0.5, 0.5)
    x = start * depth / depth[-1] + goal * (1 - depth / depth[-1])
    x = x + bend * depth * np.sin(np.pi * 1.6 * t)
    wide = random.uniform(1.2, 2.0) / CAMERA * depth + 0.002
    shape = np.concatenate(
        [np.stack([x - wide, y], 1), np.stack([x + wide, y], 1)[::-1]]
    )
    sandy = random.random() < 0.5
    fill = sand(air) if sandy else asphalt(air)
    return Layer([shape], fill, (CLASS["road"], 0)), (x, y, wide)


def asphalt(air):
    """The fill of a street."""

    def fill(x, y):
        grain = noise(x, y * 1.5, 0.004, air.seed + 40)
        patch = noise(x, y * 3, 0.06, air.seed + 41)
        light = 0.46 * (1 + 0.06 * grain + 0.06 * patch)
        return light[..., None] * np.array([0.98, 0.99, 1.05])

    return air.lit(fill)


def sand(air):
    """The fill of a footpath."""

    def fill(x, y):
        grain = noise(x, y * 1.5, 0.005, air.seed + 42)
        patch = noise(x, y * 2, 0.05, air.seed + 43)
        light = 1 + 0.06 * grain + 0.05 * patch
        return light[..., None] * np.array([0.82, 0.72, 0.53])

    return air.lit(fill)
