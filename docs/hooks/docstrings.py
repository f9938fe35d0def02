"""What the API's pages are made of: docstrings, made readable as Markdown."""

import pathlib
import sys

import griffe

# Griffe loads this file by its path.
sys.path.append(str(pathlib.Path(__file__).parent))

import docstrings_text  # noqa: E402


class Docstrings(griffe.Extension):
    """Prepares every docstring of the package."""

    def on_object(self, *, obj, **kwargs):
        """Rewrites the docstring of a class, function or module."""
        if obj.docstring:
            text = docstrings_text.prepared(obj.docstring.value)
            obj.docstring.value = text
