"""Pictures whose holes are filled: the rest stays as it is."""

import keras


def completed_model(generator):
    """What translates: a generator of holes' fillings, and what is known.

    Args:
        generator: a `keras.Model` from [image, mask] to a dict with "image".
    """
    image = keras.Input((None, None, 3), name="image")
    mask = keras.Input((None, None, 1), name="mask")
    filling = generator([image, mask])["image"]
    return keras.Model(
        [image, mask], complete(image, mask, filling), name="translator"
    )


def complete(image, mask, filling):
    """The image where it is known, the filling where it is missing."""
    return image * (1.0 - mask) + filling * mask
