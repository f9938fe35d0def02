"""Asks all checks, and keeps their answers with the facts."""

from __future__ import annotations

import collections
import dataclasses
import os
import shlex
import time

import numpy as np

from keras_gan_translate.data.doctor import checks  # noqa: F401, finds them
from keras_gan_translate.data.doctor.finding import CHECKS, LEVELS, Finding
from keras_gan_translate.data.doctor.material import (
    Material,
    find_material,
    look,
)
from keras_gan_translate.data.packed import is_packed


@dataclasses.dataclass
class Diagnosis:
    """What is known of data after a look at them.

    Attributes:
        source: the folders, as texts.
        kind: name of the kind of data as which they are read; "photos" if
            several kinds would take them; None if none does.
        guessed: whether that was found out here.
        summary: split -> what was found, in a sentence.
        facts: list of dicts, one for each part of each split: `split`,
            `part`, `files`, `usable`, and of those that were looked at
            `width` and `height` (lists of the least, the median and the
            largest), `formats`, `modes` (word -> how many), `colour` (mean
            red, green and blue, in levels) and `bytes`.
        findings: list of `Finding`s, the worst first.
        looked: how many files were looked at.
        files: how many there are.
        quick: whether only some were looked at.
        seconds: how long it took.
        costs: what training costs, as of `kgt train --plan`; None if nobody
            has asked.
        material: the `Material`, for the page.
    """

    source: list
    kind: str | None
    guessed: bool
    summary: dict
    facts: list
    findings: list[Finding]
    looked: int
    files: int
    quick: bool
    seconds: float
    costs: dict | None = None
    material: Material | None = dataclasses.field(default=None, repr=False)

    @property
    def worst(self) -> str:
        """The worst level of all findings, "good" if there is none."""
        return self.findings[0].level if self.findings else "good"

    @property
    def command(self) -> str:
        """The command line that looks at the same data."""
        words = ["kgt", "doctor", *self.source]
        if self.kind and not self.guessed:
            words += ["--kind", self.kind]
        for name, value in self.material.options.items():
            words.append("--" + name.replace("_", "-"))
            many = isinstance(value, (list, tuple))
            words += map(str, value) if many else [str(value)]
        if self.material.image_size is not None:
            words += ["--image-size", str(self.material.image_size)]
        return shlex.join(words)

    def to_dict(self) -> dict:
        """All of it for JSON, with ten examples of each finding."""
        told = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in ("material", "findings")
        }
        return told | {
            "worst": self.worst,
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def write_page(self, path: str | os.PathLike) -> None:
        """Writes an HTML page with pictures; it needs nothing else.

        Args:
            path: the file.
        """
        from keras_gan_translate.data.doctor.page import write_page

        write_page(self, path)


def diagnose(
    source: str | os.PathLike | tuple,
    kind: str | None = None,
    *,
    image_size: int | None = None,
    split: str | None = None,
    quick: bool = False,
    **options,
) -> Diagnosis:
    """Looks at training data before anything is trained, and says what is off.

    Every file is opened once, with the readers that training uses, and none
    is changed. Copies are found by thumbnails of 32 x 32 pixels: pictures
    that were encoded anew, resized, mirrored or cut by a few percent, not
    those that were cut or turned more.

        for finding in kgt.data.diagnose("selfie2anime").findings:
            print(finding.level, finding.what, finding.command)

    Args:
        source: A folder, or a tuple of folders, as of `open_dataset`.
        kind: A kind of data, one of `data.kinds.names()`; found out by the
            folder if None.
        image_size: Pixels, what will be trained at; smaller pictures are
            told. Those that are small beside the others if None.
        split: `"train"`, `"val"` or `"test"`; all of them if None.
        quick: Whether to look at some files of each part for three seconds
            at most, and to ask only what these can tell.
        **options: Those of the kind, such as `domains` or `classes`.

    Returns:
        A `Diagnosis`.

    Raises:
        ValueError: There is no such folder, it holds no images, or an option
            is not for this kind. What training would refuse for other reasons
            is a finding.
    """
    if is_packed(source):
        raise ValueError(
            f"'{source}' is packed: what can be said of its images is said of "
            "the folder that it was made of."
        )
    began = time.monotonic()
    material = find_material(source, kind, split, **options)
    material.image_size = image_size
    look(material, quick)
    findings = [found for ask in CHECKS for found in ask(material)]
    findings.sort(key=lambda found: LEVELS.index(found.level))
    diagnosis = Diagnosis(
        source=[str(path) for path in material.source],
        kind="photos"
        if material.photos
        else material.kind and material.kind.name,
        guessed=material.guessed,
        summary={k: found.summary for k, found in material.splits.items()},
        facts=_facts(material),
        findings=findings,
        looked=len(material.looks),
        files=len(material.files),
        quick=quick,
        seconds=0.0,
        material=material,
    )
    diagnosis.findings = [
        dataclasses.replace(found, command=_command(diagnosis, found))
        for found in findings
    ]
    diagnosis.seconds = round(time.monotonic() - began, 2)
    return diagnosis


def _command(diagnosis, finding):
    """The command that a check means."""
    if finding.command == "aside":
        return (
            f"mkdir -p set_aside && {diagnosis.command} --files "
            f"{finding.name} | tr '\\n' '\\0' | "
            "xargs -0 -I {} mv -n {} set_aside/"
        )
    data = shlex.join(diagnosis.source)
    return finding.command.replace("{data}", data)


def _facts(material):
    """Rows of the table: sizes and sorts of what was looked at."""
    rows = []
    for (split, part), paths in material.parts.items():
        looks = material.seen(split, part)
        row = _row(split, part, paths, looks)
        if looks:
            thumbs = [seen.thumb.mean(axis=(0, 1)) for seen in looks]
            row["modes"] = _counts(seen.header.mode for seen in looks)
            row["colour"] = np.mean(thumbs, axis=0).round(1).tolist()
        rows.append(row)
    for (split, key), paths in material.maps.items():
        looks = material.seen_maps(key, split)
        rows.append(_row(split, key, paths, looks))
    return rows


def _row(split, part, paths, looks):
    """What is told of pictures and of maps alike."""
    row = {
        "split": split,
        "part": part,
        "files": len(paths),
        "usable": len(looks),
    }
    if looks:
        row |= {
            "width": _three([seen.width for seen in looks]),
            "height": _three([seen.height for seen in looks]),
            "formats": _counts(seen.format for seen in looks),
            "bytes": sum(seen.bytes for seen in looks),
        }
    return row


def _three(values):
    """The least, the median and the largest of some integers."""
    return [min(values), int(np.median(values)), max(values)]


def _counts(words):
    return dict(collections.Counter(words).most_common())
