"""Scenes drawn by code, with maps of their classes and of their things."""

import dataclasses

import numpy as np

from keras_gan_translate.data.drawn.painting import paint
from keras_gan_translate.data.drawn.person_body import Figure
from keras_gan_translate.data.drawn.person_layers import person_layers
from keras_gan_translate.data.drawn.person_lots import make_person
from keras_gan_translate.data.drawn.scene_air import (
    CLASS,
    HOURS,
    SEASONS,
    Air,
)
from keras_gan_translate.data.drawn.scene_ground import (
    cloud,
    cross_road,
    flowers,
    grass,
    hills,
    long_road,
    sky,
    sun,
    water,
)
from keras_gan_translate.data.drawn.scene_houses import house
from keras_gan_translate.data.drawn.scene_things import (
    boat,
    car,
    shadow,
    tree,
)

# Classes whose things have numbers in the map of instances.
THINGS = ("tree", "house", "car", "boat", "person")
# RGB of each of `scene_air.SCENE_CLASSES`.
SCENE_PALETTE = np.array(
    [
        (112, 178, 230),
        (255, 226, 110),
        (226, 236, 244),
        (118, 140, 128),
        (48, 96, 170),
        (132, 190, 96),
        (120, 116, 124),
        (40, 112, 60),
        (226, 178, 130),
        (170, 70, 60),
        (70, 200, 210),
        (120, 72, 40),
        (220, 50, 130),
        (250, 140, 40),
        (150, 60, 190),
    ],
    "uint8",
)


def draw_scenes(count, size=64, seed=0, start=0):
    """Draws scenes with the maps of what they show.

    Scene k depends on `seed`, k and the shape of `size` alone: any number can
    be drawn, in any order, and `start` gives held-out ones. Hour, season and
    the colours of things are in the picture only: a label map has many
    pictures.

    Args:
        count: Number of scenes.
        size: Height and width in pixels, one number or (height, width).
        seed: Another seed, other scenes.
        start: Index of the first scene.

    Returns:
        Dict of `image`, uint8 (count, height, width, 3); `label`, uint8
        (count, height, width): indices into `scene_air.SCENE_CLASSES`, whose
        colours are `SCENE_PALETTE`; `instance`, int32 of the same shape: 0
        for what is none of `THINGS`, and a number from 1 for each of them,
        the farthest first; `caption`, a list of text.

    Raises:
        ValueError: A number is too small.

    Example:
        >>> scenes = draw_scenes(8, size=(128, 256))
        >>> colors = SCENE_PALETTE[scenes["label"]]
    """
    least = {"count": 1, "seed": 0, "start": 0}
    for name, value in zip(least, (count, seed, start)):
        if value < least[name]:
            raise ValueError(
                f"{name} must be at least {least[name]}, received {value}."
            )
    height, width = (size, size) if np.ndim(size) == 0 else size
    if min(height, width) < 16:
        raise ValueError(
            f"A scene takes 16 pixels at least, received size={size}."
        )
    pictures, labels, instances, captions = [], [], [], []
    for index in range(start, start + count):
        # The 9 keeps scenes apart from faces and persons of the same seed.
        random = np.random.default_rng([seed, index, 9])
        air = _air(random, width / height / 2)
        layers, kind, names = _compose(random, air, seed, index)
        picture, tags = paint(layers, (height, width), sky(air), 2)
        pictures.append(picture)
        labels.append(tags[0].astype("uint8"))
        seen = np.unique(tags[1])
        seen = seen[seen > 0]
        # Without gaps: what is hidden has no number, and no word.
        lookup = np.zeros(len(names) + 1, "int32")
        lookup[seen] = np.arange(1, len(seen) + 1)
        instances.append(lookup[tags[1]])
        captions.append(_caption(air, kind, [names[i - 1] for i in seen]))
    return {
        "image": np.stack(pictures),
        "label": np.stack(labels),
        "instance": np.stack(instances),
        "caption": captions,
    }


def _air(random, half):
    x = random.uniform(-0.85, 0.85) * half
    horizon = random.uniform(0.36, 0.50)
    return Air(
        hour=str(random.choice(list(HOURS), p=(0.45, 0.2, 0.2, 0.15))),
        season=str(random.choice(list(SEASONS), p=(0.3, 0.45, 0.25))),
        sun=(float(x), float(random.uniform(0.10, 0.30))),
        horizon=float(horizon),
        half=float(half),
        seed=int(random.integers(1 << 20)),
    )


def _compose(random, air, seed, index):
    """(layers from the farthest on, kind, the things' classes)."""
    layers = sun(air)
    for _ in range(int(random.integers(0, 5))):
        layers += cloud(random, air)
    layers += hills(random, air)
    layers.append(grass(air))
    layers += flowers(random, air)
    depth = 1 - air.horizon
    kind = str(random.choice(["street", "lake", "path", "meadow"], p=_SHARES))
    taken, things = [], []  # bands (top, bottom) that nothing stands in
    if kind == "street":
        top = air.horizon + random.uniform(0.42, 0.52) * depth
        bottom = top + random.uniform(0.20, 0.26) * depth
        layers += cross_road(air, top, bottom)
        taken.append((top - 0.01, bottom + 0.01))
        things += _row(random, air, "car", (0, 4), (top + bottom) / 2, 0.24)
    if kind == "lake":
        top = air.horizon + random.choice([0.0, 0.12]) * depth
        bottom = top + random.uniform(0.25, 0.40) * depth
        layers.append(water(random, air, top, bottom))
        taken.append((top - 0.02, bottom + 0.02))
        for _ in range(int(random.integers(0, 4))):
            y = top + random.uniform(0.25, 0.75) * (bottom - top)
            x = random.uniform(-0.9, 0.9) * air.half
            things.append((y, x, "boat"))
    way = None
    if kind == "path":
        layer, way = long_road(random, air)
        layers.append(layer)
    far = air.horizon + 0.40 * depth
    if kind != "lake" or random.random() < 0.3:
        y = air.horizon + random.uniform(0.20, 0.36) * depth
        things += _row(random, air, "house", (0, 4), y, 0.10)
    for name, least, most in (("tree", 1, 8), ("person", 0, 4)):
        for _ in range(int(random.integers(least, most))):
            low = air.horizon + (0.10 if name == "tree" else 0.45) * depth
            high = far + 0.25 * depth if name == "tree" else 0.97
            y, x = random.uniform(low, high), random.uniform(-0.95, 0.95)
            things.append((y, x * air.half, name))
    things = [
        (y, x, name)
        for y, x, name in sorted(things)
        if name in ("car", "boat") or _free(x, y, name, taken, way)
    ]
    for number, (y, x, name) in enumerate(things, 1):
        if name == "person":
            layers += _person(air, x, y, number, seed, index)
        else:
            layers += _MAKERS[name](random, air, x, y, number)
    return layers, kind, [name for _, _, name in things]


def _row(random, air, name, count, y, gap):
    """Things of one kind side by side."""
    count = int(random.integers(*count))
    places = (np.arange(count) + 0.5) / max(count, 1) * 2 - 1
    places = places + random.uniform(-gap, gap, count)
    jitter = random.uniform(-0.012, 0.012, count)
    return [
        (y + dy, x * air.half, name) for x, dy in zip(0.92 * places, jitter)
    ]


def _free(x, y, name, taken, way):
    if any(top < y < bottom for top, bottom in taken):
        return False
    if way is None or name == "person":
        return True
    middle = np.interp(y, way[1], way[0])
    margin = 1.4 if name == "tree" else 3.0
    return abs(x - middle) > margin * np.interp(y, way[1], way[2])


def _person(air, x, y, number, seed, index):
    """Layers of a person who stands at (x, y)."""
    who = make_person(seed, 64 * index + number)
    figure = Figure(who.build, who.pose)
    zoom = 1.75 * air.scale(y) / who.build.height
    feet = np.array([figure.joints["pelvis"][0], 0.945])
    move = np.array([x, y]) - zoom * feet
    tag = (CLASS["person"], number)

    def put(shapes):
        return [np.asarray(shape) * zoom + move for shape in shapes]

    def moved(fill):
        if not callable(fill):
            return fill
        return lambda px, py: fill((px - move[0]) / zoom, (py - move[1]) / zoom)

    layers = [
        dataclasses.replace(
            layer,
            shapes=put(layer.shapes),
            fill=air.lit(moved(layer.fill), y),
            tags=None if layer.tags is None else tag,
            minus=put(layer.minus),
            within=put(layer.within),
            soft=layer.soft * zoom,
            shadow=0.0,
        )
        for _, layer in person_layers(who, figure)
    ]
    return [shadow(air, x, y, 0.16 * zoom), *layers]


def _caption(air, kind, names):
    places = {
        "street": "A street",
        "lake": "A lake",
        "path": "A path through meadows",
        "meadow": "A meadow",
    }
    hour = {"gray": "under a gray sky", "noon": "at noon"}
    hour = hour.get(air.hour, f"in the {air.hour}")
    parts = []
    for name in THINGS:
        count = names.count(name)
        if count:
            plural = {"person": "persons"}.get(name, f"{name}s")
            parts.append(
                f"a {name}" if count == 1 else f"{_COUNTS[count]} {plural}"
            )
    words = f" with {', '.join(parts)}" if parts else ""
    words = " and ".join(words.rsplit(", ", 1))
    return f"{places[kind]} in {air.season} {hour}{words}."


_SHARES = (0.40, 0.22, 0.23, 0.15)
_MAKERS = {"house": house, "tree": tree, "car": car, "boat": boat}
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven")
