"""Who a drawn person is: body, looks, clothes and pose, by (seed, index)."""

import dataclasses

import numpy as np

from keras_gan_translate.data.drawn.cloth import PATTERNS, Garment
from keras_gan_translate.data.drawn.colors import (
    CLOTHES,
    HAIRS,
    SKINS,
    between,
    rgb,
)
from keras_gan_translate.data.drawn.person_body import Build
from keras_gan_translate.data.drawn.person_clothes import (
    BOTTOMS,
    HATS,
    SHOES,
    TOPS,
)
from keras_gan_translate.data.drawn.person_head import HAIR_STYLES, Looks
from keras_gan_translate.data.drawn.person_pose import Pose, draw_pose

PATTERN_CHANCES = (0.36, 0.16, 0.06, 0.10, 0.10, 0.06, 0.06, 0.05, 0.05)
# Colours that go with everything: trousers, shoes and coats are of these.
QUIET = ("navy", "black", "gray", "beige", "brown", "olive", "white", "blue")


@dataclasses.dataclass(frozen=True)
class Person:
    """A person in clothes.

    Attributes:
        build: Proportions, a `person_body.Build`.
        looks: The head, a `person_head.Looks`.
        skin: RGB of the skin, each in [0, 1].
        top: A `cloth.Garment`; a dress is a top without a bottom.
        bottom: Trousers, shorts or a skirt; None below a dress.
        shoes: What is on the feet.
        coat: A jacket over the top, or None.
        hat: What is on the head, or None.
        tucked: Whether the top is worn inside the bottom.
        pose: A `person_pose.Pose`.
        backdrop: RGB of the wall.
        seed: Number of the folds' and the strands' patterns.
    """

    build: Build
    looks: Looks
    skin: tuple
    top: Garment
    bottom: Garment | None
    shoes: Garment
    coat: Garment | None
    hat: Garment | None
    tucked: bool
    pose: Pose
    backdrop: tuple
    seed: int

    def garments(self):
        """What is worn: dict of 'top', 'bottom', ... -> `cloth.Garment`."""
        worn = ("hat", "coat", "top", "bottom", "shoes")
        return {
            name: getattr(self, name) for name in worn if getattr(self, name)
        }


def make_person(seed=0, index=0):
    """Person number `index` of a seed.

    Args:
        seed: Another seed, other persons.
        index: Number of the person, 0 at least. It depends on no other.

    Returns:
        A `Person`.

    Raises:
        ValueError: A number is negative.
    """
    for name, value in (("seed", seed), ("index", index)):
        if value < 0:
            raise ValueError(f"{name} must be at least 0, received {value}.")
    # The 7 keeps persons apart from the faces of the same seed.
    random = np.random.default_rng([seed, index, 7])
    tone = random.uniform(0, len(SKINS) - 1)
    dark = int(tone)
    skin = between(rgb(SKINS[dark]), rgb(SKINS[dark + 1]), tone - dark)
    build, looks = _build(random), _looks(random)
    clothes = _clothes(random)
    wall = rgb(CLOTHES[str(random.choice(list(CLOTHES)))])
    return Person(
        build=build,
        looks=looks,
        skin=_tuple(skin),
        **clothes,
        pose=draw_pose(random),
        backdrop=_tuple(between(wall, np.array([0.96, 0.95, 0.93]), 0.80)),
        seed=int(random.integers(1 << 20)),
    )


def in_pose(person, seed):
    """The same person, in the same clothes, in another pose.

    Args:
        person: A `Person`.
        seed: Another seed, another pose; never that of `person`.

    Returns:
        A `Person` that differs in its pose alone.
    """
    random = np.random.default_rng([seed, 8])
    pose = draw_pose(random, but=person.pose.name)
    return dataclasses.replace(person, pose=pose)


def describe(person):
    """A caption: who it is, what is worn and done."""
    looks, worn = person.looks, person.garments()
    hair = "no hair" if looks.hair == "bald" else f"{looks.hair_color} hair"
    if looks.hair in ("short", "long", "curly", "spiky"):
        hair = f"{looks.hair} {hair}"
    elif looks.hair != "bald":
        hair = f"{hair} in a {looks.hair}"
    extras = [name for name in ("beard", "glasses") if getattr(looks, name)]
    extras = ["a beard" if name == "beard" else name for name in extras]
    clothes = [
        garment.words()
        if name == "shoes" or garment.kind in ("trousers", "jeans", "shorts")
        else f"a {garment.words()}".replace("a o", "an o")
        for name, garment in worn.items()
        if name != "hat"
    ]
    if "hat" in worn:
        clothes.append(f"a {worn['hat'].words()}".replace("a o", "an o"))
    return (
        f"A person with {_list([hair, *extras])}, in {_list(clothes)}, "
        f"{person.pose.name}{_view(person.pose.yaw)}."
    )


def _build(random):
    uniform = random.uniform
    slim = uniform(0, 1)
    return Build(
        height=float(uniform(0.76, 0.83)),
        head=float(uniform(0.158, 0.176)),
        shoulders=float(uniform(0.082, 0.100)),
        waist=float(0.062 + 0.022 * slim),
        hips=float(0.080 + 0.014 * slim + uniform(-0.003, 0.006)),
        limbs=float(0.86 + 0.22 * slim + uniform(-0.04, 0.04)),
    )


def _looks(random):
    style = str(random.choice(HAIR_STYLES, p=_shares(5, 0.6, 3, 4, 3, 2, 2, 2)))
    name = str(random.choice(list(HAIRS), p=_shares(6, 5, 5, 4, 3, 5, 2, 1, 1)))
    bearded = style in ("short", "bald", "spiky", "curly")
    return Looks(
        hair=style,
        hair_color=name,
        hair_rgb=_tuple(rgb(HAIRS[name]) * random.uniform(0.92, 1.08)),
        fringe=int(random.integers(3)),
        jaw=float(random.uniform(0.10, 0.24)),
        smile=float(random.uniform(0.0, 1.0)),
        teeth=bool(random.random() < 0.35),
        beard=bool(bearded and random.random() < 0.4),
        glasses=bool(random.random() < 0.22),
    )


def _clothes(random):
    dressed = random.random() < 0.20
    kind = "dress" if dressed else str(random.choice(TOPS))
    top = _garment(random, kind, list(CLOTHES))
    bottom = None
    if not dressed:
        kind = str(random.choice(BOTTOMS, p=_shares(3, 3, 2, 3)))
        colors = list(CLOTHES) if kind in ("skirt", "shorts") else QUIET
        if kind == "jeans":
            colors = ("navy", "blue", "light blue", "black")
        bottom = _garment(
            random,
            kind,
            [name for name in colors if name != top.color],
            # Two patterns fight.
            plain=kind == "jeans" or top.pattern != "plain",
        )
    coat = hat = None
    if random.random() < 0.22:
        colors = [name for name in QUIET if name != top.color]
        coat = _garment(random, "jacket", colors, plain=True)
    if random.random() < 0.16:
        hat = _garment(random, str(random.choice(HATS)), list(CLOTHES), True)
    shoes = str(random.choice(SHOES))
    colors = QUIET + ("red", "teal")
    shoes = _garment(random, shoes, colors, plain=True)
    short = top.kind in ("t-shirt", "shirt", "tank top")
    skirted = bottom is not None and bottom.kind == "skirt"
    tucked = bool(short and (skirted or random.random() < 0.3))
    return {
        "top": top,
        "bottom": bottom,
        "shoes": shoes,
        "coat": coat,
        "hat": hat,
        "tucked": tucked,
    }


def _garment(random, kind, colors, plain=False):
    color = str(random.choice(colors))
    others = [name for name in CLOTHES if _contrast(name, color) > 0.35]
    second = str(random.choice(others))
    pattern = str(random.choice(PATTERNS, p=PATTERN_CHANCES))
    if kind not in TOPS and pattern in ("heart", "star", "two-coloured"):
        plain = True
    if plain:
        pattern = "plain"
    light = random.uniform(0.94, 1.04)
    return Garment(
        kind=kind,
        color=color,
        second=second,
        pattern=pattern,
        rgb=_tuple(rgb(CLOTHES[color]) * light),
        second_rgb=_tuple(rgb(CLOTHES[second]) * light),
        length=float(random.uniform()),
        wide=float(random.uniform()),
    )


def _contrast(name, other):
    return np.linalg.norm(rgb(CLOTHES[name]) - rgb(CLOTHES[other]))


def _view(yaw):
    turned = np.cos(yaw)
    if turned < -0.5:
        return ", seen from behind"
    return ", seen from the side" if turned < 0.5 else ""


def _list(words):
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _shares(*parts):
    return np.array(parts) / sum(parts)


def _tuple(color):
    return tuple(float(value) for value in np.clip(color, 0, 1))
