"""What is missing: the hole that is to be filled."""

from __future__ import annotations

import dataclasses
import typing

import numpy as np

from keras_gan_translate.fields.field import Field


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mask(Field):
    """A hole in a picture: 255 where it is missing, 0 where it is known.

    Prepared as 1.0 and 0.0.

    Args:
        option: as of `Field`.
    """

    option: str | None = "mask"

    dtype: typing.ClassVar[str] = "uint8"
    per_pixel: typing.ClassVar[bool] = True
    reads: typing.ClassVar[str | None] = "map"
    control: typing.ClassVar[str] = "brush"
    hides: typing.ClassVar[bool] = True

    def shape(self, size=None):
        return (size, size, 1)

    def describe(self, size=None):
        return (
            f"masks (batch, {size}, {size}, 1), 255 where the picture is "
            "missing"
        )

    def prepare(self, value):
        import keras
        from keras import ops

        if keras.backend.standardize_dtype(value.dtype) == "uint8":
            return ops.cast(value > 127, "float32")
        return ops.cast(value, "float32")

    def problem(self, value):
        if value.dtype == np.uint8:
            return None
        if value.dtype.kind == "f" and set(np.unique(value)) <= {0.0, 1.0}:
            return None
        return (
            "masks are uint8, 255 where the picture is missing, or floats 0 "
            f"and 1. Received: {value.dtype} in [{value.min()}, {value.max()}]."
        )

    def parse(self, value, model=None):
        value = np.asarray(value)
        value = value[..., None] if value.ndim == 2 else value
        if value.ndim != 3 or value.shape[-1] != 1:
            raise ValueError(
                "A mask has the shape (height, width). Received: "
                f"{value.dtype} {value.shape}."
            )
        value = self.raw(value)
        if (value > 127).all():
            raise ValueError(
                "The mask covers the whole picture: nothing is known to fill "
                "it from. It is 255 where the picture is missing, 0 elsewhere."
            )
        return value

    def raw(self, value):
        value = np.asarray(value)
        if value.dtype == np.uint8:
            return value
        return np.where(value > 0.5, 255, 0).astype("uint8")

    def example(self, count, size, random):
        masks = np.zeros((count, size, size, 1), "uint8")
        for mask in masks:
            top, left = random.integers(size // 8, size // 2, 2)
            mask[top : top + size // 3, left : left + size // 3] = 255
        return masks

    def draw(self, value):
        return np.repeat(self.raw(value), 3, axis=-1)
