"""A style, as a vector: drawn from a distribution, or read off a picture."""

from __future__ import annotations

import dataclasses
import typing

import numpy as np

from keras_gan_translate.fields.field import Field

CHOICES = 4  # styles that a grid shows


@dataclasses.dataclass(frozen=True, kw_only=True)
class Code(Field):
    """A vector of the standard normal distribution.

    Args:
        size: number of its components.
        encoder: the model's network that reads it off a picture, by the name
            of its attribute; None if none does.
        option: as of `Field`.
    """

    size: int = 8
    encoder: str | None = None
    option: str | None = "style"

    reads: typing.ClassVar[str | None] = "image"
    control: typing.ClassVar[str] = "seed"

    def shape(self, size=None):
        return (self.size,)

    def describe(self, size=None):
        return f"vectors (batch, {self.size})"

    def problem(self, value):
        if value.dtype.kind == "f" and np.isfinite(value).all():
            return None
        return (
            f"a vector of {self.size} finite floats is expected. Received: "
            f"{value.dtype}."
        )

    def parse(self, value, model=None):
        if isinstance(value, str) and value.lstrip("-").isdigit():
            value = int(value)
        if isinstance(value, (int, np.integer)):
            # RandomState, because its streams are frozen for ever (NEP 19).
            random = np.random.RandomState(value % 2**32)
            return random.normal(size=self.size).astype("float32")
        value = np.asarray(value)
        if value.ndim == 3 and self.encoder:
            return model.encode(self.encoder, value)
        if value.shape != (self.size,):
            example = " or a picture" if self.encoder else ""
            raise ValueError(
                f"`{self.option}` is a seed, a vector of {self.size} floats"
                f"{example}. Received: {value.dtype} {value.shape}."
            )
        return super().parse(value, model)

    def default(self):
        return 0

    def choices(self):
        return tuple(range(CHOICES))

    def example(self, count, size, random):
        return random.normal(size=(count, self.size)).astype("float32")
