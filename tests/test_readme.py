"""The README says nothing that is not so."""

import pathlib
import re

from keras_gan_translate import list_models

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_every_model_has_its_row():
    for info in list_models():
        assert f"| `{info.name}` | `{info.model_class.__name__}` |" in README


def test_links_and_pictures_exist():
    for target in re.findall(r"\]\(([^)]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target
