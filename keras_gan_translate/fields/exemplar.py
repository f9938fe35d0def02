"""A second picture, of which something is taken."""

from __future__ import annotations

import dataclasses
import typing

from keras_gan_translate.fields.image import Image


@dataclasses.dataclass(frozen=True, kw_only=True)
class Exemplar(Image):
    """Another picture than the one that is translated, to be like.

    It need not have that one's size: it is resized to it.

    Args:
        channels: as of `Image`.
        reduction: as of `Image`.
        option: as of `Field`.
    """

    option: str | None = "exemplar"

    resized: typing.ClassVar[bool] = True
