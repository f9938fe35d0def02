"""Faces cut out upright, and put back where they were."""

import numpy as np
from PIL import Image

from keras_gan_translate.data.images import check_uint8, resize_image

# How far from its edge a crop that is put back is blended with the photo: a
# share of half its side.
FEATHER = 0.3


def align_face(image, face, size):
    """Cuts a face out of a photo, eyes level, as FFHQ's faces are.

    The crop is a square of four distances between the eyes, or of 3.6 from
    eyes to mouth if that is more; its middle lies below the eyes by a tenth
    of their distance to the mouth. So the face, from forehead to chin, fills
    about two thirds of its height. It is turned, moved and resized only: the
    proportions stay. Where it leaves the photo, this goes on as in a mirror.

    Args:
        image: uint8 array (H, W, 3), upright.
        face: a `Face` in it.
        size: height and width of the crop in pixels.

    Returns:
        uint8 array (size, size, 3).

    Raises:
        ValueError: `image` is no uint8 RGB image, or `size` below 1.

    Reference:
        Karras et al., "A Style-Based Generator Architecture for Generative
        Adversarial Networks", 2019 (appendix A, and the script of FFHQ).
    """
    # Deviation: FFHQ's squares are turned by eyes and mouth together; these
    # by the eyes alone, which are level then.
    return cut(image, face.middle, face.side, face.angle, size)


def cut(image, middle, side, angle, size):
    """Cuts a turned square out of a photo that goes on as in a mirror.

    Args:
        image: uint8 array (H, W, 3).
        middle: of the square: x and y in pixels.
        side: of the square, in pixels.
        angle: by which it is turned, in radians; clockwise to the eye.
        size: height and width of what comes out, in pixels.

    Returns:
        uint8 array (size, size, 3).

    Raises:
        ValueError: as `align_face`.
    """
    image = check_uint8(image)
    # Pixels that are averaged at once where a square is far larger; what is
    # left is read pixel for pixel, so that nothing is left out.
    factor = max(1, int(side / (2 * size)))
    between = size * max(1, int(np.ceil(side / factor / size)))
    # Bicubic sampling reads two pixels around each place.
    reach = _reach(side, angle) + 3 * factor
    first = np.floor(np.subtract(middle, reach)).astype(int)
    last = np.ceil(np.add(middle, reach)).astype(int)
    rows, columns = (
        _mirrored(first[axis], last[axis], image.shape[1 - axis])
        for axis in (1, 0)
    )
    pixels = Image.fromarray(image[rows][:, columns])
    step = side / factor / between
    cos, sin = step * np.cos(angle), step * np.sin(angle)
    x, y = (middle - first) / factor
    half = between / 2
    matrix = (cos, -sin, x - half * (cos - sin))
    matrix += (sin, cos, y - half * (sin + cos))
    turned = pixels.reduce(factor).transform(
        (between, between),
        Image.Transform.AFFINE,
        matrix,
        Image.Resampling.BICUBIC,
    )
    return resize_image(np.array(turned), size)


def paste_face(image, face, crop):
    """Puts a crop, or what was made of it, back to where it was cut out.

    It fades out towards its edge, and pixels outside of it stay as they are,
    bit for bit.

    Args:
        image: uint8 array (H, W, 3), the photo.
        face: the `Face` in it that `align_face` cut out.
        crop: uint8 array (h, w, 3) of the square that was cut out, of any
            size.

    Returns:
        uint8 array (H, W, 3), another than `image`.

    Raises:
        ValueError: one of the images is no uint8 RGB image.
    """
    pasted, crop = check_uint8(image).copy(), check_uint8(crop)
    middle, side, angle = face.middle, face.side, face.angle
    reach = _reach(side, angle)
    limits = image.shape[1::-1]
    left, top = np.clip(np.floor(middle - reach), 0, limits).astype(int)
    right, bottom = np.clip(np.ceil(middle + reach), 0, limits).astype(int)
    if left >= right or top >= bottom:
        return pasted
    # Of one that is made smaller no pixel is left out.
    size = min(max(crop.shape[:2]), int(np.ceil(side)))
    crop = resize_image(crop, size, "stretch")
    step = size / side
    cos, sin = step * np.cos(angle), step * np.sin(angle)
    x, y = np.subtract((left, top), middle)
    matrix = (
        *(cos, sin, cos * x + sin * y + size / 2),
        *(-sin, cos, cos * y - sin * x + size / 2),
    )
    turned = Image.fromarray(crop).transform(
        (right - left, bottom - top),
        Image.Transform.AFFINE,
        matrix,
        Image.Resampling.BICUBIC,
    )
    weight = _weight(matrix, right - left, bottom - top, size)[..., None]
    part = pasted[top:bottom, left:right]
    blended = part + weight * (np.asarray(turned) - part.astype("float32"))
    part[...] = np.where(weight > 0, np.rint(blended), part)
    return pasted


def _weight(matrix, width, height, size):
    """How much of a crop is seen at each pixel, float32 (height, width).

    1 inside, 0 outside of a square with round corners, smooth between them.
    """
    x = np.arange(width, dtype="float32") + 0.5
    y = np.arange(height, dtype="float32")[:, None] + 0.5
    u = (matrix[0] * x + matrix[1] * y + matrix[2]) * (2 / size) - 1
    v = (matrix[3] * x + matrix[4] * y + matrix[5]) * (2 / size) - 1
    inside = (1 - (u**4 + v**4) ** 0.25) / FEATHER
    inside = np.clip(inside, 0, 1)
    return inside * inside * (3 - 2 * inside)


def _reach(side, angle):
    """From a turned square's middle to the edges of the box around it."""
    return side / 2 * (abs(np.cos(angle)) + abs(np.sin(angle)))


def _mirrored(first, last, count):
    """Numbers of pixels from `first` to `last`, beyond an end back again."""
    numbers = np.arange(first, last) % (2 * count)
    return np.minimum(numbers, 2 * count - 1 - numbers)
