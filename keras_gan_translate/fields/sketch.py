"""What people draw upon a picture: lines, and strokes of colour."""

from __future__ import annotations

import dataclasses
import typing

import numpy as np

from keras_gan_translate.fields.image import Image


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sketch(Image):
    """Lines of a drawing: black on white paper, which is the default.

    Prepared as any picture: -1 on a line, 1 beside.

    Args:
        option: as of `Field`; None where the drawing itself is translated.
    """

    channels: int = 1
    option: str | None = "sketch"

    control: typing.ClassVar[str] = "brush"

    def blank(self, size):
        return np.full((*size, 1), 255, "uint8")

    def example(self, count, size, random):
        sketches = np.full((count, size, size, 1), 255, "uint8")
        for sketch in sketches:
            row, column = random.integers(0, size, 2)
            sketch[row] = sketch[:, column] = 0
        return sketches


@dataclasses.dataclass(frozen=True, kw_only=True)
class Strokes(Image):
    """Strokes of colour: black where there is none, which is the default.

    Args:
        option: as of `Field`.
    """

    option: str | None = "strokes"

    control: typing.ClassVar[str] = "brush"

    def blank(self, size):
        return np.zeros((*size, 3), "uint8")

    def example(self, count, size, random):
        strokes = np.zeros((count, size, size, 3), "uint8")
        for picture in strokes:
            row = random.integers(0, size - size // 8)
            picture[row : row + size // 8] = random.integers(1, 256, 3)
        return strokes
