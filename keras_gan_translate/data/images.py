"""Reading, writing and resizing of images: files on one side, arrays on other.

Images are uint8 RGB arrays of shape (height, width, 3) here, at the border of
the library, and float32 in [-1, 1] inside it. Needs NumPy and Pillow only.
"""

import os
import pathlib
import warnings

import numpy as np
from PIL import Image

from keras_gan_translate.support.files import written_aside
from keras_gan_translate.support.messages import check_choice, check_folder

# Decoders of other formats stay shut: fewer doors for a hostile file.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
SUFFIXES = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".gif": "GIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
# Listed so that they are reported, not silently passed over.
HEIC_SUFFIXES = (".heic", ".heif")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")

ORIENTATION = 0x0112  # EXIF tag; 1 to 8, 1 is upright
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class ImageError(ValueError):
    """A file that cannot be read as an image.

    Args:
        path: The file.
        reason: Why, as half a sentence.
    """

    def __init__(self, path, reason):
        super().__init__(f"Cannot read image '{path}': {reason}.")
        self.path = pathlib.Path(path)
        self.reason = reason

    def __reduce__(self):
        return type(self), (self.path, self.reason)


def read_image(path, at_least=None):
    """Reads the first frame of an image file, upright, as RGB.

    EXIF orientation is applied, transparency is composited on white, gray,
    palette, CMYK, 16-bit and float images become 8-bit RGB. JPEG, PNG, WebP,
    BMP, GIF and TIFF are read, whatever the file's suffix says; HEIC if the
    package pillow-heif is installed.

    Pillow's limits against decompression bombs hold: from
    `PIL.Image.MAX_IMAGE_PIXELS` (89 megapixels) on it warns and the image is
    read, because cameras of 100 megapixels exist; from twice that on the file
    is refused unread.

    Args:
        path: The file.
        at_least: Shorter side in pixels that the caller needs. A JPEG may then
            be decoded at 1/2, 1/4 or 1/8 of its size, which is several times
            faster and smaller; its shorter side stays at or above this.

    Returns:
        uint8 array of shape (height, width, 3).

    Raises:
        ImageError: The file is missing, damaged, too large or no image. Has
            `path` and `reason`.
    """
    try:
        with _open(path) as image:
            if at_least is not None and image.format == "JPEG":
                image.draft(None, (at_least, at_least))
            rgb = _to_rgb(image)
            # After the pixels: in a PNG the EXIF data may follow them, and
            # Pillow turns a TIFF upright as it loads it.
            orientation = _orientation(image, path)
            if orientation in UPRIGHT:
                rgb = rgb.transpose(UPRIGHT[orientation])
            return np.array(rgb)
    except ImageError:
        raise
    except Exception as error:  # damaged bytes raise anything in a decoder
        raise ImageError(path, _reason(path, error)) from error


def rgb_array(image):
    """A `PIL.Image` as `read_image` would read it from a file.

    Args:
        image: of any mode; EXIF orientation is applied, transparency is
            composited on white.

    Returns:
        uint8 array of shape (height, width, 3).
    """
    rgb = _to_rgb(image)
    orientation = _orientation(image, getattr(image, "filename", "image"))
    if orientation in UPRIGHT:
        rgb = rgb.transpose(UPRIGHT[orientation])
    return np.array(rgb)


def read_map(path):
    """Reads a file of one channel whose values are numbers, not brightness.

    Label maps, instance maps and masks: 8 or 16 bits, gray or palette, of
    which the indices count; the first channel of an RGB file whose channels
    are equal.

    Args:
        path: The file.

    Returns:
        Integer array of shape (height, width).

    Raises:
        ImageError: As `read_image`, or the file holds colours.
    """
    try:
        with _open(path) as image:
            if image.mode in ("RGB", "RGBA", "LA"):
                channels = np.asarray(image.convert("RGB"))
                if np.ptp(channels, axis=-1).any():
                    raise ImageError(
                        path,
                        "it holds colours, and numbers of one channel are "
                        "expected",
                    )
                return channels[..., 0]
            if image.mode == "1":
                image = image.convert("L")
            return np.array(image)
    except ImageError:
        raise
    except Exception as error:  # damaged bytes raise anything in a decoder
        raise ImageError(path, _reason(path, error)) from error


def read_palette(path):
    """The colours of a palette file as a list of [r, g, b], else None.

    Raises:
        ImageError: As `read_image`.
    """
    try:
        with _open(path) as image:
            if image.mode != "P":
                return None
            return np.reshape(image.getpalette(), (-1, 3)).tolist()
    except ImageError:
        raise
    except Exception as error:  # damaged bytes raise anything in a decoder
        raise ImageError(path, _reason(path, error)) from error


def is_gray(path):
    """Whether a file has one channel of brightness or numbers, no palette.

    Raises:
        ImageError: As `read_image`.
    """
    try:
        with _open(path) as image:
            return image.mode == "L" or image.mode.startswith("I")
    except ImageError:
        raise
    except Exception as error:  # damaged bytes raise anything in a decoder
        raise ImageError(path, _reason(path, error)) from error


def read_size(path):
    """Reads (height, width) from a file's header, as its pixels are stored.

    EXIF orientation, which may swap the two, is not applied.

    Raises:
        ImageError: As `read_image`.
    """
    try:
        with _open(path) as image:
            return image.height, image.width
    except ImageError:
        raise
    except Exception as error:  # damaged bytes raise anything in a decoder
        raise ImageError(path, _reason(path, error)) from error


def write_image(path, image):
    """Writes an image file, whole or not at all; makes missing folders.

    Args:
        path: The file; its suffix chooses the format. JPEG is written with
            quality 95 and full colour resolution.
        image: uint8 array of shape (height, width, 3).

    Raises:
        ValueError: The suffix is unknown or the array is no uint8 RGB image.
    """
    path = pathlib.Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"Unknown image suffix '{path.suffix}' in '{path}'; write one of "
            f"{', '.join(SUFFIXES)}."
        )
    pixels = Image.fromarray(_check_uint8(image))
    kind = SUFFIXES[path.suffix.lower()]
    options = {
        "JPEG": {"quality": 95, "subsampling": 0},
        "WEBP": {"quality": 95},
    }
    with written_aside(path) as aside:
        pixels.save(aside, kind, **options.get(kind, {}))


def resize_image(image, size, how="cover"):
    """Resizes an image with Lanczos resampling.

    Args:
        image: uint8 array of shape (height, width, 3).
        size: Pixels; one number for a square, or (height, width).
        how: `"cover"` keeps the proportions and cuts off what overhangs in
            the middle; `"letterbox"` keeps them and fills up with white;
            `"stretch"` does not keep them.

    Returns:
        uint8 array of shape (*size, 3).

    Raises:
        ValueError: `how` or `size` is unknown, or `image` no uint8 RGB image.
    """
    check_choice("how", how, ("cover", "letterbox", "stretch"))
    height, width = (size, size) if np.ndim(size) == 0 else size
    if height < 1 or width < 1:
        raise ValueError(f"size must be at least 1 pixel, received {size!r}.")
    pixels = Image.fromarray(_check_uint8(image))
    if pixels.size == (width, height):
        return np.array(image)
    across, down = width / pixels.width, height / pixels.height
    if how == "letterbox":
        scale = min(across, down)
        inner = (
            max(1, round(pixels.width * scale)),
            max(1, round(pixels.height * scale)),
        )
        canvas = Image.new("RGB", (width, height), "white")
        corner = ((width - inner[0]) // 2, (height - inner[1]) // 2)
        canvas.paste(_lanczos(pixels, inner), corner)
        return np.array(canvas)
    box = (0, 0, *pixels.size)
    if how == "cover":
        scale = max(across, down)
        left = (pixels.width - width / scale) / 2
        top = (pixels.height - height / scale) / 2
        # The rounding of floats must not reach outside the image.
        left, top = max(left, 0.0), max(top, 0.0)
        box = (left, top, pixels.width - left, pixels.height - top)
    return np.array(_lanczos(pixels, (width, height), box))


def resize_map(values, size, how="cover"):
    """Resizes numbers, such as those of classes: each pixel is its nearest.

    Args:
        values: Array of shape (height, width).
        size: As of `resize_image`.
        how: As of `resize_image`; what `"letterbox"` fills up is 0.

    Returns:
        Array of the same type and of shape `size`.

    Raises:
        ValueError: `how` or `size` is unknown.
    """
    check_choice("how", how, ("cover", "letterbox", "stretch"))
    height, width = (size, size) if np.ndim(size) == 0 else size
    if height < 1 or width < 1:
        raise ValueError(f"size must be at least 1 pixel, received {size!r}.")
    down, across = height / values.shape[0], width / values.shape[1]
    if how != "stretch":
        down = across = (max if how == "cover" else min)(down, across)
    rows = _nearest(height, values.shape[0], down)
    columns = _nearest(width, values.shape[1], across)
    inside = (rows >= 0) & (rows < values.shape[0])
    inside = inside[:, None] & (columns >= 0) & (columns < values.shape[1])
    rows = rows.clip(0, values.shape[0] - 1)
    columns = columns.clip(0, values.shape[1] - 1)
    return np.where(inside, values[rows[:, None], columns], 0).astype(
        values.dtype
    )


def list_images(folder):
    """Lists the image files of a folder and its subfolders.

    Args:
        folder: The folder. Links to folders are followed, hidden files and
            folders (`.name`) and those of macOS archives are passed over.

    Returns:
        Sorted list of `pathlib.Path`. May be empty.

    Raises:
        ValueError: The folder does not exist; says which is nearest.
    """
    folder = check_folder(folder)
    found, seen = [], set()
    for parent, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(parent)
        if real in seen:  # a link that points above itself
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(
            name for name in folders if name[0] != "." and name != "__MACOSX"
        )
        found += [
            pathlib.Path(parent, name)
            for name in files
            if name[0] != "." and is_image_name(name)
        ]
    return sorted(found)


def is_image_name(name):
    """Whether a file name has the suffix of an image format, HEIC included."""
    suffix = os.path.splitext(name)[1].lower()
    return suffix in SUFFIXES or suffix in HEIC_SUFFIXES


def to_float(image):
    """Converts uint8 in [0, 255] to float32 in [-1, 1]; any shape."""
    return np.asarray(image).astype("float32") / 127.5 - 1.0


def to_uint8(image):
    """Converts floats in [-1, 1] to uint8, rounded and clipped; any shape."""
    image = np.asarray(image, dtype="float32")
    return np.clip(np.rint(image * 127.5 + 127.5), 0, 255).astype("uint8")


def _open(path):
    """Opens the file with the allowed decoders."""
    with open(path, "rb") as file:
        head = file.read(16)
    formats = list(FORMATS)
    if _is_heic(head):
        try:
            import pillow_heif
        except ImportError as error:
            raise ImageError(
                path,
                "it is a HEIC photo; run `pip install pillow-heif`, or convert "
                "it to JPEG",
            ) from error
        pillow_heif.register_heif_opener()
        formats.append("HEIF")
    return Image.open(path, formats=formats)


def _is_heic(head):
    return head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS


def _orientation(image, path):
    """The EXIF orientation, 1 where there is none or it cannot be read."""
    try:
        return image.getexif().get(ORIENTATION, 1)
    except Exception as error:  # damaged EXIF raises anything, see `datasets`
        warnings.warn(
            f"The EXIF data of '{path}' is damaged ({error}); the picture is "
            "taken as it is stored, perhaps not upright.",
            stacklevel=3,
        )
        return 1


def _to_rgb(image):
    """Any Pillow mode to 8-bit RGB, transparency on white."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_8_bits(image)).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _to_8_bits(image):
    """Samples of 16, 32 bits or floats to uint8.

    16 bits map by their full range, so that a dark picture stays dark. Wider
    samples have no agreed white: 65535 (integers), 1 or 255 (floats) if the
    values fit below it, else the picture's own range is stretched.
    """
    values = np.nan_to_num(np.asarray(image).astype("float64"))
    whites = (1.0, 255.0) if image.mode == "F" else (65535.0,)
    low, high = values.min(), values.max()
    white = next((w for w in whites if 0 <= low and high <= w), None)
    if white is None:
        values, white = values - low, high - low
    return np.rint(values / white * 255.0).astype("uint8")


def _reason(path, error):
    """Half a sentence that says what is wrong with the file."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    if isinstance(error, PermissionError):
        return "permission denied"
    if isinstance(
        error, (Image.DecompressionBombError, Image.DecompressionBombWarning)
    ):
        return (
            f"it is too large ({error}); shrink it, or raise "
            "PIL.Image.MAX_IMAGE_PIXELS if you trust it"
        )
    with open(path, "rb") as file:
        head = file.read(64)
    if not head:
        return "the file is empty"
    if head.startswith(b"version https://git-lfs"):
        return "it is a Git LFS pointer; run `git lfs pull`"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "it holds text (HTML or XML), perhaps from a failed download"
    if isinstance(error, Image.UnidentifiedImageError):
        return f"it is not a {', '.join(FORMATS[:-1])} or {FORMATS[-1]} image"
    return f"it is damaged ({error})"


def _lanczos(pixels, size, box=None):
    # A gap of 3 is as good as none to the eye, and several times faster.
    return pixels.resize(size, Image.Resampling.LANCZOS, box, reducing_gap=3.0)


def _nearest(count, old, scale):
    """The old pixels at the middles of new ones; both have one middle."""
    middles = (np.arange(count) + 0.5 - count / 2) / scale + old / 2
    return np.floor(middles).astype(int)


def _check_uint8(image):
    image = np.asarray(image)
    if image.dtype != "uint8" or image.ndim != 3 or image.shape[-1] != 3:
        raise ValueError(
            "Expected a uint8 array of shape (height, width, 3), received "
            f"{image.dtype} {image.shape}; `to_uint8` converts from [-1, 1]."
        )
    return image
