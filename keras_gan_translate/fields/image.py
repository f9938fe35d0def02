"""Pictures."""

from __future__ import annotations

import dataclasses
import typing

import numpy as np

from keras_gan_translate.fields.field import Field
from keras_gan_translate.support.colours import gray_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class Image(Field):
    """A picture: uint8 in 0..255 or float in [-1, 1], prepared the latter.

    Args:
        channels: 3 for RGB, 1 for gray.
        reduction: how many times smaller it is than the model's image size.
        option: as of `Field`; for a second picture, such as "reference".
    """

    channels: int = 3
    reduction: int = 1

    dtype: typing.ClassVar[str] = "uint8"
    per_pixel: typing.ClassVar[bool] = True
    reads: typing.ClassVar[str | None] = "image"

    def shape(self, size=None):
        side = None if size is None else size // self.reduction
        return (side, side, self.channels)

    def describe(self, size=None):
        # In documents a word may stand for the size.
        side = size if self.reduction == 1 else self.shape(size)[0]
        return f"images (batch, {side}, {side}, channels)"

    def prepare(self, value):
        import keras
        from keras import ops

        if keras.backend.standardize_dtype(value.dtype) == "uint8":
            return ops.cast(value, "float32") / 127.5 - 1.0
        return ops.cast(value, "float32")

    def problem(self, value):
        if value.dtype == np.uint8:
            return None
        low, high = float(value.min()), float(value.max())
        if value.dtype.kind == "f" and -1.001 <= low <= high <= 1.001:
            return None
        return (
            "Images are expected as uint8 in 0..255 or float in [-1, 1]. "
            f"Received: {value.dtype} in [{low:g}, {high:g}]. Images in "
            '0..255 need only `.astype("uint8")`; in [0, 1], `* 2 - 1`.'
        )

    def fitted(self, value):
        """A coloured picture as gray, where the field has one channel."""
        if self.channels != 1 or not isinstance(value, np.ndarray):
            return value
        if value.ndim == 2:
            return value[..., None]
        if value.shape[-1] != 3 or self.problem(value):
            return value
        gray = gray_of(self.raw(value))
        if value.dtype == np.uint8:
            return gray
        return gray.astype(value.dtype) / 127.5 - 1

    def raw(self, value):
        value = np.asarray(value)
        if value.dtype == np.uint8:
            return value
        value = value.astype("float32")
        return np.clip(np.rint(value * 127.5 + 127.5), 0, 255).astype("uint8")

    def parse(self, value, model=None):
        value = np.asarray(value)
        if value.ndim != 3 or value.shape[-1] != self.channels:
            raise ValueError(
                f"`{self.option}` is a picture (height, width, "
                f"{self.channels}), or its file. Received: {value.dtype} "
                f"{value.shape}."
            )
        fault = self.problem(value)
        if fault:
            raise ValueError(f"{self.option}: {fault}")
        return self.raw(value)

    def default(self):
        raise ValueError(f"Which `{self.option}`? Give a picture, or its file.")

    def example(self, count, size, random):
        shape = (count, *self.shape(size))
        return random.integers(0, 256, shape, "uint8")

    def draw(self, value):
        return np.broadcast_to(self.raw(value), (*value.shape[:2], 3))
