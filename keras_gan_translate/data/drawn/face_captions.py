"""Sentences that say what is drawn."""

import colorsys

from keras_gan_translate.data.drawn.face_attributes import OPEN, SMILING

SAD = -0.08
TURNED = 8.0  # degrees from which on a caption speaks of it
TONES = ("pale", "light", "tan", "brown", "dark brown", "very dark")
# Where hues end, in degrees, and what they are called up to there.
HUES = (
    (18, "red"),
    (42, "orange"),
    (68, "yellow"),
    (160, "green"),
    (192, "turquoise"),
    (255, "blue"),
    (292, "purple"),
    (340, "pink"),
    (361, "red"),
)
CUTS = {
    "short": "short {} hair",
    "spiky": "spiky {} hair",
    "curly": "curly {} hair",
    "bob": "a {} bob",
    "long": "long {} hair",
    "bun": "{} hair in a bun",
    "tails": "{} hair in two tails",
}
BEARDS = {
    "stubble": "stubble",
    "moustache": "a moustache",
    "goatee": "a goatee",
    "full": "a full beard",
}


def caption(face):
    """Says in one English sentence what a face shows.

    Args:
        face: A `Face`.

    Returns:
        A string such as "A smiling person with tan skin, long black hair and
        green eyes, wearing glasses and a red shirt, in front of a blue
        background."
    """
    tone = TONES[min(int(face.skin + 0.5), len(TONES) - 1)]
    looks = [f"{tone} skin", _hair(face), *_eyes(face)]
    if face.beard != "none":
        looks.append(BEARDS[face.beard])
    if face.blush:
        looks.append("rosy cheeks")
    if face.open > OPEN:
        looks.append("an open mouth")
    worn = []
    if face.glasses:
        worn.append(f"{face.frame} glasses")
    if face.hat != "none":
        worn.append(_with_article(f"{color_word(face.hat_color)} {face.hat}"))
    if face.makeup != "none":
        heavy = face.makeup == "heavy"
        worn.append("heavy makeup" if heavy else "lipstick")
    worn += ["earrings"] * face.earrings + ["a necklace"] * face.necklace
    worn.append(_with_article(f"{color_word(face.shirt)} shirt"))
    where = _with_article(f"{color_word(face.background)} background")
    return (
        f"{_mood(face)} with {_listed(looks)}, wearing {_listed(worn)},"
        f"{_turn(face)} in front of {where}."
    )


def color_word(color):
    """What people call a colour: one of a dozen words.

    Args:
        color: RGB in [0, 1].
    """
    hue, saturation, value = colorsys.rgb_to_hsv(*color)
    if value < 0.2:
        return "black"
    if saturation < 0.12:
        return "white" if value > 0.85 else "gray"
    name = next(word for end, word in HUES if 360 * hue < end)
    # Dark orange is what brown is.
    return "brown" if name == "orange" and value < 0.7 else name


def _mood(face):
    if face.smile > SMILING:
        return "A smiling person"
    return "A sad person" if face.smile < SAD else "A person"


def _hair(face):
    if face.style == "bald":
        return "a bald head"
    if face.hat != "none" and face.style in ("bun", "spiky"):
        return f"{face.hair} hair"  # what it is like is under the hat
    words = CUTS[face.style].format(face.hair)
    bangs = face.fringe == "bangs" and face.style != "spiky"
    return f"{words} with bangs" if bangs else words


def _eyes(face):
    return [f"{face.eyes} eyes"] if face.lid > 0.3 else ["closed eyes"]


def _turn(face):
    if abs(face.yaw) < TURNED:
        return ""
    return f" turned to the {'right' if face.yaw > 0 else 'left'},"


def _with_article(words):
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _listed(words):
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} and {words[-1]}"
