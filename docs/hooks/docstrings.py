"""Docstrings as Markdown: code in blocks, angle brackets as they are."""

import re
import textwrap

import griffe

SECTION = re.compile(r"^(Example|Reference|Recipe):\n((?: {4}.*\n|\n)+)", re.M)


class Docstrings(griffe.Extension):
    """Prepares every docstring of the package."""

    def on_object(self, *, obj, **kwargs):
        """Rewrites the docstring of a class, function or module."""
        if obj.docstring:
            obj.docstring.value = prepared(obj.docstring.value)


def prepared(text):
    """A docstring, readable as Markdown."""

    def block(match):
        body = textwrap.dedent(match[2]).strip()
        if match[1] == "Example":
            code = textwrap.indent(f"```python\n{body}\n```", "    ")
            return f"Example:\n{code}\n"
        return match[0]

    text = SECTION.sub(block, f"{text}\n").rstrip()
    lines, fenced = [], False
    for line in text.splitlines():
        fenced ^= line.strip().startswith("```")
        lines.append(line if fenced else line.replace("<", "&lt;"))
    return "\n".join(lines)
