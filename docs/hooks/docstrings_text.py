"""Docstrings as Markdown: code in blocks, angle brackets as they are."""

import re
import textwrap

EXAMPLE = re.compile(r"^Example:\n((?: {4}.*\n|\n)+)", re.M)


def prepared(text):
    """A docstring, readable as Markdown."""

    def block(match):
        body = textwrap.dedent(match[1]).strip()
        return f"Example:\n{textwrap.indent(fence(body), '    ')}\n\n"

    text = EXAMPLE.sub(block, f"{text}\n").rstrip()
    lines, fenced = [], False
    for line in text.splitlines():
        fenced ^= line.strip().startswith("```")
        lines.append(line if fenced else line.replace("<", "&lt;"))
    return "\n".join(lines)


def fence(code):
    """A block of Python."""
    return f"```python\n{code}\n```"
