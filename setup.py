"""Kept thin: the metadata lives in pyproject.toml.

Here stands what that has no words for: the presets of saved_models/ become a
part of the package. An editable installation finds them where they are.
"""

import pathlib

from setuptools import setup
from setuptools.command.build_py import build_py

# What `from_preset` reads; exports stay in the repository.
PATTERNS = ("*/*.json", "*/*.keras", "*/README.md")


class BuildWithPresets(build_py):
    """Copies the presets into the package."""

    def run(self):
        super().run()
        if self.editable_mode:
            return
        for path in _presets():
            target = pathlib.Path(self.build_lib, "keras_gan_translate", path)
            self.mkpath(str(target.parent))
            self.copy_file(path, str(target))

    def get_source_files(self):
        return [*super().get_source_files(), *_presets()]


def _presets():
    home = pathlib.Path("saved_models")
    return sorted(str(path) for each in PATTERNS for path in home.glob(each))


setup(cmdclass={"build_py": BuildWithPresets})
