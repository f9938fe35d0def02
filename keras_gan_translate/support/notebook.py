"""What a notebook shows of a picture."""

from __future__ import annotations

import base64
import html
import io
import pathlib

import numpy as np
import PIL.Image

from keras_gan_translate.support.files import written_aside
from keras_gan_translate.support.types import Path

COLORS = {"good": "#2f7d4f", "watch": "#a86a00", "trouble": "#b3261e"}


class Shown:
    """A picture with a line of text: the last value of a notebook's cell.

    Notebooks draw it; elsewhere `save` writes it.

    Args:
        picture: uint8 array (H, W, 3), or None where there is only text.
        lines: texts that stand above; one is a string, or (level, title,
            text) of a light.
    """

    def __init__(self, picture: np.ndarray | None, *lines: str | tuple):
        self.picture, self.lines = picture, lines

    def save(self, path: Path) -> None:
        """Writes the picture as a PNG file.

        Raises:
            ValueError: there is none.
        """
        if self.picture is None:
            raise ValueError(f"There is no picture to save: {self!r}")
        with written_aside(pathlib.Path(path)) as aside:
            aside.write_bytes(self._repr_png_())

    def _repr_png_(self) -> bytes | None:
        if self.picture is None:
            return None
        with io.BytesIO() as file:
            PIL.Image.fromarray(self.picture).save(file, "PNG")
            return file.getvalue()

    def _repr_html_(self) -> str:
        parts = [_line(line) for line in self.lines]
        if self.picture is not None:
            code = base64.b64encode(self._repr_png_()).decode()
            alt = html.escape(" ".join(map(_plain, self.lines[:1])), quote=True)
            parts.append(
                f'<img alt="{alt}" style="max-width: 100%" '
                f'src="data:image/png;base64,{code}">'
            )
        return f"<div>{''.join(parts)}</div>"

    def __repr__(self):
        size = ""
        if self.picture is not None:
            height, width = self.picture.shape[:2]
            size = f"picture of {width} x {height} pixels"
        return "; ".join(filter(None, [*map(_plain, self.lines), size]))


def _line(line):
    if isinstance(line, str):
        return f"<p>{html.escape(line)}</p>"
    level, title, text = line
    return (
        f'<p style="border-left: 4px solid {COLORS[level]}; padding-left: '
        f'8px"><b>{html.escape(title)}</b> <small>{html.escape(level)}</small>'
        f"<br>{html.escape(text)}</p>"
    )


def _plain(line):
    return line if isinstance(line, str) else f"{line[1]} ({line[0]})"
