from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_attributes import (
    attributes,
    with_attribute,
)
from keras_gan_translate.data.drawn.face_captions import caption, color_word

WORDS = {
    "Eyeglasses": "glasses",
    "Smiling": "smiling",
    "Mouth_Slightly_Open": "open mouth",
    "Black_Hair": "black",
    "Bald": "bald",
    "Bangs": "with bangs",
    "Goatee": "goatee",
    "5_o_Clock_Shadow": "stubble",
    "Heavy_Makeup": "heavy makeup",
    "Rosy_Cheeks": "rosy cheeks",
    "Wearing_Earrings": "earrings",
    "Wearing_Necklace": "necklace",
    "Pale_Skin": "pale",
    "Wavy_Hair": "curly",
}


def test_captions_name_what_is_true():
    for i in range(40):
        face = draw_face(i).changed(
            style="long", hat="none", hair="red", frame="blue"
        )
        for name, word in WORDS.items():
            for value in (True, False):
                other = with_attribute(face, name, value)
                assert attributes(other)[name] is value
                said = word in caption(other)
                if name == "Pale_Skin":  # tones 0.5 to 0.9 are called light
                    assert said <= value or not value
                else:
                    assert said is value, caption(other)


def test_a_caption_is_one_sentence():
    face = draw_face(4, extras=False).changed(
        smile=0.9,
        skin=2.0,
        style="long",
        fringe="bangs",
        hair="black",
        eyes="green",
        open=0.0,
        blush=False,
        glasses=True,
        frame="red",
        hat="sun hat",
        hat_color=(0.9, 0.5, 0.1),
        shirt=(0.2, 0.3, 0.8),
        background=(0.2, 0.7, 0.3),
        yaw=-20.0,
    )
    assert caption(face) == (
        "A smiling person with tan skin, long black hair with bangs and green "
        "eyes, wearing red glasses, an orange sun hat and a blue shirt, turned "
        "to the left, in front of a green background."
    )


def test_faces_are_told_apart():
    captions = {caption(draw_face(i)) for i in range(100)}
    assert len(captions) > 97
    assert all("a o" not in text and "  " not in text for text in captions)


def test_words_of_colours():
    colors = {
        "red": (0.9, 0.1, 0.1),
        "brown": (0.5, 0.3, 0.1),
        "blue": (0.1, 0.2, 0.9),
        "gray": (0.5, 0.5, 0.5),
        "white": (1, 1, 1),
        "black": (0.1, 0.1, 0.1),
        "pink": (0.9, 0.3, 0.7),
    }
    for word, color in colors.items():
        assert color_word(color) == word
