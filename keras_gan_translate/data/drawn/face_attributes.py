"""Attributes of a drawn face, named as in CelebA where it has a name."""

from keras_gan_translate.support.messages import check_choice

SMILING, OPEN = 0.3, 0.25  # from these on a face smiles, a mouth is open
PALE = 0.9  # tones below are pale
BROWN = ("dark brown", "brown", "light brown")


def _is(name, *values):
    return lambda face: getattr(face, name) in values


def _set(**lots):
    return lambda face: face.changed(**lots)


def _has_bangs(face):
    # Spikes fall onto the forehead, whatever the fringe.
    spiky = face.style == "spiky"
    return face.style != "bald" and (spiky or face.fringe == "bangs")


def _give_bangs(face):
    style = "short" if face.style == "bald" else face.style
    return face.changed(fringe="bangs", style=style)


def _take_bangs(face):
    style = "short" if face.style == "spiky" else face.style
    return face.changed(fringe="swept", style=style)


# Name -> (whether a face has it, how it gets it, how it loses it). What loses
# a colour is brown, or black where it was brown. Another lot changes only where
# it must: the bald get hair with their bangs.
_RULES = {
    "5_o_Clock_Shadow": (
        _is("beard", "stubble"),
        _set(beard="stubble"),
        _set(beard="none"),
    ),
    "Bald": (_is("style", "bald"), _set(style="bald"), _set(style="short")),
    "Bangs": (_has_bangs, _give_bangs, _take_bangs),
    "Black_Hair": (
        _is("hair", "black"),
        _set(hair="black"),
        _set(hair="brown"),
    ),
    "Blond_Hair": (
        _is("hair", "blond"),
        _set(hair="blond"),
        _set(hair="brown"),
    ),
    "Brown_Hair": (_is("hair", *BROWN), _set(hair="brown"), _set(hair="black")),
    "Eyeglasses": (
        _is("glasses", True),
        _set(glasses=True),
        _set(glasses=False),
    ),
    "Goatee": (
        _is("beard", "goatee"),
        _set(beard="goatee"),
        _set(beard="none"),
    ),
    "Gray_Hair": (_is("hair", "gray"), _set(hair="gray"), _set(hair="brown")),
    "Heavy_Makeup": (
        _is("makeup", "heavy"),
        _set(makeup="heavy"),
        _set(makeup="none"),
    ),
    "Mouth_Slightly_Open": (
        lambda face: face.open > OPEN,
        _set(open=0.6),
        _set(open=0.0),
    ),
    "Mustache": (
        _is("beard", "moustache", "full"),
        _set(beard="moustache"),
        _set(beard="none"),
    ),
    # As in CelebA, a moustache alone is no beard.
    "No_Beard": (
        _is("beard", "none", "moustache"),
        _set(beard="none"),
        _set(beard="full"),
    ),
    "Pale_Skin": (
        lambda face: face.skin < PALE,
        _set(skin=0.3),
        _set(skin=2.4),
    ),
    "Rosy_Cheeks": (_is("blush", True), _set(blush=True), _set(blush=False)),
    "Smiling": (
        lambda face: face.smile > SMILING,
        _set(smile=0.85),
        _set(smile=0.0),
    ),
    "Straight_Hair": (
        _is("style", "bob", "long"),
        _set(style="long"),
        _set(style="curly"),
    ),
    "Wavy_Hair": (
        _is("style", "curly"),
        _set(style="curly"),
        _set(style="short"),
    ),
    "Wearing_Earrings": (
        _is("earrings", True),
        _set(earrings=True),
        _set(earrings=False),
    ),
    "Wearing_Hat": (
        lambda face: face.hat != "none",
        _set(hat="beanie"),
        _set(hat="none"),
    ),
    "Wearing_Lipstick": (
        _is("makeup", "lipstick", "heavy"),
        _set(makeup="lipstick"),
        _set(makeup="none"),
    ),
    "Wearing_Necklace": (
        _is("necklace", True),
        _set(necklace=True),
        _set(necklace=False),
    ),
}
ATTRIBUTES = tuple(_RULES)


def attributes(face):
    """What is true of a face.

    Args:
        face: A `Face`.

    Returns:
        Dict of the `ATTRIBUTES`, name -> bool.
    """
    return {name: bool(rule[0](face)) for name, rule in _RULES.items()}


def with_attribute(face, name, value):
    """The same face with or without an attribute.

    Args:
        face: A `Face`.
        name: One of `ATTRIBUTES`.
        value: Whether the face is to have it.

    Returns:
        A `Face`: the given one if that is how it is, else one with that lot
        changed. Attributes of one lot exclude each other, so another may go:
        black hair that turns blond is no longer black.

    Raises:
        ValueError: There is no such attribute.
    """
    check_choice("attribute", name, ATTRIBUTES)
    has, give, take = _RULES[name]
    if bool(has(face)) == bool(value):
        return face
    return give(face) if value else take(face)
