"""The colours of a picture without its details: flat domains, and strokes."""

import numpy as np
from PIL import Image, ImageFilter

from keras_gan_translate.data.strokes import stroke

COLOURS = 12  # of a domain
ROUNDS = 6  # of k-means
SIDE = 64  # pixels of the picture whose median is taken
# PI-REC's medians: 25 of 256 pixels before the colours, 3 after them.
BLUR, SMOOTH = 25 / 256, 3


def colour_domain(image, colours=COLOURS):
    """A picture in a few flat colours: blurred, and its colours clustered.

    Args:
        image: uint8 array of shape (height, width, 3).
        colours: How many, at most.

    Returns:
        uint8 array of the same shape.

    Reference:
        You et al., "PI-REC: Progressive Image Reconstruction Network With Edge
        and Color Domain", 2019, section 3.
    """
    height, width = image.shape[:2]
    picture = Image.fromarray(image)
    # The median of a small picture: of a large one it takes seconds.
    scale = min(1, SIDE / min(height, width))
    small = picture.resize(
        (max(1, round(width * scale)), max(1, round(height * scale))),
        Image.Resampling.BOX,
    )
    window = 2 * round(BLUR * min(small.size) / 2) + 1
    small = small.filter(ImageFilter.MedianFilter(window))
    centres = k_means(np.asarray(small).reshape(-1, 3), colours)
    blurred = small.resize((width, height), Image.Resampling.BILINEAR)
    pixels = np.asarray(blurred, "float32").reshape(-1, 3)
    flat = np.rint(centres).astype("uint8")[_nearest(pixels, centres)]
    flat = Image.fromarray(flat.reshape(image.shape))
    return np.asarray(flat.filter(ImageFilter.MedianFilter(SMOOTH)))


def k_means(values, count):
    """The centres of clusters; the same ones for the same values.

    Args:
        values: array of shape (number, channels).
        count: Number of clusters; fewer if the values do not differ.

    Returns:
        float32 array of shape (count, channels).
    """
    values = np.asarray(values, "float32")
    # Begin with those that lie farthest from each other.
    centres = [values.mean(axis=0)]
    distance = np.full(len(values), np.inf, "float32")
    for _ in range(count - 1):
        away = ((values - centres[-1]) ** 2).sum(axis=1)
        distance = np.minimum(distance, away)
        if distance.max() == 0:
            break
        centres.append(values[distance.argmax()])
    centres = np.stack(centres)
    for _ in range(ROUNDS):
        own = _nearest(values, centres)
        for i in range(len(centres)):
            if (own == i).any():
                centres[i] = values[own == i].mean(axis=0)
    return centres


def draw_strokes(flat, random, count=16):
    """Hints of a painter: strokes in the colours of what they lie on.

    Args:
        flat: uint8 array of shape (height, width, 3), as of `colour_domain`.
        random: `numpy.random.Generator` that places them.
        count: Number of strokes.

    Returns:
        uint8 array of the same shape, black beside the strokes. None leaves
        the colour that its middle lies on.
    """
    height, width = flat.shape[:2]
    strokes = np.zeros_like(flat)
    for _ in range(count):
        y, x = random.integers(height), random.integers(width)
        touched = stroke(height, width, x, y, random)
        touched &= (flat == flat[y, x]).all(axis=-1)
        strokes[touched] = flat[y, x]
    return strokes


def _nearest(values, centres):
    distances = [((values - centre) ** 2).sum(axis=1) for centre in centres]
    return np.argmin(distances, axis=0)
