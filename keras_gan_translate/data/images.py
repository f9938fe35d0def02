"""Reading, writing and resizing of images: files on one side, arrays on other.

Images are uint8 RGB arrays of shape (height, width, 3) here, at the border of
the library, and float32 in [-1, 1] inside it. Needs NumPy and Pillow only.
"""

import contextlib
import dataclasses
import io
import os
import pathlib
import warnings

import numpy as np
from PIL import Image

from keras_gan_translate.support.files import written_aside
from keras_gan_translate.support.messages import check_choice, check_folder
from keras_gan_translate.support.untrusted import (
    MIB,
    open_regular,
    reason_of,
    why_not,
)

# A few kilobytes can declare a picture of gigabytes. Phones make 50 megapixels
# and say so; who has more says so as well, by `limit_pixels`.
MAX_PIXELS = 50_000_000
# Words, profiles and thumbnails beside the pixels of a PNG.
MAX_CHUNK = 16 * MIB

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
# What Pillow is told when it writes a format.
SAVED_WITH = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"quality": 95},
}
# Listed so that they are reported, not silently passed over.
HEIC_SUFFIXES = (".heic", ".heif")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")

PILLOWS_LIMIT = Image.MAX_IMAGE_PIXELS
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
SIDEWAYS = (5, 6, 7, 8)


_max_pixels = MAX_PIXELS


def limit_pixels(most=MAX_PIXELS):
    """Sets how many pixels a picture may have that is read.

    Args:
        most: height times width. For more than 89 million Pillow's own limit
            is raised, too.
    """
    global _max_pixels
    if most < 1:
        raise ValueError(f"At least 1 pixel is expected. Received: {most}.")
    _max_pixels = most
    # Pillow warns above it and refuses twice as much; what is allowed here
    # was asked for.
    Image.MAX_IMAGE_PIXELS = max(most, PILLOWS_LIMIT)


@contextlib.contextmanager
def limited_pixels(most):
    """Within it a picture may have so many pixels; see `limit_pixels`."""
    before = _max_pixels
    limit_pixels(most)
    try:
        yield
    finally:
        limit_pixels(before)


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


@dataclasses.dataclass(frozen=True)
class Held:
    """An image file that is in memory, which goes wherever its path would.

    Attributes:
        name: of the file, for errors.
        content: its bytes.
    """

    name: str
    content: bytes = dataclasses.field(repr=False)

    def __fspath__(self):
        return self.name

    def __str__(self):
        return self.name


def read_image(path, at_least=None):
    """Reads the first frame of an image file, upright, as RGB.

    EXIF orientation is applied, transparency is composited on white, gray,
    palette, CMYK, 16-bit and float images become 8-bit RGB. JPEG, PNG, WebP,
    BMP, GIF and TIFF are read, whatever the file's suffix says; HEIC if the
    package pillow-heif is installed.

    Its size is read from its header first. What has more than `MAX_PIXELS`,
    or what `limit_pixels` has set, is refused undecoded, but for a JPEG that
    is decoded at a part of its size.

    Args:
        path: The file, or a `Held`.
        at_least: Shorter side in pixels that the caller needs. A JPEG may then
            be decoded at 1/2, 1/4 or 1/8 of its size, which is several times
            faster and smaller; its shorter side stays at or above this.

    Returns:
        uint8 array of shape (height, width, 3).

    Raises:
        ImageError: The file is missing, damaged, too large or no image. Has
            `path` and `reason`.
    """
    return read_with_header(path, at_least)[1]


@dataclasses.dataclass(frozen=True)
class Header:
    """What a file says of its picture.

    Attributes:
        format: "JPEG", "PNG" and so on, whatever the suffix.
        mode: Pillow's word for the sort of its pixels: "RGB", "L", "I;16".
        height: in pixels, upright.
        width: in pixels, upright.
        rotated: whether EXIF orientation says that it is stored otherwise.
        transparent: whether it may be.
        animated: whether further frames follow the one that is read.
    """

    format: str
    mode: str
    height: int
    width: int
    rotated: bool
    transparent: bool
    animated: bool


def read_with_header(path, at_least=None):
    """Reads an image file as `read_image` does, and what its header says.

    Args:
        path: The file.
        at_least: As of `read_image`.

    Returns:
        (`Header`, uint8 array of shape (height, width, 3))

    Raises:
        ImageError: As `read_image`.
    """
    with _open(path, at_least) as image:
        facts = {
            "format": image.format,
            "mode": image.mode,
            "transparent": bool(image.has_transparency_data),
            "animated": bool(getattr(image, "is_animated", False)),
        }
        rgb = _to_rgb(image)
        # After the pixels: in a PNG the EXIF data may follow them, and
        # Pillow turns a TIFF upright as it loads it.
        orientation = _orientation(image, path)
        if orientation in UPRIGHT:
            rgb = rgb.transpose(UPRIGHT[orientation])
        width, height = image.stored_size
        turned = orientation in SIDEWAYS or (
            image.format == "TIFF" and image.size != image.stored_size
        )
        header = Header(
            height=width if turned else height,
            width=height if turned else width,
            rotated=turned or orientation in UPRIGHT,
            **facts,
        )
        return header, np.array(rgb)


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
    with _open(path) as image:
        if image.mode in ("RGB", "RGBA", "LA"):
            channels = np.asarray(image.convert("RGB"))
            if np.ptp(channels, axis=-1).any():
                raise ImageError(
                    path,
                    "it holds colours, and numbers of one channel are expected",
                )
            return channels[..., 0]
        if image.mode == "1":
            image = image.convert("L")
        return np.array(image)


def read_palette(path):
    """The colours of a palette file as a list of [r, g, b], else None.

    Raises:
        ImageError: As `read_image`.
    """
    with _open(path) as image:
        if image.mode != "P":
            return None
        return np.reshape(image.getpalette(), (-1, 3)).tolist()


def is_gray(path):
    """Whether a file has one channel of brightness or numbers, no palette.

    Raises:
        ImageError: As `read_image`.
    """
    mode = read_mode(path)
    return mode == "L" or mode.startswith("I")


def read_mode(path):
    """How Pillow calls what a pixel of a file is: "RGB", "L", "P" and so on.

    Raises:
        ImageError: As `read_image`.
    """
    with _open(path) as image:
        return image.mode


def read_size(path):
    """Reads (height, width) from a file's header, as its pixels are stored.

    EXIF orientation, which may swap the two, is not applied.

    Raises:
        ImageError: As `read_image`.
    """
    with _open(path) as image:
        return image.height, image.width


def write_image(path, image):
    """Writes an image file, whole or not at all; makes missing folders.

    Args:
        path: The file; its suffix chooses the format. JPEG is written with
            quality 95 and full colour resolution.
        image: uint8 array of shape (height, width, 3).

    Raises:
        ValueError: The suffix is unknown or the array is no uint8 RGB image.
    """
    pixels, kind = Image.fromarray(check_uint8(image)), _written_as(path)
    with written_aside(path) as aside:
        pixels.save(aside, kind, **SAVED_WITH.get(kind, {}))


def encode_image(image, name):
    """The bytes of the file that `write_image` would write.

    Args:
        image: uint8 array of shape (height, width, 3).
        name: of the file; its suffix chooses the format.

    Raises:
        ValueError: As `write_image`.
    """
    pixels, kind = Image.fromarray(check_uint8(image)), _written_as(name)
    file = io.BytesIO()
    pixels.save(file, kind, **SAVED_WITH.get(kind, {}))
    return file.getvalue()


def _written_as(path):
    """Pillow's name of a format, by the suffix."""
    suffix = pathlib.Path(path).suffix
    if suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"Unknown image suffix '{suffix}' in '{path}'; write one of "
            f"{', '.join(SUFFIXES)}."
        )
    return SUFFIXES[suffix.lower()]


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
    pixels = Image.fromarray(check_uint8(image))
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


def list_images(folder, wanted=None):
    """Lists the image files of a folder and its subfolders.

    Args:
        folder: The folder. Links to folders are followed, hidden files and
            folders (`.name`) and those of macOS archives are passed over.
        wanted: Function of a file's name, whether it is listed; None for
            `is_image_name`.

    Returns:
        Sorted list of `pathlib.Path`. May be empty.

    Raises:
        ValueError: The folder does not exist; says which is nearest.
    """
    folder = check_folder(folder)
    found, seen = [], set()
    walk = os.walk(folder, onerror=_unreadable, followlinks=True)
    for parent, folders, files in walk:
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
            if name[0] != "." and (wanted or is_image_name)(name)
        ]
    return sorted(found)


def gather_images(inputs):
    """The files that are meant by files and folders of images.

    Args:
        inputs: paths; of a folder its images are listed.

    Returns:
        List of (path, path below the folder, or its name).

    Raises:
        ValueError: there are none, or a folder cannot be listed.
    """
    found = []
    for path in map(pathlib.Path, inputs):
        if os.path.isdir(path):  # of a name too long it is False
            found += [(p, p.relative_to(path)) for p in list_images(path)]
        else:
            found.append((path, pathlib.Path(path.name)))
    if not found:
        names = ", ".join(map(str, inputs))
        raise ValueError(f"There are no images in {names}.")
    return found


def _unreadable(error):
    warnings.warn(
        f"The folder '{error.filename}' cannot be read and is passed over: "
        f"{reason_of(error)}.",
        stacklevel=4,
    )


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


@contextlib.contextmanager
def _open(path, at_least=None):
    """Opens the file with the allowed decoders, if its size is allowed.

    Whatever is raised within is raised as an `ImageError`.
    """
    reason = None if isinstance(path, Held) else why_not(path)
    if reason:
        raise ImageError(path, reason)
    try:
        with _opened(path) as file:
            head = file.read(16)
            formats = _formats(path, head)
            if head.startswith(b"\x89PNG"):
                _check_chunks(path, file)
            file.seek(0)
            with Image.open(file, formats=formats) as image:
                size = image.size
                if at_least is not None and image.format == "JPEG":
                    _reduce(image, at_least)
                _check_pixels(path, size, image.size)
                image.stored_size = size  # which `draft` changes
                yield image
    except ImageError:
        raise
    except Exception as error:  # damaged bytes raise anything in a decoder
        raise ImageError(path, _reason(path, error)) from error


def _opened(path):
    if isinstance(path, Held):
        return io.BytesIO(path.content)
    return open_regular(path)


def _formats(path, head):
    """The decoders that may look at a file that begins so."""
    if not _is_heic(head):
        return list(FORMATS)
    try:
        import pillow_heif
    except ImportError as error:
        raise ImageError(
            path,
            "it is a HEIC photo; run `pip install pillow-heif`, or convert "
            "it to JPEG",
        ) from error
    pillow_heif.register_heif_opener()
    return [*FORMATS, "HEIF"]


def _reduce(image, at_least):
    """Has a JPEG decoded at a part of its size, but not below `at_least`."""
    # One that comes in several passes is held whole all the same.
    if image.info.get("progressive") and np.prod(image.size) > _max_pixels:
        return
    image.draft(None, (at_least, at_least))


def _check_pixels(path, size, decoded):
    if decoded[0] * decoded[1] > _max_pixels:
        raise ImageError(
            path,
            f"its {size[0]} x {size[1]} pixels are more than {_max_pixels}; "
            f"shrink it, or allow so many with --max-pixels (in Python: "
            "`data.images.limit_pixels`) if you trust it",
        )


def _check_chunks(path, file):
    """Refuses a PNG that has more beside its pixels than anybody needs."""
    if file.seek(0, os.SEEK_END) <= MAX_CHUNK:
        return
    file.seek(8)
    while len(head := file.read(8)) == 8:
        length, kind = int.from_bytes(head[:4]), head[4:]
        if kind != b"IDAT" and length > MAX_CHUNK:
            raise ImageError(
                path,
                f"it has {length} bytes beside its pixels, of the kind "
                f"{kind.decode('latin-1')!r}",
            )
        file.seek(length + 4, os.SEEK_CUR)


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
    if isinstance(error, MemoryError):
        return "there is too little memory for it"
    if isinstance(
        error, (Image.DecompressionBombError, Image.DecompressionBombWarning)
    ):
        return (
            f"it has more pixels than are allowed, {_max_pixels} ({error}); "
            "shrink it, or allow more with --max-pixels if you trust it"
        )
    try:
        with _opened(path) as file:
            head = file.read(64)
    except (OSError, ValueError) as second:
        return reason_of(second)
    # Decoders have errors of this kind without a number.
    if isinstance(error, OSError) and error.errno is not None:
        return reason_of(error)
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


def check_uint8(image):
    """Returns an image as an array, or raises a ValueError that helps."""
    image = np.asarray(image)
    if image.dtype != "uint8" or image.ndim != 3 or image.shape[-1] != 3:
        raise ValueError(
            "Expected a uint8 array of shape (height, width, 3), received "
            f"{image.dtype} {image.shape}; `to_uint8` converts from [-1, 1]."
        )
    return image
