"""Writes the README's table of models from the models' own docstrings.

python docs/hooks/readme.py            # rewrites it
python docs/hooks/readme.py --check    # says whether it is up to date
"""

import argparse
import pathlib
import sys

# Next to this file; also when a test imports it by its path.
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import model_pages  # noqa: E402
import source  # noqa: E402

README = source.ROOT / "README.md"
BEGIN = "<!-- models: written by docs/hooks/readme.py -->"
END = "<!-- end of models -->"


def rewritten(text):
    """A README with the table of today between its two markers."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = [BEGIN, "", *model_pages.table(), "", END]
    return before + "\n".join(lines) + after


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    text = README.read_text(encoding="utf-8")
    if check and rewritten(text) != text:
        sys.exit("README.md is stale: run python docs/hooks/readme.py")
    if not check:
        README.write_text(rewritten(text), encoding="utf-8")
