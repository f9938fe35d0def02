"""The page end to end, in a real browser; skips where there is none."""

import base64
import hashlib
import re
import socketserver
import threading

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan_translate.data import (
    read_image,
    resize_image,
    synthetic_faces,
    write_image,
)
from keras_gan_translate.export.artefacts import open_artefact
from keras_gan_translate.web import server as web
from tests.web.browser import BrowserError, chromium
from tests.web.conftest import (
    CAMERA,
    SIZE,
    allow_camera,
    open_page,
    pixels,
    psnr,
    save_photo,
    status,
    tiny,
    translate,
    wait_error,
    wait_translated,
)

if keras.backend.backend() != "tensorflow":
    pytest.skip("exports are written with TensorFlow", allow_module_level=True)


@pytest.fixture
def gpu_page(tmp_path, serve):
    """A browser whose GPU software imitates; slow only in compiling for it."""
    gpu = ("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader")
    with chromium(tmp_path / "profile", *gpu) as page:
        page.open(serve(tiny()).url)
        if not page.run(
            "navigator.gpu?.requestAdapter().then((found) => !!found)"
        ):
            pytest.skip("this Chromium has no WebGPU in software")
        yield page


def assert_translated(page, model):
    """The page shows what LiteRT makes of the photo here; returns it."""
    expected = open_artefact(model).translate(pixels(page, "before"))
    after = pixels(page, "after")
    assert np.abs(after.astype(int) - expected).max() <= 1
    return after


@pytest.fixture
def drawer(page, serve):
    """Function of a photo and a way: the square that the page makes of it."""
    server = serve(tiny())
    del server.files[f"/{web.MODEL}"]  # it is quicker without
    page.open(server.url)

    def draw(path, how="cover"):
        data = base64.b64encode(path.read_bytes()).decode()
        page.run(
            "import('./picture.js').then(async (module) => {"
            f"const bytes = Uint8Array.from(atob('{data}'), (c) => "
            "c.charCodeAt(0));"
            "const photo = await module.readPicture(new Blob([bytes]));"
            "module.drawSquare(before, photo, photo.width, photo.height, "
            f"{SIZE}, '{how}'); }})"
        )
        return pixels(page, "before")

    return draw


@pytest.mark.parametrize(
    "precision, dtype",
    [("float32", "uint8"), ("float32", "float32"), ("dynamic_int8", "uint8")],
)
def test_a_photo(page, serve, photo, precision, dtype):
    model = tiny(precision, dtype=dtype)
    open_page(page, serve(model).url)
    translate(page, photo)
    before, after = pixels(page, "before"), pixels(page, "after")
    assert psnr(before, resize_image(read_image(photo), SIZE, "cover")) > 30
    expected = open_artefact(model).translate(before)
    assert after.std() > 10 and psnr(after, before) < 20  # it did something
    if precision == "float32":
        assert np.abs(after.astype(int) - expected).max() <= 1
    else:  # int8 kernels differ by machine
        assert psnr(after, expected) > 40
    assert re.fullmatch(
        r"Translated in \d+\.\d\d seconds on this device, by its processor "
        r"\(WebAssembly, \d+ threads?\)\.",
        status(page),
    )


def test_the_camera(page, serve):
    open_page(page, serve(tiny()).url)
    page.run("document.getElementById('take').click()")
    page.wait("document.getElementById('camera').open && video.readyState > 1")
    page.run("document.getElementById('shutter').click()")
    wait_translated(page)
    assert not page.run("document.getElementById('camera').open")
    assert page.run("video.srcObject === null")  # and its light is out
    before = pixels(page, "before")
    green = before.mean((0, 1))  # the fake camera's colour
    assert green[1] > 100 and green[[0, 2]].max() < 60
    assert_translated(page, tiny())


def test_every_orientation(drawer, tmp_path):
    for orientation in range(1, 9):
        path = save_photo(tmp_path / "photo.jpg", orientation)
        expected = resize_image(read_image(path), SIZE, "cover")
        assert psnr(drawer(path), expected) > 30, orientation


@pytest.mark.parametrize("shape", [(40, 50), (600, 130), (64, 64)])
def test_squares_as_in_training(drawer, tmp_path, shape):
    face = resize_image(synthetic_faces(1, 200)[0][0], shape, "stretch")
    write_image(tmp_path / "face.png", face)
    for how in ("cover", "letterbox", "stretch"):
        drawn = drawer(tmp_path / "face.png", how)
        assert psnr(drawn, resize_image(face, SIZE, how)) > 25, how


def test_transparency_is_white(drawer, tmp_path):
    Image.new("RGBA", (200, 200), (255, 0, 0, 0)).save(tmp_path / "none.png")
    assert (drawer(tmp_path / "none.png") == 255).all()


def test_over_plain_http(tmp_path, serve, photo):
    """As a phone sees it: no secure context, so no live camera."""
    server = serve(tiny())
    address = "198.51.100.7"  # of no machine: RFC 5737
    with chromium(
        tmp_path, f"--host-resolver-rules=MAP {address} 127.0.0.1"
    ) as page:
        page.phone()
        open_page(page, f"http://{address}:{server.port}/")
        assert not page.run("isSecureContext")
        assert page.run("insecure.checkVisibility()")
        assert "over http" in page.run("document.body.innerText")
        page.call("Page.setInterceptFileChooserDialog", enabled=True)
        page.run("take.click()")
        page.answer_chooser(photo)
        assert page.run("shot.getAttribute('capture')") == "user"
        wait_translated(page)
        assert "(WebAssembly, 1 thread)" in status(page)
        assert_translated(page, tiny())


def test_webgpu_and_no_camera(gpu_page, serve, photo):
    page, model = gpu_page, tiny()
    allow_camera(page)
    open_page(page, serve(model).url)
    translate(page, photo)
    assert "graphics processor (WebGPU)" in status(page)
    after = assert_translated(page, model)

    page.run("take.click()")
    assert "No camera was found" in wait_error(page)

    # Phones take the GPU away from pages that nobody sees.
    page.run(
        "import('@litertjs/core').then("
        "({getWebGpuDevice}) => getWebGpuDevice().destroy())"
    )
    page.run("after.width = 0")
    translate(page, photo)
    assert "(WebAssembly" in status(page)
    assert np.abs(pixels(page, "after").astype(int) - after).max() <= 1


def test_a_gpu_that_computes_something_else(gpu_page, serve, photo):
    """As of int8: it takes the file, and makes noise of photos."""
    model = tiny("int8")
    open_page(gpu_page, serve(model).url)
    translate(gpu_page, photo)
    assert "(WebAssembly" in status(gpu_page)
    expected = open_artefact(model).translate(pixels(gpu_page, "before"))
    # int8 kernels differ by machine.
    assert psnr(pixels(gpu_page, "after"), expected) > 30


def test_a_gpu_that_fails_at_once(page, serve, photo):
    script = page.call(
        "Page.addScriptToEvaluateOnNewDocument",
        source="navigator.gpu.requestAdapter = async () => ({})",
    )
    try:
        open_page(page, serve(tiny()).url)
    finally:
        page.call("Page.removeScriptToEvaluateOnNewDocument", **script)
    translate(page, photo)
    assert "(WebAssembly" in status(page)


# What Chromium itself asks for, whatever page is open: its updates, the time.
CHROMIUMS_OWN = re.compile(rb"[/ .](googleapis|google|gvt1)\.com[:/]")


class Recorder(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline()
        if not CHROMIUMS_OWN.search(line):
            self.server.asked.append(line)


def test_nothing_leaves_this_machine(tmp_path, serve, photo):
    """All that is not local would go to a proxy, which hears of nothing."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Recorder) as proxy:
        proxy.asked = []
        threading.Thread(target=proxy.serve_forever).start()
        port = proxy.server_address[1]
        through = f"--proxy-server=http://127.0.0.1:{port}"
        try:
            with chromium(tmp_path, CAMERA, through) as page:
                allow_camera(page)
                server = serve(tiny())
                open_page(page, server.url)
                translate(page, photo)
                page.run("take.click()")
                page.wait("camera.open && video.readyState > 1")
                page.run("shutter.click()")
                page.wait("!camera.open")
                wait_translated(page)
                requests = page.requests.copy()
                asked = proxy.asked.copy()

                # The policy stops what would, and the proxy would have heard.
                with pytest.raises(BrowserError, match="Failed to fetch"):
                    page.run("fetch('http://198.51.100.7/')")
                assert "Content Security Policy" in " ".join(page.errors)
                assert proxy.asked == asked
                page.call("Page.navigate", url="http://198.51.100.7/")
                page.wait_for(lambda: proxy.asked != asked)
        finally:
            proxy.shutdown()
    assert asked == []
    local = (server.url, "data:,")
    assert [url for _, url in requests if not url.startswith(local)] == []
    assert {method for method, _ in requests} == {"GET"}
    assert f"{server.url}{web.MODEL}" in [url for _, url in requests]


@pytest.mark.parametrize("name", [web.PHOTOS, web.PAINT])
def test_the_policy_knows_the_import_map(name):
    text = (web.page_folder() / name).read_text(encoding="utf-8")
    (inside,) = re.findall(
        r'<script type="importmap">(.*?)</script>', text, re.DOTALL
    )
    digest = hashlib.sha256(inside.encode()).digest()
    assert f"'sha256-{base64.b64encode(digest).decode()}'" in text
