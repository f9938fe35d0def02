"""Several things that hold of a picture or not: smiling, glasses, a hat."""

from __future__ import annotations

import dataclasses
import typing

import numpy as np

from keras_gan_translate.fields.field import Field
from keras_gan_translate.support.messages import check_choice

# Of CelebA's attributes those of which a face has one at most.
OPPOSED = (
    ("Black_Hair", "Blond_Hair", "Brown_Hair", "Gray_Hair"),
    ("Straight_Hair", "Wavy_Hair"),
    ("Bald", "Bangs"),
    ("Receding_Hairline", "Bangs"),
    ("No_Beard", "5_o_Clock_Shadow"),
    ("No_Beard", "Goatee"),
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Attributes(Field):
    """What holds of a picture: 1 for every attribute that does, 0 for others.

    As an option it is the whole of what shall hold: "Smiling,Young", and
    nothing else does.

    Args:
        names: of the attributes, in the order of their places.
        option: as of `Field`.
    """

    names: tuple = ()
    option: str | None = "attributes"

    dtype: typing.ClassVar[str] = "float32"
    control: typing.ClassVar[str] = "checks"
    minus: typing.ClassVar[int] = 0  # what "-Name" stands for

    def shape(self, size=None):
        return (len(self.names),)

    def describe(self, size=None):
        return (
            f"zeros and ones (batch, {len(self.names)}), a place for each of "
            f"{', '.join(self.names)}"
        )

    def problem(self, value):
        if np.isin(value, (0, 1)).all():
            return None
        return (
            "an attribute holds, 1, or not, 0. Received: values from "
            f"{value.min():g} to {value.max():g}. Of -1 and 1 they are "
            "`(values + 1) / 2`."
        )

    def parse(self, value, model=None):
        if isinstance(value, str):
            value = self._read(value)
        if isinstance(value, dict):
            value = self._placed(value)
        value = np.asarray(value)
        if value.shape != self.shape() or value.dtype.kind not in "biuf":
            raise ValueError(
                f"`{self.option}` is {self._expected()}, or a vector of "
                f"{len(self.names)} numbers. Received: {value.dtype} "
                f"{value.shape}."
            )
        return super().parse(value, model)

    def default(self):
        raise ValueError(
            f"Which `{self.option}`? Say {self._expected()}. There are "
            f"{', '.join(self.names)}."
        )

    def choices(self):
        return tuple(self.names)

    def example(self, count, size, random):
        shape = (count, len(self.names))
        return random.integers(0, 2, shape).astype(self.dtype)

    def draw(self, value):
        value = np.asarray(value)
        return ", ".join(np.array(self.names)[value > 0.5]) or "none"

    def _expected(self):
        return f'names, such as "{",".join(self.names[:2])}"'

    def _read(self, text):
        """'+Smiling,-Glasses' as {"Smiling": 1, "Glasses": -1}."""
        lower = {name.lower(): name for name in self.names}
        changes = {}
        for word in filter(None, (part.strip() for part in text.split(","))):
            # A name may begin with a sign of its own.
            bare = word if word.lower() in lower else word.lstrip("+-")
            bare = bare.strip()
            name = lower.get(bare.lower())
            if name is None:
                check_choice("attribute", bare, self.names)
            value = self.minus if bare != word and word[0] == "-" else 1
            if changes.setdefault(name, value) != value:
                raise ValueError(
                    f"`{self.option}` says both +{name} and -{name}: say one. "
                    f"Received: {text!r}."
                )
        if not changes:
            self.default()
        return changes

    def _placed(self, changes):
        """The values of a dict by name as a vector."""
        for name in changes:
            check_choice("attribute", name, self.names)
        gained = [name for name, value in changes.items() if value > 0]
        for group in OPPOSED:
            both = [name for name in gained if name in group]
            if len(both) > 1:
                raise ValueError(
                    f"{' and '.join(both)} exclude each other: say one of "
                    f"them in `{self.option}`."
                )
        return np.array(
            [changes.get(name, 0) for name in self.names], "float32"
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class AttributeChange(Attributes):
    """What changes of a picture: 1 gets an attribute, -1 loses it, 0 stays.

    The difference of the `Attributes` that are wanted and those of the
    source, which need not be known; fractions change it a little.

    Args:
        names: as of `Attributes`.
        most: the largest difference; above 1 where networks are good for
            more than their data show.
        of: name of the batch's field that it is a change of.
        option: as of `Field`.
    """

    most: float = 1.0
    of: str = "attributes"

    control: typing.ClassVar[str] = "changes"
    minus: typing.ClassVar[int] = -1
    scaled_by: typing.ClassVar[str | None] = "strength"

    def describe(self, size=None):
        return (
            f"changes (batch, {len(self.names)}) from {-self.most:g} to "
            f"{self.most:g}, a place for each of {', '.join(self.names)}"
        )

    def problem(self, value):
        if (np.abs(value) <= self.most).all():
            return None
        return (
            f"changes lie between {-self.most:g} and {self.most:g}. Received: "
            f"values from {value.min():g} to {value.max():g}."
        )

    def choices(self):
        return tuple(f"+{name}" for name in self.names)

    def suited(self, choice, examples):
        if self.of not in examples:
            return choice
        # What an example has already it loses: else nothing would be seen.
        name = choice[1:]
        held = np.asarray(examples[self.of])[:, self.names.index(name)] > 0.5
        return [f"{'-' if has else '+'}{name}" for has in held]

    def example(self, count, size, random):
        shape = (count, len(self.names))
        return random.integers(-1, 2, shape).astype(self.dtype)

    def draw(self, value):
        words = [
            ("+" if change > 0 else "-")
            + (name if abs(change) == 1 else f"{name} {abs(change):g}")
            for name, change in zip(self.names, np.asarray(value).tolist())
            if change
        ]
        return ", ".join(words) or "no change"

    def _expected(self):
        names = zip("+-", self.names)
        return f'changes, such as "{",".join(map("".join, names))}"'
