"""What pages have in common: their style, and pictures inside of them."""

import base64
import functools
import importlib.resources
import io

import PIL.Image


@functools.lru_cache(maxsize=1)
def page_style():
    """The style sheet of all pages, to be put into each."""
    sheet = importlib.resources.files(__package__) / "page.css"
    return sheet.read_text(encoding="utf-8")


def picture_url(pixels, quality=80, **options):
    """A picture as a data URL.

    Args:
        pixels: uint8 array of shape (height, width, 3).
        quality: of the JPEG, from 1 to 95.
        **options: as Pillow's JPEG writer takes them.
    """
    with io.BytesIO() as file:
        PIL.Image.fromarray(pixels).save(
            file, "JPEG", quality=quality, **options
        )
        code = base64.b64encode(file.getvalue()).decode()
    return f"data:image/jpeg;base64,{code}"
