"""Docstrings as Markdown: code in blocks, angle brackets as they are."""

import re
import textwrap

EXAMPLE = re.compile(r"^Example:\n((?: {4}.*\n|\n)+)", re.M)


CLASS_ATTRIBUTES = re.compile(r"^Class attributes:\n((?: {4}.*\n|\n)+)", re.M)
ENTRY = re.compile(r"^(\w[\w, ]*): (.*(?:\n +.*)*)", re.M)
CODE = re.compile(r"(`[^`]*`)")


def prepared(text):
    """A docstring, readable as Markdown."""
    text = EXAMPLE.sub(_example, f"{text}\n")
    text = CLASS_ATTRIBUTES.sub(_class_attributes, text).rstrip()
    lines, fenced = [], False
    for line in text.splitlines():
        fenced ^= line.strip().startswith("```")
        lines.append(line if fenced else _escaped(line))
    return "\n".join(lines)


def _example(match):
    code = f"```python\n{textwrap.dedent(match[1]).strip()}\n```"
    return f"Example:\n{textwrap.indent(code, '    ')}\n\n"


def _class_attributes(match):
    entries = ENTRY.findall(textwrap.dedent(match[1]))
    items = [f"- `{name}`: {' '.join(told.split())}" for name, told in entries]
    return "**Class attributes:**\n\n" + "\n".join(items) + "\n\n"


def _escaped(line):
    """A line whose angle brackets are no tags; code stays as it is."""
    parts = CODE.split(line)
    parts[::2] = [part.replace("<", "&lt;") for part in parts[::2]]
    return "".join(parts)
