"""The types that the public interface's hints name."""

from __future__ import annotations

import os
import typing

# A tensor of whatever backend Keras runs on, or what Keras makes one of.
Tensor: typing.TypeAlias = typing.Any
Path: typing.TypeAlias = str | os.PathLike[str]
# Arrays, paths, PIL images, or a list of these, as `translate` takes them.
Images: typing.TypeAlias = typing.Any
Batch: typing.TypeAlias = dict[str, Tensor]
