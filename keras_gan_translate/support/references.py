"""Where a model's method was published, as its own docstring tells."""

import inspect
import re


def paper_of(model_class):
    """Authors, title, year and arXiv number of a model's paper, in one line.

    Args:
        model_class: a class whose docstring has a section `Reference:`.

    Returns:
        That section, or an empty string if it has none.
    """
    doc = inspect.getdoc(model_class) or ""
    reference = re.search(r"Reference:\n((?: {4}.*\n)+)", doc + "\n")
    return " ".join(reference[1].split()) if reference else ""
