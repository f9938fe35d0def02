"""The page, served and opened: with a photo in it, or the camera before it."""

import base64
import contextlib
import os
import threading

import numpy as np
import pytest
from PIL import Image

from keras_gan_translate.data import synthetic_faces
from keras_gan_translate.web import server as web
from tests.export.files import artefact
from tests.web.browser import chromium

SIZE = 64  # pixels that the models take
CAMERA = "--use-fake-device-for-media-stream"


@pytest.fixture(scope="session")
def litert():
    try:
        return web.find_litert(os.environ.get("KGT_LITERT_JS"))
    except ValueError as error:
        pytest.skip(str(error))


@pytest.fixture
def serve(litert):
    """Function of a .tflite file: serves the page with it; the server."""
    with contextlib.ExitStack() as stack:

        def start(model, **options):
            server = stack.enter_context(
                web.PageServer(model, litert, **options)
            )
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            server.url = f"http://127.0.0.1:{server.port}/"
            return server

        yield start


@pytest.fixture(scope="module")
def page(tmp_path_factory, litert):
    """A browser with a camera, as its one page."""
    with chromium(tmp_path_factory.mktemp("profile"), CAMERA) as page:
        allow_camera(page)
        yield page


@pytest.fixture
def photo(tmp_path):
    """A photo as phones take them: wide, and turned by its EXIF data."""
    return save_photo(tmp_path / "selfie.jpg", orientation=6)


def allow_camera(page, setting="granted"):
    page.call(
        "Browser.setPermission", permission={"name": "camera"}, setting=setting
    )


def open_page(page, url):
    """Opens the page and waits until its model is ready."""
    page.open(url)
    page.wait(
        "document.getElementById('status').textContent === 'Ready.'"
        " || document.getElementById('error').textContent"
    )
    # Over http browsers say that they pass over this header.
    page.errors = [e for e in page.errors if "Opener-Policy" not in e]
    assert error(page) == "" and page.errors == []


def translate(page, path):
    """Gives the page a photo and waits for its translation."""
    page.choose_file("#file", path)
    wait_translated(page)


def wait_translated(page):
    page.wait(
        "document.getElementById('stage').ariaBusy === 'false' && ("
        "!document.getElementById('after').hidden"
        " || document.getElementById('error').textContent)"
    )
    assert error(page) == "" and page.errors == []


def status(page):
    return page.run("document.getElementById('status').textContent")


def error(page):
    return page.run("document.getElementById('error').textContent")


def wait_error(page):
    """Waits for an error and returns it."""
    return page.wait("document.getElementById('error').textContent")


def pixels(page, name):
    """What a canvas of the page shows, as uint8 (H, W, 3)."""
    width, height, data = page.run(
        "import('./picture.js').then(({pixelsOf}) => {"
        f"const {{width, height, data}} = pixelsOf({name});"
        "return [width, height, btoa(Array.from(data, (value) => "
        "String.fromCharCode(value)).join(''))]; })"
    )
    values = np.frombuffer(base64.b64decode(data), "uint8")
    rgba = values.reshape(height, width, 4)
    assert (rgba[..., 3] == 255).all()
    return rgba[..., :3]


def psnr(one, other):
    square = np.mean((one.astype(float) - other) ** 2)
    return 10 * np.log10(255**2 / square) if square else np.inf


def tiny(precision="float32", **facts):
    """A U-GAT-IT of four filters, exported for the page."""
    facts = {"image_size": SIZE, "dtype": "float32"} | facts
    return artefact(f"tiny-{precision}.tflite", "ugatit", **facts)


def save_photo(path, orientation):
    face = np.pad(synthetic_faces(1, 300)[0][0], ((0, 0), (60, 140), (0, 0)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(face).save(path, quality=95, exif=exif)
    return path
