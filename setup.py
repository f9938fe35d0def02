"""Kept thin: the metadata lives in pyproject.toml.

Here stands what that has no words for: the presets of saved_models/ become a
part of the package. An editable installation finds them where they are.
"""

from setuptools import find_namespace_packages, setup

PRESETS = "keras_gan_translate.saved_models"

setup(
    packages=[
        *find_namespace_packages(include=["keras_gan_translate*"]),
        PRESETS,
    ],
    package_dir={PRESETS: "saved_models"},
)
