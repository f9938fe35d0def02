import importlib.metadata
import pathlib
import re
import subprocess
import sys

import pytest

import keras_gan_translate
from keras_gan_translate.support import version


def test_the_bound_is_the_declared_one():
    root = pathlib.Path(keras_gan_translate.__file__).parents[1]
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    assert re.findall(r'"keras>=(.*)"', text) == [version.KERAS]


@pytest.mark.parametrize("found", ["3.15.1", "3.16.0", "4.0.0.dev1", "3.100"])
def test_newer_keras_is_fine(monkeypatch, found):
    monkeypatch.setattr(importlib.metadata, "version", lambda name: found)
    version.check_keras()


@pytest.mark.parametrize("found", ["3.15.0", "3.9.2", "2.15", "3.15"])
def test_older_keras_is_refused_with_what_repairs_it(monkeypatch, found):
    monkeypatch.setattr(importlib.metadata, "version", lambda name: found)
    command = re.escape("python -m pip install --upgrade 'keras>=3.15.1'")
    with pytest.raises(ImportError, match=f"there is {found}.*{command}"):
        version.check_keras()


def test_no_keras_at_all(monkeypatch):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    with pytest.raises(ImportError, match="there is none"):
        version.check_keras()


def test_it_is_refused_when_it_is_imported():
    code = (
        "import importlib.metadata as m; m.version = lambda name: '3.9.0'; "
        "import keras_gan_translate"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert "ImportError: keras_gan_translate needs Keras" in ended.stderr
