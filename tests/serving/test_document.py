"""The examples of docs/deployment.md, as they stand there."""

import os
import re
import shutil
import subprocess

import pytest
from PIL import Image

import keras_gan_translate as kgt
from keras_gan_translate.data import read_image
from tests.serving.process import ROOT, running_server
from tests.serving.traffic import are_equal

SHIPPED = ROOT / "saved_models" / "drawn_toon"


@pytest.fixture(scope="module")
def server():
    """Serves weights that come with the library, as they lie in a clone."""
    with running_server(SHIPPED / "ab" / "drawn-toon-ab", "toon") as server:
        yield server


def example(language, server):
    text = (ROOT / "docs" / "deployment.md").read_text()
    # The first of a language; later ones are of other sections.
    code = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)[1]
    for there, here in (
        ("localhost:8500", f"localhost:{server.grpc}"),
        ("localhost:8501", f"localhost:{server.rest}"),
    ):
        code = code.replace(there, here)
    return code


@pytest.fixture
def photo(tmp_path, photos, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(photos[0][0]).save("photo.jpg", exif=exif)
    return read_image("photo.jpg")


def assert_translated(photo):
    toon = kgt.load(SHIPPED).translate(photo)
    assert are_equal([read_image("toon.png")], [toon])


def test_rest(server, photo):
    if not shutil.which("curl"):
        pytest.skip("curl is absent")
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", example("bash", server)],
        check=True,
        timeout=60,
        env=os.environ | {"no_proxy": "*"},
    )
    assert_translated(photo)


def test_grpc(server, photo):
    exec(example("python", server), {})
    assert_translated(photo)
