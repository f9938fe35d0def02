"""How a model's networks translate."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Translator:
    """One way in which a model translates.

    Attributes:
        network: the attribute of the model that holds the network. It takes
            the prepared fields of `takes`, a list if these are several, and
            returns an image or a dict with an "image".
        takes: names of fields of the model's `batch` or `drawn`. The first
            without an option is what is translated.
        makes: name of the field of `batch` that it makes.
        parts: the attributes that hold the networks it is composed of, if it
            is: these are what is averaged, saved, imported.
    """

    network: str
    takes: tuple[str, ...] = ("a",)
    makes: str = "b"
    parts: tuple[str, ...] = ()

    @property
    def networks(self):
        """Names of the networks that hold its weights."""
        return self.parts or (self.network,)
