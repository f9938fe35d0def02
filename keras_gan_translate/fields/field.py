"""What an entry of a batch, or one input of a network, is."""

from __future__ import annotations

import dataclasses
import typing

import numpy as np


@dataclasses.dataclass(frozen=True, kw_only=True)
class Field:
    """Everything about one entry of a batch or one input of a translator.

    A value has two forms. *Raw* is what users, files, data sets and exports
    hold (uint8 pixels, the number of a class); *prepared* is what networks
    and losses read (floats in [-1, 1], one-hot). `prepare` leads from the one
    to the other, in training as in an export. Arrays have the batch first.

    A further kind of field is a further file with a subclass; whatever
    iterates over fields then knows it: batches, grids, benchmarks, exports
    and their parity gate, warm-up requests, the command line, the page.

    Class attributes:
        dtype: of the raw form.
        per_pixel: whether it is cropped, flipped and padded with its image.
        reads: what a file of it holds: "image" (RGB), "map" (one channel,
            never smoothed), or None if no file does.
        control: how a page asks for it: "picture", "menu", "seed", "brush",
            "checks", "changes".
        resized: whether, as an option, it is resized to what is translated.
        scaled_by: the user's word for a number that multiplies it, as in
            `translate(strength=0.5)`; None if none does.
        hides: whether it marks what is missing of the picture.

    Args:
        option: the user's word for it, as in `translate(domain=...)`; None
            for what is translated itself.
    """

    option: str | None = None

    dtype: typing.ClassVar[str] = "float32"
    per_pixel: typing.ClassVar[bool] = False
    reads: typing.ClassVar[str | None] = None
    control: typing.ClassVar[str] = "picture"
    resized: typing.ClassVar[bool] = False
    scaled_by: typing.ClassVar[str | None] = None
    hides: typing.ClassVar[bool] = False
    kinds: typing.ClassVar[dict] = {}

    def __init_subclass__(cls):
        Field.kinds[cls.__name__] = cls

    # What a kind of field says of itself.

    def shape(self, size=None):
        """The raw shape of one example, None where any.

        Args:
            size: the model's image size in pixels, or None.
        """
        raise NotImplementedError

    def describe(self, size=None):
        """The raw form in words, for errors and documents."""
        return f"{self.dtype} {('batch', *self.shape(size))}"

    def prepare(self, value):
        """From the raw form of a batch to what networks read.

        What is prepared already stays as it is.

        Args:
            value: tensor with the batch first.
        """
        # Here, because who runs an export needs no Keras for it.
        from keras import ops

        return ops.cast(value, "float32")

    def problem(self, value):
        """What is wrong with the values of a raw array, in words, or None.

        Args:
            value: NumPy array with the batch first, of the right shape.
        """
        return None

    def raw(self, value):
        """Raw or prepared values of a batch as a raw NumPy array."""
        return np.asarray(value).astype(self.dtype)

    def parse(self, value, model=None):
        """A user's value as the raw form of one example.

        Args:
            value: a word, number, seed or array, as the kind takes it. Files
                have been read.
            model: the `GAN` that is to translate.

        Raises:
            ValueError: it is none; says what came and what there is.
        """
        value = np.asarray(value)
        fault = self.problem(value[None])
        if fault:
            raise ValueError(f"{self.option}: {fault}")
        return value.astype(self.dtype)

    def scaled(self, value, by):
        """What `parse` returned, by a number of the word `scaled_by`.

        Raises:
            ValueError: it is no number, or more than the field takes.
        """
        try:
            number = np.asarray(by, self.dtype).reshape(())
        except (TypeError, ValueError):
            number = np.array(np.nan)
        if not np.isfinite(number):
            raise ValueError(
                f"`{self.scaled_by}` is a number, such as 0.5. Received: "
                f"{by!r}."
            )
        value = value * number
        fault = self.problem(value[None])
        if fault:
            raise ValueError(f"{self.scaled_by}={number:g}: {fault}")
        return value

    def default(self):
        """The value for `parse` where users give none.

        Raises:
            ValueError: there is none; says what may be given.
        """
        raise ValueError(f"`{self.option}` is needed: {self.describe()}.")

    def blank(self, size):
        """What a per-pixel field holds where users give none, raw; or None.

        Args:
            size: (height, width) of the picture that it lies on.
        """
        return None

    def fitted(self, value):
        """What users give, with the channels of the field.

        Args:
            value: an array, or anything else that `parse` takes.
        """
        return value

    def choices(self):
        """Values for `parse` of which a grid shows a column each."""
        return ()

    def suited(self, choice, examples):
        """A choice as it suits examples, for a grid of them.

        Args:
            choice: one of `choices`.
            examples: dict of raw arrays by the fields of the model's batch.

        Returns:
            A value for `parse`, or a list of one for each example.
        """
        return choice

    def example(self, count, size, random):
        """Raw values for tests, benchmarks and warm-up requests.

        Args:
            count: number of examples.
            size: image size in pixels.
            random: `numpy.random.Generator`.
        """
        return random.uniform(-1, 1, (count, *self.shape(size))).astype(
            self.dtype
        )

    def draw(self, value):
        """One raw example as a cell of a grid.

        Returns:
            uint8 array (H, W, 3), a caption, or None for nothing to see.
        """
        return None

    # What all of them have.

    def fits(self, shape, size=None):
        """Whether a batch's shape is that of the raw form.

        Args:
            shape: of the batch.
            size: the model's image size in pixels, or None.
        """
        wanted = self.shape(size)
        return len(shape) == len(wanted) + 1 and all(
            expected in (None, found)
            for expected, found in zip(wanted, shape[1:])
            if found is not None
        )

    def to_facts(self, name):
        """The field as a dict for JSON, under its name."""
        return {"name": name, "kind": type(self).__name__} | dataclasses.asdict(
            self
        )

    @staticmethod
    def from_facts(facts):
        """The field that `to_facts` told of; unknown facts are passed over.

        Raises:
            ValueError: a kind that this version does not have.
        """
        kind = Field.kinds.get(facts.get("kind"))
        if kind is None:
            raise ValueError(
                f"This version knows no field of the kind {facts.get('kind')!r}"
                f"; it knows {', '.join(sorted(Field.kinds))}."
            )
        known = {field.name for field in dataclasses.fields(kind)}
        return kind(
            **{
                key: tuple(value) if isinstance(value, list) else value
                for key, value in facts.items()
                if key in known
            }
        )
