"""One of several classes: a domain, a season, an artist."""

from __future__ import annotations

import dataclasses
import typing

import numpy as np

from keras_gan_translate.fields.field import Field
from keras_gan_translate.support.messages import check_choice


@dataclasses.dataclass(frozen=True, kw_only=True)
class Label(Field):
    """A class by its number, prepared as one-hot.

    Args:
        classes: names, in the order of their numbers.
        option: as of `Field`.
    """

    classes: tuple = ()
    option: str | None = "domain"

    dtype: typing.ClassVar[str] = "int32"
    control: typing.ClassVar[str] = "menu"

    def shape(self, size=None):
        return ()

    def describe(self, size=None):
        return (
            f"the numbers of classes (batch,), 0 to {len(self.classes) - 1} "
            f"for {', '.join(self.classes)}"
        )

    def fits(self, shape, size=None):
        # (batch,), a column, or one-hot.
        return len(shape) == 1 or (
            len(shape) == 2 and shape[1] in (None, 1, len(self.classes))
        )

    def prepare(self, value):
        from keras import ops

        if len(value.shape) == 2 and value.shape[1] == len(self.classes) > 1:
            return ops.cast(value, "float32")
        value = ops.cast(ops.reshape(value, (-1,)), "int32")
        return ops.one_hot(value, len(self.classes), dtype="float32")

    def problem(self, value):
        if value.ndim == 2 and value.shape[1] == len(self.classes) > 1:
            return None
        wrong = sorted(set(np.unique(value)) - set(range(len(self.classes))))
        if not wrong:
            return None
        return (
            f"there are {len(self.classes)} classes, 0 to "
            f"{len(self.classes) - 1} for {', '.join(self.classes)}. Received "
            f"also: {', '.join(map(str, wrong[:5]))}."
        )

    def raw(self, value):
        value = np.asarray(value)
        if value.ndim == 2 and value.shape[1] == len(self.classes) > 1:
            value = value.argmax(-1)
        return value.reshape(-1).astype(self.dtype)

    def parse(self, value, model=None):
        if isinstance(value, str):
            lower = {name.lower(): i for i, name in enumerate(self.classes)}
            if value.lower() not in lower:
                check_choice(self.option, value, self.classes)
            value = lower[value.lower()]
        value = np.asarray(value)
        if value.shape not in ((), (1,)):
            raise ValueError(
                f"`{self.option}` is one class, by name or number. Received: "
                f"an array {value.shape}."
            )
        return super().parse(value.reshape(()), model)

    def default(self):
        if len(self.classes) == 1:
            return self.classes[0]
        raise ValueError(
            f"To which `{self.option}`? There are {', '.join(self.classes)}."
        )

    def choices(self):
        return tuple(self.classes)

    def example(self, count, size, random):
        return random.integers(0, len(self.classes), count).astype("int32")

    def draw(self, value):
        return self.classes[int(np.asarray(value).reshape(()))]
