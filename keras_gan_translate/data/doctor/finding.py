"""What a check says, and how checks are known."""

from __future__ import annotations

import dataclasses
import pathlib

# From worst to mildest. "trouble": training refuses, passes over or is
# misled by it. "watch": results suffer. "note": a fact, and no fault.
LEVELS = ("trouble", "watch", "note")
CHECKS = []


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that is to be known of data.

    Attributes:
        name: in a word, the same in every version; for scripts.
        level: one of `LEVELS`.
        what: in a sentence, with numbers.
        count: how many files, groups or rows are concerned.
        files: those that one would set aside, or look at.
        reasons: file -> half a sentence on this very file.
        groups: tuples of files that belong together, such as copies.
        advice: in plain words.
        command: what repairs it, as one would type it; "" if nothing does.
    """

    name: str
    level: str
    what: str
    count: int = 0
    files: tuple[pathlib.Path, ...] = ()
    reasons: dict = dataclasses.field(default_factory=dict)
    groups: tuple = ()
    advice: str = ""
    command: str = ""

    def to_dict(self, examples: int = 10) -> dict:
        """The finding for JSON, with its first files."""
        return {
            "name": self.name,
            "level": self.level,
            "what": self.what,
            "count": self.count,
            "files": [
                {"file": str(path), "why": self.reasons.get(path, "")}
                for path in self.files[:examples]
            ],
            "groups": [
                [str(path) for path in group]
                for group in self.groups[:examples]
            ],
            "advice": self.advice,
            "command": self.command,
        }


def many(count, noun):
    """A number and its noun: "1 picture", "1,200 pictures"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def check(function):
    """Makes a function one of the checks.

    Args:
        function: from a `Material` to an iterable of `Finding`s; a generator
            is best. It is asked for data of every kind, looked at in part
            (`Material.quick`) or as a whole, and says nothing where it has
            nothing to say.
    """
    CHECKS.append(function)
    return function
