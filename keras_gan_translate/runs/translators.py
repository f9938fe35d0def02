"""Whatever translates pictures: opened, told things, and used."""

import pathlib

FACE_SIZE = 256  # pixels, where a model takes any


def open_translator(
    path, is_artefact=False, direction=None, which="best", trust=False
):
    """What translates: one object for runs and for exported models.

    Args:
        path: a run folder or a preset, as of `find_model`; or an artefact, as
            in `open_artefact`.
        is_artefact: which of the two.
        direction: None for the model's first.
        which: which checkpoint of a run.
        trust: as in `open_artefact`.

    Returns:
        An `Artefact`: it has `translate(image)`, `image_size`, and, if
        `has_attention`, `attention(image)`. Of a preset it has `works_at`,
        pixels that the shorter side is brought to and back.

    Raises:
        ValueError: it cannot be read, or does not translate that way.
    """
    from keras_gan_translate.export.artefacts import (
        ModelArtefact,
        open_artefact,
    )
    from keras_gan_translate.runs.opened import open_model

    if is_artefact:
        return open_artefact(path, direction=direction, trust=trust)
    opened = open_model(path)
    artefact = ModelArtefact(opened.model(which), direction, path)
    artefact.works_at = opened.works_at
    return artefact


def options_of(translator):
    """What a translator may be told: dict from the word to its `Field`."""
    model = getattr(translator, "model", None)
    if model is not None:
        return model.options(translator.direction)
    return getattr(translator, "options", None) or {}


def source_of(translator):
    """The `Field` that it translates, None if it takes options only."""
    from keras_gan_translate.fields import Image

    model = getattr(translator, "model", None)
    if model is None:
        return Image()
    name = model.source(translator.direction)
    return None if name is None else model.field(name)


def face_size(translator):
    """Height and width at which faces are translated: the model's own."""
    if translator.image_size:
        return max(translator.image_size)
    model = getattr(translator, "model", None)
    if model is None:
        return FACE_SIZE
    name = model.source(translator.direction)
    return model.image_size_of(name) or FACE_SIZE


def read(field, path, shorter=None):
    """A file of a field as a raw array.

    Args:
        field: a `Field` that `reads` files.
        path: of the file.
        shorter: pixels that the shorter side gets; None for as it is.
    """
    from keras_gan_translate import data

    if field.reads == "map":
        return shrink(data.images.read_map(path)[..., None], shorter)
    # A JPEG is decoded at no less than twice the size: Lanczos needs it.
    picture = data.read_image(path, shorter and 2 * shorter)
    return field.fitted(shrink(picture, shorter))


def options_for(translator, given, path, shorter=None):
    """A translator's options for one input, its files read.

    Args:
        translator: what `open_translator` returns.
        given: dict of what the user gave, by word.
        path: of the input; of a folder that is given, the file of its name
            is taken.
        shorter: as of `read`.

    Raises:
        ValueError: the folder has no such file.
    """
    values = {}
    for word, value in given.items():
        field = options_of(translator).get(word)
        if field and field.reads and isinstance(value, str) and _exists(value):
            value = _of_input(word, pathlib.Path(value), pathlib.Path(path))
            value = read(field, value, shorter if field.per_pixel else None)
        values[word] = value
    return values


def translate_file(
    translator,
    path,
    given,
    shorter=None,
    faces=False,
    attention=False,
    **arguments,
):
    """Translates the picture in a file, as `kgt translate` does.

    Args:
        translator: what `open_translator` returns.
        path: of the file, or a `data.images.Held`.
        given: dict of what the user gave, by word.
        shorter: pixels that the shorter side gets first; with `faces` of the
            side of a face. None for as it is, and for the model's.
        faces: whether only the faces are translated, each for itself.
        attention: whether the heatmap is wanted.
        **arguments: of its `translate`.

    Returns:
        (the picture as it was read, raw; its translation, uint8
        (H, W, 3); the heatmap or None; how many faces were found or None)

    Raises:
        ValueError: it cannot be read, or not translated.
    """
    from keras_gan_translate import data
    from keras_gan_translate.inference.faces import translate_faces

    source = source_of(translator)
    options = options_for(translator, given, path, shorter)
    if not faces:
        image = read(source, path, shorter)
        return (
            image,
            *translate_image(
                translator, image, attention, options, **arguments
            ),
            None,
        )
    image = data.read_image(path)
    translated, found = translate_faces(
        image,
        lambda face: translate_image(
            translator, source.fitted(face), False, options, **arguments
        )[0],
        shorter or face_size(translator),
    )
    return image, translated, None, len(found)


def translate_image(
    translator, image, attention=False, options=None, **arguments
):
    """Translates an image of any size, also where the model takes one only.

    Args:
        translator: what `open_translator` returns.
        image: uint8 array (H, W, 3), or another raw array of its source.
        attention: whether the heatmap is wanted.
        options: dict of values by the translator's options; arrays of
            per-pixel fields have the size of `image`.
        **arguments: of its `translate`.

    Returns:
        (translation, uint8 (H * scale, W * scale, 3); heatmap, float32
        (H, W, 1) in [0, 1], or None)
    """
    from keras_gan_translate import data

    options = dict(options or {})
    height, width = image.shape[:2]
    size = translator.image_size
    works_at = getattr(translator, "works_at", None)
    if not size and works_at:
        size = _with_shorter((height, width), works_at)
    if size:  # there and back; stretched, so that nothing is cut off
        image = _stretch(image, size)
        for word, field in options_of(translator).items():
            if field.per_pixel and not field.resized and word in options:
                options[word] = _stretch(options[word], size)
    model, heatmap = getattr(translator, "model", None), None
    if model is None:
        translated = translator.translate(image, **arguments, **options)
        heatmap = translator.attention(image) if attention else None
    else:
        direction = translator.direction
        translated = model.translate(
            image, direction, 1, **arguments, **options
        )
        if attention:
            heatmap = model.attention(image, direction, 1, **options)
    if size:
        scale = translated.shape[0] // size[0]
        translated = data.resize_image(
            translated, (height * scale, width * scale), "stretch"
        )
    if size and attention:
        heatmap = _stretch_heatmap(heatmap, (height, width))
    return translated, heatmap


def shrink(image, shorter):
    """The image with its shorter side resized to a number of pixels."""
    if shorter is None:
        return image
    return _stretch(image, _with_shorter(image.shape[:2], shorter))


def _with_shorter(size, shorter):
    """(height, width) of the same shape, the shorter of so many pixels."""
    scale = shorter / min(size)
    return [max(1, round(side * scale)) for side in size]


def _stretch(image, size):
    """An image resized to (height, width); numbers of a map stay whole."""
    import numpy as np

    from keras_gan_translate import data

    if image.shape[-1] == 3:
        return data.resize_image(image, size, "stretch")
    rows, columns = (
        np.arange(new) * old // new for new, old in zip(size, image.shape)
    )
    return image[rows][:, columns]


def _stretch_heatmap(heatmap, size):
    import numpy as np
    from PIL import Image

    pixels = Image.fromarray(heatmap[..., 0])
    return np.asarray(pixels.resize(size[::-1]))[..., None].clip(0, 1)


def _exists(path):
    return pathlib.Path(path).exists()


def _of_input(word, path, source):
    """The file that belongs to an input."""
    if not path.is_dir():
        return path
    for file in sorted(path.iterdir()):
        if file.stem == source.stem:
            return file
    raise ValueError(
        f"--{word.replace('_', '-')}: '{path}' has no file named "
        f"{source.stem}, as the input is."
    )
