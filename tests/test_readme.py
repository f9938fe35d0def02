"""The README says nothing that is not so."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parents[1]
sys.path.append(str(ROOT / "docs" / "hooks"))

import readme  # noqa: E402, found by the line above

README = (ROOT / "README.md").read_text()


def test_the_table_of_models_is_that_of_the_docstrings():
    assert readme.rewritten(README) == README, (
        "README.md is stale: run python docs/hooks/readme.py"
    )


def test_links_and_pictures_exist():
    for target in re.findall(r"\]\(([^)]+)\)", README):
        if not target.startswith(("http", "#")):
            assert (ROOT / target).exists(), target
