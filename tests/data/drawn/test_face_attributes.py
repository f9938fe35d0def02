import numpy as np
import pytest

from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_attributes import (
    ATTRIBUTES,
    attributes,
    with_attribute,
)
from keras_gan_translate.data.drawn.face_styles import draw
from keras_gan_translate.data.drawn.face_truth import (
    PARSING_CLASSES,
    parsing_map,
)

SIZE = 64
# Hair peeps out from under a hat.
HAIR = ("hair", "hat", "l_brow", "r_brow", "l_eye", "r_eye")
MOUTH = ("mouth", "u_lip", "l_lip")
# Where an attribute may be seen.
REGIONS = {
    "Eyeglasses": ("eye_g",),
    "Smiling": MOUTH,
    "Mouth_Slightly_Open": MOUTH,
    "Black_Hair": HAIR,
    "Blond_Hair": HAIR,
    "Wearing_Lipstick": MOUTH,
    "Wearing_Earrings": ("ear_r",),
    "Wearing_Necklace": ("neck_l",),
    "Wearing_Hat": ("hat", "hair", "skin", *HAIR),
    "Rosy_Cheeks": ("skin", "nose", "eye_g"),
    "No_Beard": ("skin", "neck"),
    "Pale_Skin": (
        *("skin", "nose", "neck", "l_ear", "r_ear", "eye_g", "neck_l"),
        *(*MOUTH, *HAIR),
    ),
}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_is_given_and_taken(name):
    for i in range(8):
        face = draw_face(i)
        for value in (True, False):
            other = with_attribute(face, name, value)
            assert attributes(other)[name] is value
            assert with_attribute(other, name, value) == other
            if attributes(face)[name] is value:
                assert other == face


@pytest.mark.parametrize("style", ("photo", "poster"))
@pytest.mark.parametrize("name", REGIONS)
def test_an_attribute_changes_its_region_alone(name, style):
    seen = 0
    classes = [PARSING_CLASSES.index(word) for word in REGIONS[name]]
    for i in range(6):
        face = draw_face(i).changed(beard="none", glasses=False, makeup="none")
        pair = [with_attribute(face, name, value) for value in (True, False)]
        region = np.zeros((SIZE, SIZE), bool)
        for one in pair:
            region |= np.isin(parsing_map(one, SIZE, style), classes)
        one, other = (draw(face, SIZE, style).astype(int) for face in pair)
        # Soft edges end far away, and what covers a colour may round it.
        changed = np.abs(one - other).max(-1) > 2
        seen += changed.sum()
        assert not (changed & ~_grown(region, 5)).any()
    assert seen > 20


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_every_attribute_is_to_be_seen(name):
    face = draw_face(2, extras=False)
    pair = [with_attribute(face, name, value) for value in (True, False)]
    assert (draw(pair[0], 64) != draw(pair[1], 64)).any(-1).sum() >= 8


def test_some_have_it_and_some_have_not():
    table = [attributes(draw_face(i)) for i in range(400)]
    for name in ATTRIBUTES:
        share = np.mean([row[name] for row in table])
        assert 0.01 < share < 0.99, name


def test_an_unknown_attribute():
    with pytest.raises(ValueError, match="Did you mean 'Wearing_Hat'"):
        with_attribute(draw_face(0), "Wearing_Hats", True)


def _grown(region, pixels):
    for _ in range(pixels):
        padded = np.pad(region, 1)
        region = (
            region
            | padded[2:, 1:-1]
            | padded[:-2, 1:-1]
            | padded[1:-1, 2:]
            | padded[1:-1, :-2]
        )
    return region
