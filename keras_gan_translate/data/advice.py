"""What a user may want to know of images before a training of days."""

import numpy as np

from keras_gan_translate.data.folders import MAX_CLASS
from keras_gan_translate.data.images import (
    ImageError,
    read_map,
    read_mode,
    read_size,
)

FEW = 20  # images, below which a network learns them by heart
LOOKED_AT = 8  # files of each list


def advice(files, size):
    """What is unusual of images that a network is to be trained on.

    Args:
        files: dict, key of the batch -> list of files.
        size: (height, width) in pixels that they are resized to.

    Returns:
        List of sentences, at most one for each of what is known here.
    """
    told = []
    few = {key: len(paths) for key, paths in files.items() if len(paths) < FEW}
    if few:
        counts = ", ".join(f"{count} of {key}" for key, count in few.items())
        told.append(
            f"There are few images ({counts}): a network learns so few by "
            "heart. Hundreds are usual."
        )
    looked_at = {key: paths[:LOOKED_AT] for key, paths in files.items()}
    for look in (_tiny, _drawn_in_few):
        sentences = (look(paths, size) for paths in looked_at.values())
        told += list(filter(None, sentences))[:1]
    return told


def _tiny(paths, size):
    sizes = {path: _try(read_size, path) for path in paths}
    tiny = [
        path for path, own in sizes.items() if own and 2 * min(own) < min(size)
    ]
    if not tiny:
        return None
    height, width = sizes[tiny[0]]
    return (
        f"Images are enlarged, such as '{tiny[0]}' of {width} x {height} "
        f"pixels to {size[1]} x {size[0]}: they have no such detail to learn. "
        "Train on larger ones, or with a smaller --image-size."
    )


def _drawn_in_few(paths, size):
    """Whether they may be label maps: numbers of classes as few colours."""
    counts = []
    for path in paths:
        mode = _try(read_mode, path)
        if mode not in ("P", "L"):
            return None
        values = _try(read_map, path)
        if values is None or values.size < 4096:
            return None
        counts.append(len(np.unique(values)))
    if not counts or not 3 <= min(counts) <= max(counts) <= MAX_CLASS:
        return None
    return (
        f"'{paths[0]}' and others have {max(counts)} colours or grays at most, "
        "as label maps do. They are read as pictures; models of semantic data, "
        "which `kgt models` lists, read numbers of classes."
    )


def _try(read, path):
    try:
        return read(path)
    except ImageError:  # named when everything is decoded
        return None
