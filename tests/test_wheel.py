"""The wheel installs, and works, outside the repository."""

import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

import pytest

import keras_gan_translate
from keras_gan_translate.web.server import PAGE

ROOT = pathlib.Path(__file__).parents[1]
# What the wheel is made of; a copy, because building leaves folders behind.
PARTS = ("keras_gan_translate", "examples/selfie_web", "pyproject.toml")
PARTS += ("saved_models",)
PARTS += ("setup.py", "README.md", "LICENSE")
# What is no Python of the package.
DATA = (
    "py.typed",
    "runs/page.html",
    "data/drawn/avatar_sheets/lorelei.webp",
    "data/drawn/avatar_sheets/lorelei.csv",
    "data/drawn/avatar_sheets/PROVENANCE.md",
    "saved_models/drawn_toon/config.json",
    "saved_models/drawn_toon/metadata.json",
    "saved_models/drawn_toon/generator_ba.keras",
    "saved_models/drawn_toon/README.md",
    "saved_models/ink_avatar/generator_ab.keras",
)


def pip(*arguments):
    subprocess.run(
        [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
        + [*map(str, arguments), "--no-deps", "--no-index"],
        check=True,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    for part in PARTS:
        source, target = ROOT / part, folder / "source" / part
        if source.is_dir():
            unwanted = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(source, target, ignore=unwanted)
        else:
            shutil.copy(source, target)
    pip("wheel", "--no-build-isolation", "-w", folder, folder / "source")
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel):
    folder = wheel.parent / "installed"
    # Not in place of the one that runs this test.
    pip("install", "--ignore-installed", "--prefix", folder, wheel)
    return folder


def run(folder, *command):
    """What a command says outside the repository, with what was installed."""
    (packages,) = folder.rglob("site-packages")
    result = subprocess.run(
        [sys.executable, *command],
        cwd=folder.parent,
        env=os.environ | {"PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_everything_is_in_it(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = pathlib.Path(keras_gan_translate.__file__).parent
    modules = {
        path.relative_to(ROOT).as_posix() for path in package.rglob("*.py")
    }
    assert modules <= names
    assert {f"keras_gan_translate/{name}" for name in DATA} <= names
    # Exports stay in the repository.
    assert not [name for name in names if name.endswith((".tflite", ".pb"))]
    for page in PAGE:
        place = f"data/share/keras-gan-translate/selfie_web/{page}"
        assert any(name.endswith(place) for name in names), page
    others = {name.partition("/")[0] for name in names}
    version = keras_gan_translate.__version__
    stem = f"keras_gan_translate-{version}"
    assert others == {
        "keras_gan_translate",
        f"{stem}.dist-info",
        f"{stem}.data",
    }


def test_its_commands_answer(installed):
    for command in ("kgt", "keras-gan-translate"):
        said = run(installed, installed / "bin" / command, "--help")
        assert said.startswith(f"Usage: {command} ")


def test_it_is_imported_and_has_its_files_outside_the_repository(installed):
    code = (
        "import keras_gan_translate as kgt\n"
        "from keras_gan_translate.web.server import page_folder\n"
        "print(kgt.__file__)\n"
        "print(len(kgt.list_models()))\n"
        "print(kgt.data.avatars('lorelei', 2)[0].shape)\n"
        "print(page_folder())\n"
        "print(kgt.UGATIT.presets['drawn_toon']['folder'])\n"
        "model = kgt.UGATIT.from_preset('drawn_toon')\n"
        "photo, _ = kgt.data.synthetic_faces(1, 64)\n"
        "print(model.translate(photo).shape)\n"
    )
    said = run(installed, "-c", code).splitlines()
    path, models, shape, page, preset, translated = said
    assert pathlib.Path(path).is_relative_to(installed)
    assert int(models) == len(keras_gan_translate.list_models())
    assert shape == "(2, 96, 96, 3)"
    assert pathlib.Path(page).is_relative_to(installed)
    assert pathlib.Path(preset).is_relative_to(installed)
    assert translated == "(1, 64, 64, 3)"
