"""What is where: a class for every pixel."""

from __future__ import annotations

import colorsys
import dataclasses
import typing

import numpy as np

from keras_gan_translate.fields.field import Field

# The 34 classes of labelIds by number, and the one of -1, which pix2pixHD's
# networks have a plane for; with their usual colours.
CITYSCAPES = {
    "unlabeled": (0, 0, 0),
    "ego vehicle": (0, 0, 0),
    "rectification border": (0, 0, 0),
    "out of roi": (0, 0, 0),
    "static": (0, 0, 0),
    "dynamic": (111, 74, 0),
    "ground": (81, 0, 81),
    "road": (128, 64, 128),
    "sidewalk": (244, 35, 232),
    "parking": (250, 170, 160),
    "rail track": (230, 150, 140),
    "building": (70, 70, 70),
    "wall": (102, 102, 156),
    "fence": (190, 153, 153),
    "guard rail": (180, 165, 180),
    "bridge": (150, 100, 100),
    "tunnel": (150, 120, 90),
    "pole": (153, 153, 153),
    "polegroup": (153, 153, 153),
    "traffic light": (250, 170, 30),
    "traffic sign": (220, 220, 0),
    "vegetation": (107, 142, 35),
    "terrain": (152, 251, 152),
    "sky": (70, 130, 180),
    "person": (220, 20, 60),
    "rider": (255, 0, 0),
    "car": (0, 0, 142),
    "truck": (0, 0, 70),
    "bus": (0, 60, 100),
    "caravan": (0, 0, 90),
    "trailer": (0, 0, 110),
    "train": (0, 80, 100),
    "motorcycle": (0, 0, 230),
    "bicycle": (119, 11, 32),
    "license plate": (0, 0, 142),
}


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
