"""What happens to photos: other light, another distance, something in front.

NumPy and Pillow only. For photos that stand alone: what belongs to a photo,
such as its other half or a label map, would not change with it.
"""

import numpy as np
from PIL import Image

BRIGHTNESS = 0.2  # of white, added or taken away
CONTRAST = 0.3  # more or less of it, as a share
GAMMA = 1.5  # times brighter or darker in the midst, as an exponent
ZOOM = 1.5  # times nearer
COVERS = 3  # rectangles
COVERED = 0.35  # of the height and of the width, one rectangle's share
SHARE = 0.5  # of the photos, that have any


def light(photo, random):
    """A photo under another light: its gamma, contrast and brightness.

    Args:
        photo: uint8 array (H, W, 3).
        random: `numpy.random.RandomState`.
    """
    x = np.linspace(0, 1, 256) ** (GAMMA ** random.uniform(-1, 1))
    x = (x - 0.5) * (1 + CONTRAST * random.uniform(-1, 1)) + 0.5
    x = x + BRIGHTNESS * random.uniform(-1, 1)
    return np.rint(255 * np.clip(x, 0, 1)).astype("uint8")[photo]


def scale(photo, random):
    """A part of a photo, resized to the whole.

    Args:
        photo: uint8 array (H, W, 3).
        random: `numpy.random.RandomState`.
    """
    height, width = photo.shape[:2]
    zoom = random.uniform(1, ZOOM)
    top, left = random.uniform(size=2) * (1 - 1 / zoom) * (height, width)
    box = (left, top, left + width / zoom, top + height / zoom)
    return np.asarray(
        Image.fromarray(photo).resize(
            (width, height), Image.Resampling.BICUBIC, box
        )
    )


def occlusion(photo, random):
    """A photo, half the time with rectangles of one colour each before it.

    Reference: Zhong et al., "Random Erasing Data Augmentation", AAAI 2020,
    arXiv:1708.04896.

    Args:
        photo: uint8 array (H, W, 3).
        random: `numpy.random.RandomState`.
    """
    covers = random.randint(1, COVERS + 1)
    drawn = random.uniform(size=(covers, 4))
    colours = random.randint(0, 256, (covers, photo.shape[-1]))
    if random.uniform() >= SHARE:
        return photo
    photo = photo.copy()
    height, width = photo.shape[:2]
    for (tall, wide, top, left), colour in zip(drawn, colours):
        tall, wide = tall * COVERED * height, wide * COVERED * width
        top, left = top * (height - tall), left * (width - wide)
        photo[
            int(top) : int(np.ceil(top + tall)),
            int(left) : int(np.ceil(left + wide)),
        ] = colour
    return photo


# In this order: what covers a photo is in its light.
OF_PHOTOS = {"scale": scale, "occlusion": occlusion, "light": light}
