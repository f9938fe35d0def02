"""Which thing is where: a number for every object."""

from __future__ import annotations

import dataclasses
import typing

import numpy as np

from keras_gan_translate.fields.field import Field


@dataclasses.dataclass(frozen=True, kw_only=True)
class Instances(Field):
    """A picture of objects by number; numbers mean nothing but "the same".

    Prepared as int32, which networks read edges off or pool by.

    Args:
        option: as of `Field`.
    """

    option: str | None = "instances"

    dtype: typing.ClassVar[str] = "int32"
    per_pixel: typing.ClassVar[bool] = True
    reads: typing.ClassVar[str | None] = "map"
    control: typing.ClassVar[str] = "brush"

    def shape(self, size=None):
        return (size, size, 1)

    def describe(self, size=None):
        return f"instance maps (batch, {size}, {size}, 1) of integers"

    def prepare(self, value):
        from keras import ops

        return ops.cast(value, "int32")

    def problem(self, value):
        if value.dtype.kind in "iu":
            return None
        return f"numbers of objects are integers. Received: {value.dtype}."

    def parse(self, value, model=None):
        value = np.asarray(value)
        return super().parse(
            value[..., None] if value.ndim == 2 else value, model
        )

    def example(self, count, size, random):
        coarse = random.integers(0, 9, (count, 4, 4, 1))
        rows = np.arange(size) * 4 // size
        return coarse[:, rows][:, :, rows].astype("int32")

    def draw(self, value):
        numbers = np.asarray(value)[..., 0].astype("int64")
        # Any three odd factors give neighbours different colours.
        return np.stack(
            [(numbers * f % 256) for f in (97, 157, 211)], -1
        ).astype("uint8")
