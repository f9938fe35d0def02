"""What is where: a class for every pixel."""

from __future__ import annotations

import colorsys
import dataclasses
import typing

import numpy as np

from keras_gan_translate.fields.field import Field

# What the label maps of Cityscapes hold ("gtFine_labelIds").
CITYSCAPES = (
    "unlabeled",
    "ego vehicle",
    "rectification border",
    "out of roi",
    "static",
    "dynamic",
    "ground",
    "road",
    "sidewalk",
    "parking",
    "rail track",
    "building",
    "wall",
    "fence",
    "guard rail",
    "bridge",
    "tunnel",
    "pole",
    "polegroup",
    "traffic light",
    "traffic sign",
    "vegetation",
    "terrain",
    "sky",
    "person",
    "rider",
    "car",
    "truck",
    "bus",
    "caravan",
    "trailer",
    "train",
    "motorcycle",
    "bicycle",
    "license plate",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelMap(Field):
    """A picture of classes by number, prepared as one-hot planes.

    Args:
        classes: names, in the order of their numbers.
        palette: an (r, g, b) in 0..255 for each class; hues if empty.
        option: as of `Field`.
    """

    classes: tuple = ()
    palette: tuple = ()

    dtype: typing.ClassVar[str] = "uint8"
    per_pixel: typing.ClassVar[bool] = True
    reads: typing.ClassVar[str | None] = "map"
    control: typing.ClassVar[str] = "brush"

    def shape(self, size=None):
        return (size, size, 1)

    def describe(self, size=None):
        return (
            f"label maps (batch, {size}, {size}, 1) of the numbers 0 to "
            f"{len(self.classes) - 1}"
        )

    def prepare(self, value):
        from keras import ops

        value = ops.cast(value[..., 0], "int32")
        return ops.one_hot(value, len(self.classes), dtype="float32")

    def problem(self, value):
        if value.dtype.kind not in "iu":
            return f"numbers of classes are integers. Received: {value.dtype}."
        wrong = np.setdiff1d(np.unique(value), range(len(self.classes)))
        if not len(wrong):
            return None
        return (
            f"there are {len(self.classes)} classes, 0 to "
            f"{len(self.classes) - 1}. Received also: "
            f"{', '.join(map(str, wrong[:5]))}."
        )

    def parse(self, value, model=None):
        value = np.asarray(value)
        if value.ndim == 2:
            value = value[..., None]
        if value.ndim != 3 or value.shape[-1] != 1:
            raise ValueError(
                "A label map has the shape (height, width) and holds the "
                f"numbers of classes. Received: {value.dtype} {value.shape}."
            )
        return super().parse(value, model)

    def example(self, count, size, random):
        # A few blocks: every pixel by itself would be no map.
        coarse = random.integers(0, len(self.classes), (count, 4, 4, 1))
        rows = np.arange(size) * 4 // size
        return coarse[:, rows][:, :, rows].astype(self.dtype)

    def draw(self, value):
        return self.colours()[np.asarray(value)[..., 0]]

    def colours(self):
        """The palette as a uint8 array (classes, 3)."""
        if len(self.palette):
            return np.array(self.palette, "uint8")
        count = len(self.classes)
        hues = [colorsys.hsv_to_rgb(i / count, 0.6, 0.9) for i in range(count)]
        return np.rint(255 * np.array(hues)).astype("uint8")
