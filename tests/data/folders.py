"""Small folders of images for tests of the readers."""

import numpy as np
from PIL import Image


def write(path, pixels):
    """Writes an array, RGB or of one channel, as the file's suffix says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels)).save(path)


def photo(value=100, size=(12, 16)):
    """A picture whose red channel is a value; height and width."""
    pixels = np.zeros((*size, 3), "uint8")
    pixels[..., 0] = value
    pixels[..., 1] = np.arange(size[1])
    return pixels


def label_map(size=(12, 16), classes=3):
    """Columns of classes, the left one 0."""
    columns = np.arange(size[1]) * classes // size[1]
    return np.broadcast_to(columns.astype("uint8"), size)
