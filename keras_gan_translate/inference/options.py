"""What users say beside an image, as what the fields of a translator hold."""

import os

import numpy as np

from keras_gan_translate.data.images import (
    read_image,
    read_map,
    resize_image,
    rgb_array,
)
from keras_gan_translate.support.messages import near_matches


def check_options(who, known, options, where=""):
    """Refuses options that a translator does not take.

    Args:
        who: that translates, the subject of the error.
        known: dict of the fields that it takes, by word.
        options: dict of what users gave, by word.
        where: what follows in the error, such as " in the direction 'ab'".

    Raises:
        ValueError: an option is unknown; says which is nearest.
    """
    known = words_of(known)
    for word in options:
        if word not in known:
            raise ValueError(
                f"{who} takes {', '.join(known) or 'no options'}{where}. "
                f"Received: {word}={options[word]!r}."
                + near_matches(word, known)
            )


def words_of(fields):
    """The words for fields, and for numbers that multiply them.

    Args:
        fields: dict from the word to its `Field`, as `Translating.options`.
    """
    scales = [f.scaled_by for f in fields.values() if f.scaled_by]
    return list(dict.fromkeys([*fields, *scales]))


def option_values(fields, options, count, size, model=None):
    """The raw values of a translator's options, the batch first.

    Args:
        fields: dict of the translator's fields by any names; those without
            an option are passed over.
        options: dict of what users gave, by word; paths are read.
        count: number of images.
        size: (height, width) of these, which per-pixel fields share; that of
            the first of them if None.
        model: what fields may ask when they parse, a `GAN` or None.

    Returns:
        Dict from the name of the field to an array (count, ...).

    Raises:
        ValueError: an option is missing or no value of its field.
    """
    values = {}
    for name, field in fields.items():
        if field.option is None:
            continue
        given = options.get(field.option)
        if given is None and field.per_pixel and size is not None:
            given = field.blank(size)
        if given is None:
            given = field.default()
        parsed = [
            field.parse(read_value(one, field), model)
            for one in _each(field.option, given, count)
        ]
        by = options.get(field.scaled_by) if field.scaled_by else None
        if by is not None:
            by = _each(field.scaled_by, by, count)
            if len(parsed) < len(by):
                parsed *= len(by)
            by = by * (len(parsed) // len(by))
            parsed = [field.scaled(*pair) for pair in zip(parsed, by)]
        if field.resized and size is not None:
            parsed = [resize_image(value, size) for value in parsed]
        parsed = np.stack(parsed)
        if field.per_pixel and size is None:
            size = parsed.shape[1:3]
        if field.per_pixel and parsed.shape[1:3] != tuple(size):
            raise ValueError(
                f"{field.option} has {parsed.shape[1]} by "
                f"{parsed.shape[2]} pixels, its image {size[0]} by "
                f"{size[1]}: they lie one upon the other, make them of "
                "one size."
            )
        values[name] = np.repeat(parsed, count // len(parsed), axis=0)
    return values


def _each(word, given, count):
    """What users give for all images, or a list for each, as a list."""
    each = list(given) if isinstance(given, (list, tuple)) else [given]
    if len(each) not in (1, count):
        raise ValueError(
            f"{word} has {len(each)} values for {count} images: give one for "
            "all, or one for each."
        )
    return each


def read_value(value, field):
    """What users give, read if it is a file's path or a PIL image.

    A coloured picture becomes gray where the field is.
    """
    return field.fitted(_read(value, field))


def _read(value, field):
    if isinstance(value, os.PathLike) or (
        isinstance(value, str) and field.reads and os.path.exists(value)
    ):
        return (read_map if field.reads == "map" else read_image)(value)
    if hasattr(value, "convert") and hasattr(value, "getexif"):
        if field.reads == "map":
            return np.asarray(value)
        return rgb_array(value)
    if isinstance(value, str) and field.option is None:
        return read_image(value)  # which says that there is no such file
    return value
