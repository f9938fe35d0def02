"""Pictures whose holes are filled: the rest stays as it is."""

import keras


def completed_model(
    generator, hint=None, channels=3, read=lambda hint, _: hint
):
    """What translates: a generator of holes' fillings, and what is known.

    Args:
        generator: a `keras.Model` from [image, mask] to a dict with "image".
        hint: name of a further input, on which the filling depends; None for
            none.
        channels: of that input, a picture.
        read: function (hint, mask) that makes of it what the generator takes
            beside image and mask.
    """
    image = keras.Input((None, None, 3), name="image")
    mask = keras.Input((None, None, 1), name="mask")
    inputs, seen = [image, mask], []
    if hint:
        inputs.append(keras.Input((None, None, channels), name=hint))
        seen.append(read(inputs[-1], mask))
    filling = generator([image, mask, *seen])["image"]
    return keras.Model(
        inputs, complete(image, mask, filling), name="translator"
    )


def complete(image, mask, filling):
    """The image where it is known, the filling where it is missing."""
    return image * (1.0 - mask) + filling * mask
